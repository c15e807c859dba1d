/* open(2), fcntl(2). NetBSD: sys/sys/fcntl.h. */
#ifndef _SYS_FCNTL_H_
#define _SYS_FCNTL_H_

#include <sys/cdefs.h>
#include <sys/stat.h>
#include <sys/types.h>

#define O_RDONLY 0x00000000
#define O_WRONLY 0x00000001
#define O_RDWR 0x00000002
#define O_ACCMODE 0x00000003
#define O_NONBLOCK 0x00000004
#define O_NDELAY O_NONBLOCK
#define O_APPEND 0x00000008
#define O_SHLOCK 0x00000010
#define O_EXLOCK 0x00000020
#define O_ASYNC 0x00000040
#define O_SYNC 0x00000080
#define O_NOFOLLOW 0x00000100
#define O_CREAT 0x00000200
#define O_TRUNC 0x00000400
#define O_EXCL 0x00000800
#define O_NOCTTY 0x00008000
#define O_DSYNC 0x00010000
#define O_RSYNC 0x00020000
#define O_DIRECT 0x00080000
#define O_DIRECTORY 0x00200000
#define O_CLOEXEC 0x00400000
#define O_SEARCH 0x00800000
#define O_NOSIGPIPE 0x01000000
#define O_REGULAR 0x02000000
#define O_EXEC 0x04000000
#define O_CLOFORK 0x08000000

#define F_DUPFD 0
#define F_GETFD 1
#define F_SETFD 2
#define F_GETFL 3
#define F_SETFL 4
#define F_GETOWN 5
#define F_SETOWN 6
#define F_GETLK 7
#define F_SETLK 8
#define F_SETLKW 9
#define F_CLOSEM 10
#define F_MAXFD 11
#define F_DUPFD_CLOEXEC 12
#define F_GETPATH 15
#define F_DUPFD_CLOFORK 18
#define F_DUPFD_CLOBOTH 19
#define FD_CLOEXEC 1
#define FD_CLOFORK 2

#define F_RDLCK 1
#define F_UNLCK 2
#define F_WRLCK 3
struct flock {
    off_t l_start;
    off_t l_len;
    pid_t l_pid;
    short l_type;
    short l_whence;
};

#define LOCK_SH 0x01
#define LOCK_EX 0x02
#define LOCK_NB 0x04
#define LOCK_UN 0x08

#define AT_FDCWD (-100)
#define AT_EACCESS 0x100
#define AT_SYMLINK_NOFOLLOW 0x200
#define AT_SYMLINK_FOLLOW 0x400
#define AT_REMOVEDIR 0x800

#ifndef SEEK_SET
#define SEEK_SET 0
#define SEEK_CUR 1
#define SEEK_END 2
#endif

__BEGIN_DECLS
int open(const char *, int, ...);
int openat(int, const char *, int, ...);
int creat(const char *, mode_t);
int fcntl(int, int, ...);
int flock(int, int);
__END_DECLS

#endif
