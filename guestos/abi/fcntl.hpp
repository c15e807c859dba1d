// open(2), fcntl(2), lseek(2), access(2).
//
// NetBSD: sys/sys/fcntl.h. Close-on-fork came in July 2025, with revision 1.232 of
// kern_fork.c: O_CLOFORK follows O_EXEC (0x04000000), F_DUPFD_CLOFORK and
// F_DUPFD_CLOBOTH follow F_GETPATH (15) and the two commands for seals, FD_CLOFORK
// follows FD_CLOEXEC. Names and order are fcntl(2)'s (man.netbsd.org/fcntl.2) and the
// header's; FD_CLOFORK is 2 in what the tests of github.com/NetBSD/src/pull/53 print.
// No copy of the header so new was at hand: the other numbers follow from the order.
#pragma once

#include "abi/types.hpp"

ABI_BEGIN

enum {
    O_RDONLY = 0x00000000,
    O_WRONLY = 0x00000001,
    O_RDWR = 0x00000002,
    O_ACCMODE = 0x00000003,
    O_NONBLOCK = 0x00000004,
    O_APPEND = 0x00000008,
    O_SHLOCK = 0x00000010,
    O_EXLOCK = 0x00000020,
    O_ASYNC = 0x00000040,
    O_SYNC = 0x00000080,
    O_NOFOLLOW = 0x00000100,
    O_CREAT = 0x00000200,
    O_TRUNC = 0x00000400,
    O_EXCL = 0x00000800,
    O_NOCTTY = 0x00008000,
    O_DIRECTORY = 0x00200000,
    O_CLOEXEC = 0x00400000,
    O_SEARCH = 0x00800000,
    O_NOSIGPIPE = 0x01000000,
    O_REGULAR = 0x02000000,
    O_EXEC = 0x04000000,
    O_CLOFORK = 0x08000000,
};

enum {
    F_DUPFD = 0,
    F_GETFD = 1,
    F_SETFD = 2,
    F_GETFL = 3,
    F_SETFL = 4,
    F_GETOWN = 5,
    F_SETOWN = 6,
    F_GETLK = 7,
    F_SETLK = 8,
    F_SETLKW = 9,
    F_CLOSEM = 10,
    F_MAXFD = 11,
    F_DUPFD_CLOEXEC = 12,
    F_GETNOSIGPIPE = 13,
    F_SETNOSIGPIPE = 14,
    F_GETPATH = 15,
    F_DUPFD_CLOFORK = 18,
    F_DUPFD_CLOBOTH = 19,
};

enum {
    FD_CLOEXEC = 1,
    FD_CLOFORK = 2,
};

// A range of a file and its lock: F_GETLK, F_SETLK, F_SETLKW.
enum { F_RDLCK = 1, F_UNLCK = 2, F_WRLCK = 3 };

struct flock {
    int64_t l_start; // from where l_whence says
    int64_t l_len;   // 0: to the end, wherever that is
    int32_t l_pid;   // F_GETLK: who has it; -1: a lock of flock(2)
    int16_t l_type;
    int16_t l_whence;
};

// flock(2)
enum { LOCK_SH = 1, LOCK_EX = 2, LOCK_NB = 4, LOCK_UN = 8 };

enum {
    AT_FDCWD = -100,
    AT_EACCESS = 0x100,
    AT_SYMLINK_NOFOLLOW = 0x200,
    AT_SYMLINK_FOLLOW = 0x400,
    AT_REMOVEDIR = 0x800,
};

enum { SEEK_SET = 0, SEEK_CUR = 1, SEEK_END = 2 };

enum { F_OK = 0, X_OK = 1, W_OK = 2, R_OK = 4 };

ABI_END
