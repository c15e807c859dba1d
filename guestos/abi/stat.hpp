// stat(2) and getdents(2).
#pragma once

#include "abi/types.hpp"

ABI_BEGIN

struct stat {
    dev_t st_dev;
    mode_t st_mode;
    ino_t st_ino;
    nlink_t st_nlink;
    uid_t st_uid;
    gid_t st_gid;
    dev_t st_rdev;
    struct timespec st_atim;
    struct timespec st_mtim;
    struct timespec st_ctim;
    struct timespec st_birthtim;
    off_t st_size;
    blkcnt_t st_blocks; // units of 512 bytes
    blksize_t st_blksize;
    uint32_t st_flags;
    uint32_t st_gen;
    uint32_t st_spare[2];
};
ABI_SIZE(struct stat, 152);

enum {
    S_IFMT = 0170000,
    S_IFIFO = 0010000,
    S_IFCHR = 0020000,
    S_IFDIR = 0040000,
    S_IFBLK = 0060000,
    S_IFREG = 0100000,
    S_IFLNK = 0120000,
    S_IFSOCK = 0140000,
    S_ISUID = 0004000,
    S_ISGID = 0002000,
    S_ISVTX = 0001000,
    S_IRWXU = 0000700,
    S_IRUSR = 0000400,
    S_IWUSR = 0000200,
    S_IXUSR = 0000100,
    S_IRWXG = 0000070,
    S_IRGRP = 0000040,
    S_IWGRP = 0000020,
    S_IXGRP = 0000010,
    S_IRWXO = 0000007,
    S_IROTH = 0000004,
    S_IWOTH = 0000002,
    S_IXOTH = 0000001,
};

// Nanoseconds of utimensat(2) that are none: the present time; leave it as it is.
enum { UTIME_NOW = (1 << 30) - 1, UTIME_OMIT = (1 << 30) - 2 };

enum { MAXNAMLEN = 511 };

// What pathconf(2) can be asked. NetBSD: sys/sys/unistd.h
enum {
    PC_LINK_MAX = 1,
    PC_MAX_CANON = 2,
    PC_MAX_INPUT = 3,
    PC_NAME_MAX = 4,
    PC_PATH_MAX = 5,
    PC_PIPE_BUF = 6,
    PC_CHOWN_RESTRICTED = 7,
    PC_NO_TRUNC = 8,
    PC_VDISABLE = 9,
    PC_SYNC_IO = 10,
    PC_FILESIZEBITS = 11,
};

// One entry of a directory as getdents(2) returns it: d_reclen bytes, of which
// the name takes d_namlen and a NUL, rounded up to 8.
struct dirent {
    ino_t d_fileno;
    uint16_t d_reclen;
    uint16_t d_namlen;
    uint8_t d_type;
    char d_name[MAXNAMLEN + 1];
};
ABI_SIZE(struct dirent, 528);

enum {
    DT_UNKNOWN = 0,
    DT_FIFO = 1,
    DT_CHR = 2,
    DT_DIR = 4,
    DT_BLK = 6,
    DT_REG = 8,
    DT_LNK = 10,
    DT_SOCK = 12,
};

ABI_END
