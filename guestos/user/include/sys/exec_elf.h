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

/* The notes of a core file: of the process, and with "@" and its number of an LWP; those
   have the numbers of PT_GETREGS and PT_GETFPREGS. */
#define ELF_NOTE_NETBSD_CORE_NAME "NetBSD-CORE"
#define ELF_NOTE_NETBSD_CORE_PROCINFO 1
#define ELF_NOTE_NETBSD_CORE_AUXV 2
#define NETBSD_ELFCORE_PROCINFO_VERSION 1

struct netbsd_elfcore_procinfo {
    uint32_t cpi_version;
    uint32_t cpi_cpisize;
    uint32_t cpi_signo;
    uint32_t cpi_sigcode;
    uint32_t cpi_sigpend[4];
    uint32_t cpi_sigmask[4];
    uint32_t cpi_sigignore[4];
    uint32_t cpi_sigcatch[4];
    int32_t cpi_pid;
    int32_t cpi_ppid;
    int32_t cpi_pgrp;
    int32_t cpi_sid;
    uint32_t cpi_ruid;
    uint32_t cpi_euid;
    uint32_t cpi_svuid;
    uint32_t cpi_rgid;
    uint32_t cpi_egid;
    uint32_t cpi_svgid;
    uint32_t cpi_nlwps;
    int8_t cpi_name[32];
    int32_t cpi_siglwp;
};

#endif
