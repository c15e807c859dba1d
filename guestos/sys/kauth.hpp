// Credentials, and who may do what: kauth(9). kern/kern_auth.cpp
#pragma once

#include "sys/queue.hpp"
#include "sys/types.hpp"

#include <atomic>

struct lwp;
struct proc;

inline constexpr unsigned NGROUPS = 16;

// Never changed while it has more than one reference.
struct kauth_cred {
    std::atomic<unsigned> cr_refcnt;
    uid_t cr_uid;   // real
    uid_t cr_euid;  // effective
    uid_t cr_svuid; // saved
    gid_t cr_gid;
    gid_t cr_egid;
    gid_t cr_svgid;
    unsigned cr_ngroups;
    gid_t cr_groups[NGROUPS];
};
using kauth_cred_t = kauth_cred*;

void kauth_init();
kauth_cred_t kauth_cred_alloc();                // all zero, one reference
void kauth_cred_hold(kauth_cred_t cred);
void kauth_cred_free(kauth_cred_t cred);
kauth_cred_t kauth_cred_dup(const kauth_cred* cred);
void kauth_proc_fork(proc* parent, proc* child);
bool kauth_cred_ismember_gid(const kauth_cred* cred, gid_t gid);
inline uid_t kauth_cred_getuid(const kauth_cred* cred) { return cred->cr_uid; }
inline uid_t kauth_cred_geteuid(const kauth_cred* cred) { return cred->cr_euid; }
inline gid_t kauth_cred_getgid(const kauth_cred* cred) { return cred->cr_gid; }
inline gid_t kauth_cred_getegid(const kauth_cred* cred) { return cred->cr_egid; }

enum kauth_action_t {
    // process scope; arg1 is the process concerned
    KAUTH_PROCESS_FORK,   // arg2: count of processes with the new one
    KAUTH_PROCESS_RLIMIT, // arg2: KAUTH_REQ_PROCESS_RLIMIT_*, arg3: which limit
    KAUTH_PROCESS_SIGNAL, // arg2: signal
    KAUTH_PROCESS_PTRACE,
    KAUTH_PROCESS_NICE,
    KAUTH_PROCESS_SCHEDULER_GETPARAM,
    KAUTH_PROCESS_SCHEDULER_SETPARAM, // arg2: does an LWP of it get more than it has?
    KAUTH_PROCESS_SCHEDULER_GETAFFINITY,
    KAUTH_PROCESS_SCHEDULER_SETAFFINITY,
    KAUTH_PROCESS_SETID,
    // system scope
    KAUTH_SYSTEM_CHROOT,
    KAUTH_SYSTEM_REBOOT,
    KAUTH_SYSTEM_SYSCTL,
    KAUTH_SYSTEM_TIME,
    KAUTH_SYSTEM_MKNOD,
};
enum { KAUTH_REQ_PROCESS_RLIMIT_BYPASS = 1, KAUTH_REQ_PROCESS_RLIMIT_SET = 2 };

enum kauth_result { KAUTH_RESULT_ALLOW, KAUTH_RESULT_DENY, KAUTH_RESULT_DEFER };

// A listener's opinion. One that denies wins over all; one that allows is
// needed. Listeners are static and never leave.
struct kauth_listener {
    TAILQ_ENTRY<kauth_listener> kl_list;
    kauth_result (*kl_func)(const kauth_cred* cred, kauth_action_t action, const proc* p, u64 arg2,
                            u64 arg3);
};
void kauth_listen(kauth_listener* listener);

// EOK or EPERM
[[nodiscard]] Errno kauth_authorize(const kauth_cred* cred, kauth_action_t action,
                                    const proc* p = nullptr, u64 arg2 = 0, u64 arg3 = 0);
