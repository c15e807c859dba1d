/* What NetBSD adds to ELF: the auxiliary vector's records, and the notes of a core
   file. NetBSD: sys/sys/exec_elf.h. */
#ifndef _SYS_EXEC_ELF_H_
#define _SYS_EXEC_ELF_H_

#include <elf.h>
#include <sys/types.h>

typedef struct {
    Elf64_Word a_type;
    Elf64_Xword a_v;
} Aux64Info;
typedef Aux64Info AuxInfo;

/* picolibc has another system's numbers. */
#undef AT_EUID
#undef AT_EGID
#define AT_STACKBASE 13
#define AT_EUID 2000
#define AT_RUID 2001
#define AT_EGID 2002
#define AT_RGID 2003
#define AT_EXECNAME 2014

#endif
