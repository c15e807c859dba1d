/* ELF files, of 64 bits. NetBSD: elf(5) */
#ifndef _ELF_H_
#define _ELF_H_

#include <sys/exec_elf.h>

#endif
