/* Records of what processes do: ktrace(2). NetBSD: sys/sys/ktrace.h. */
#ifndef _SYS_KTRACE_H_
#define _SYS_KTRACE_H_

#include <sys/cdefs.h>
#include <sys/signal.h>
#include <sys/types.h>
#include <time.h>

#define KTROP_SET 0
#define KTROP_CLEAR 1
#define KTROP_CLEARFILE 2
#define KTROP(o) ((o)&3)
#define KTRFLAG_DESCEND 4

struct ktr_header {
    int ktr_len; /* bytes that follow */
    short ktr_type;
    short ktr_version;
    pid_t ktr_pid;
    char ktr_comm[17];
    struct timespec ktr_ts;
    lwpid_t ktr_lid;
};

#define KTR_SYSCALL 1
struct ktr_syscall {
    int ktr_code;
    int ktr_argsize;
    /* followed by ktr_argsize bytes of arguments */
};
#define KTR_SYSRET 2
struct ktr_sysret {
    short ktr_code;
    short ktr_eosys;
    int ktr_error;
    __int64_t ktr_retval;
    __int64_t ktr_retval_1;
};
#define KTR_PSIG 5
struct ktr_psig {
    int signo;
    void (*action)(int);
    sigset_t mask;
    int code;
    /* followed by a siginfo_t */
};
#define KTR_USER 8
#define KTR_USER_MAXIDLEN 20
#define KTR_USER_MAXLEN 2048
struct ktr_user {
    char ktr_id[KTR_USER_MAXIDLEN];
    /* followed by the data */
};

#define KTRFAC_MASK 0x00ffffff
#define KTRFAC_SYSCALL (1 << KTR_SYSCALL)
#define KTRFAC_SYSRET (1 << KTR_SYSRET)
#define KTRFAC_PSIG (1 << KTR_PSIG)
#define KTRFAC_USER (1 << KTR_USER)
#define KTRFAC_PERSISTENT 0x80000000
#define KTRFAC_INHERIT 0x40000000

__BEGIN_DECLS
int ktrace(const char *, int, int, pid_t);
int fktrace(int, int, int, pid_t);
int utrace(const char *, void *, size_t);
__END_DECLS

#endif
