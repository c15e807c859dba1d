/* System calls and what is closest to them. NetBSD: include/unistd.h. */
#ifndef _UNISTD_H_
#define _UNISTD_H_

#include <stddef.h>
#include <sys/cdefs.h>
#include <sys/select.h>
#include <sys/types.h>

#define STDIN_FILENO 0
#define STDOUT_FILENO 1
#define STDERR_FILENO 2

#define F_OK 0
#define X_OK 1
#define W_OK 2
#define R_OK 4

#ifndef SEEK_SET
#define SEEK_SET 0
#define SEEK_CUR 1
#define SEEK_END 2
#endif

#define _SC_ARG_MAX 1
#define _SC_CHILD_MAX 2
#define _SC_NGROUPS_MAX 4
#define _SC_OPEN_MAX 5
#define _SC_PAGESIZE 28
#define _SC_PAGE_SIZE _SC_PAGESIZE
#define _SC_LINE_MAX 15
#define _SC_IOV_MAX 32
#define _SC_LOGIN_NAME_MAX 37
#define _SC_MONOTONIC_CLOCK 38
#define _SC_CLK_TCK 39
#define _SC_TTY_NAME_MAX 68
#define _SC_HOST_NAME_MAX 69
#define _SC_NPROCESSORS_CONF 1001
#define _SC_NPROCESSORS_ONLN 1002
#define _SC_SCHED_RT_TS 2001 /* milliseconds */
#define _SC_SCHED_PRI_MIN 2002
#define _SC_SCHED_PRI_MAX 2003

/* lockf(3) */
#define F_ULOCK 0
#define F_LOCK 1
#define F_TLOCK 2
#define F_TEST 3

#define _PC_LINK_MAX 1
#define _PC_MAX_CANON 2
#define _PC_MAX_INPUT 3
#define _PC_NAME_MAX 4
#define _PC_PATH_MAX 5
#define _PC_PIPE_BUF 6
#define _PC_CHOWN_RESTRICTED 7
#define _PC_NO_TRUNC 8
#define _PC_VDISABLE 9
#define _PC_SYNC_IO 10
#define _PC_FILESIZEBITS 11

__BEGIN_DECLS
extern char **environ;

void _exit(int) __attribute__((__noreturn__));
pid_t fork(void);
pid_t vfork(void) __attribute__((__returns_twice__));
int execl(const char *, const char *, ...) __attribute__((__sentinel__));
int execle(const char *, const char *, ...);
int execlp(const char *, const char *, ...) __attribute__((__sentinel__));
int execv(const char *, char *const *);
int execve(const char *, char *const *, char *const *);
int fexecve(int, char *const *, char *const *);
int execvp(const char *, char *const *);
int execvpe(const char *, char *const *, char *const *);

pid_t getpid(void);
pid_t getppid(void);
pid_t getpgrp(void);
pid_t getpgid(pid_t);
pid_t getsid(pid_t);
pid_t setsid(void);
int setpgid(pid_t, pid_t);
pid_t tcgetpgrp(int);
int tcsetpgrp(int, pid_t);
uid_t getuid(void);
uid_t geteuid(void);
gid_t getgid(void);
gid_t getegid(void);
int setuid(uid_t);
int seteuid(uid_t);
int setgid(gid_t);
int setegid(gid_t);
int setreuid(uid_t, uid_t);
int setregid(gid_t, gid_t);
int getgroups(int, gid_t *);
int setgroups(int, const gid_t *);
int issetugid(void);
int setpgrp(pid_t, pid_t);
char *getlogin(void);
int getlogin_r(char *, size_t);
int setlogin(const char *);
int nice(int);

ssize_t read(int, void *, size_t);
ssize_t write(int, const void *, size_t);
ssize_t pread(int, void *, size_t, off_t);
ssize_t pwrite(int, const void *, size_t, off_t);
int close(int);
off_t lseek(int, off_t, int);
int dup(int);
int dup2(int, int);
int dup3(int, int, int);
int pipe(int *);
int pipe2(int *, int);
int closefrom(int);
int getdtablesize(void);
int isatty(int);
char *ttyname(int);
int ttyname_r(int, char *, size_t);
int lockf(int, int, off_t);
int fsync(int);
int fdatasync(int);
void sync(void);

int access(const char *, int);
int chdir(const char *);
int fchdir(int);
int chroot(const char *);
int fchroot(int);
int chown(const char *, uid_t, gid_t);
int fchown(int, uid_t, gid_t);
int lchown(const char *, uid_t, gid_t);
int fchownat(int, const char *, uid_t, gid_t, int);
char *getcwd(char *, size_t);
int link(const char *, const char *);
int symlink(const char *, const char *);
ssize_t readlink(const char *__restrict, char *__restrict, size_t);
int unlink(const char *);
int rmdir(const char *);
int faccessat(int, const char *, int, int);
int linkat(int, const char *, int, const char *, int);
int unlinkat(int, const char *, int);
int renameat(int, const char *, int, const char *);
int symlinkat(const char *, int, const char *);
ssize_t readlinkat(int, const char *, char *, size_t);
long pathconf(const char *, int);
long fpathconf(int, int);
int truncate(const char *, off_t);
int profil(char *, size_t, unsigned long, unsigned int);
int ftruncate(int, off_t);

unsigned int alarm(unsigned int);
useconds_t ualarm(useconds_t, useconds_t);
int pause(void);
unsigned int sleep(unsigned int);
int usleep(useconds_t);

int brk(void *);
void *sbrk(intptr_t);
long sysconf(int);
int getpagesize(void);
int gethostname(char *, size_t);

int getopt(int, char *const *, const char *);
extern char *optarg;
extern int optind, opterr, optopt;
void swab(const void *__restrict, void *__restrict, ssize_t);
long syscall(int, ...);
long __syscall(long, ...);
__END_DECLS

#endif
