/* What getdents(2) returns. NetBSD: sys/sys/dirent.h. */
#ifndef _SYS_DIRENT_H_
#define _SYS_DIRENT_H_

#include <sys/types.h>

#define MAXNAMLEN 511

struct dirent {
    ino_t d_fileno;
    __uint16_t d_reclen; /* bytes to the next entry, a multiple of 8 */
    __uint16_t d_namlen;
    __uint8_t d_type;
    char d_name[MAXNAMLEN + 1];
};
#define d_ino d_fileno

#define DT_UNKNOWN 0
#define DT_FIFO 1
#define DT_CHR 2
#define DT_DIR 4
#define DT_BLK 6
#define DT_REG 8
#define DT_LNK 10
#define DT_SOCK 12
#define DT_WHT 14
#define IFTODT(mode) (((mode)&0170000) >> 12)
#define DTTOIF(type) ((type) << 12)

#endif
