/* ELF files of 64 bits, the auxiliary vector, and the notes of a core file. NetBSD:
   sys/sys/exec_elf.h; System V Application Binary Interface, chapters 4 and 5. */
#ifndef _SYS_EXEC_ELF_H_
#define _SYS_EXEC_ELF_H_

#include <stdint.h>
#include <sys/types.h>

typedef uint64_t Elf64_Addr, Elf64_Off, Elf64_Xword;
typedef uint32_t Elf64_Word;
typedef uint16_t Elf64_Half;
typedef int64_t Elf64_Sxword;
typedef int32_t Elf64_Sword;

#define EI_NIDENT 16
typedef struct {
    unsigned char e_ident[EI_NIDENT];
    Elf64_Half e_type;
    Elf64_Half e_machine;
    Elf64_Word e_version;
    Elf64_Addr e_entry;
    Elf64_Off e_phoff;
    Elf64_Off e_shoff;
    Elf64_Word e_flags;
    Elf64_Half e_ehsize;
    Elf64_Half e_phentsize;
    Elf64_Half e_phnum;
    Elf64_Half e_shentsize;
    Elf64_Half e_shnum;
    Elf64_Half e_shstrndx;
} Elf64_Ehdr;

#define EI_CLASS 4
#define EI_DATA 5
#define EI_VERSION 6
#define EI_OSABI 7
#define ELFMAG "\177ELF"
#define SELFMAG 4
#define ELFCLASS32 1
#define ELFCLASS64 2
#define ELFDATA2LSB 1
#define ELFDATA2MSB 2
#define EV_CURRENT 1
#define ET_NONE 0
#define ET_REL 1
#define ET_EXEC 2
#define ET_DYN 3
#define ET_CORE 4
#define EM_AARCH64 183

typedef struct {
    Elf64_Word p_type;
    Elf64_Word p_flags;
    Elf64_Off p_offset;
    Elf64_Addr p_vaddr;
    Elf64_Addr p_paddr;
    Elf64_Xword p_filesz;
    Elf64_Xword p_memsz;
    Elf64_Xword p_align;
} Elf64_Phdr;

#define PT_NULL 0
#define PT_LOAD 1
#define PT_DYNAMIC 2
#define PT_INTERP 3
#define PT_NOTE 4
#define PT_PHDR 6
#define PF_X 1
#define PF_W 2
#define PF_R 4

typedef struct {
    Elf64_Word sh_name;
    Elf64_Word sh_type;
    Elf64_Xword sh_flags;
    Elf64_Addr sh_addr;
    Elf64_Off sh_offset;
    Elf64_Xword sh_size;
    Elf64_Word sh_link;
    Elf64_Word sh_info;
    Elf64_Xword sh_addralign;
    Elf64_Xword sh_entsize;
} Elf64_Shdr;

typedef struct {
    Elf64_Word st_name;
    unsigned char st_info;
    unsigned char st_other;
    Elf64_Half st_shndx;
    Elf64_Addr st_value;
    Elf64_Xword st_size;
} Elf64_Sym;

typedef struct {
    Elf64_Word n_namesz;
    Elf64_Word n_descsz;
    Elf64_Word n_type;
} Elf64_Nhdr;

typedef struct {
    Elf64_Word a_type;
    Elf64_Xword a_v;
} Aux64Info;
typedef Aux64Info AuxInfo;

#define AT_NULL 0
#define AT_IGNORE 1
#define AT_EXECFD 2
#define AT_PHDR 3
#define AT_PHENT 4
#define AT_PHNUM 5
#define AT_PAGESZ 6
#define AT_BASE 7
#define AT_FLAGS 8
#define AT_ENTRY 9
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
