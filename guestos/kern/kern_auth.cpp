// Credentials, and who may do what: kauth(9).
#include "sys/kauth.hpp"

#include "machine/cpu.hpp"
#include "sys/pool.hpp"
#include "sys/proc.hpp"
#include "sys/systm.hpp"

namespace {

pool cred_pool;
TAILQ_HEAD<kauth_listener, &kauth_listener::kl_list> listeners; // never shrinks

// The superuser may do everything.
kauth_result suser_listener(const kauth_cred* cred, kauth_action_t, const proc*, u64, u64) {
    return cred->cr_euid == 0 ? KAUTH_RESULT_ALLOW : KAUTH_RESULT_DEFER;
}

// Anybody may fork, but the last slots are root's.
kauth_result fork_listener(const kauth_cred* cred, kauth_action_t action, const proc*, u64 count,
                           u64) {
    constexpr u64 kSlotsForRoot = 5;
    if (action != KAUTH_PROCESS_FORK) {
        return KAUTH_RESULT_DEFER;
    }
    if (count < static_cast<u64>(maxproc) - kSlotsForRoot) {
        return KAUTH_RESULT_ALLOW;
    }
    return cred->cr_uid == 0 ? KAUTH_RESULT_ALLOW : KAUTH_RESULT_DEFER;
}

// Processes of the same user may be signalled, traced and slowed down.
kauth_result process_listener(const kauth_cred* cred, kauth_action_t action, const proc* p,
                              u64 arg2, u64) {
    if (p == nullptr) {
        return KAUTH_RESULT_DEFER;
    }
    const kauth_cred* theirs = p->p_cred;
    const bool same = cred->cr_uid == theirs->cr_uid || cred->cr_euid == theirs->cr_uid ||
                      cred->cr_uid == theirs->cr_svuid || cred->cr_euid == theirs->cr_svuid;
    switch (action) {
    case KAUTH_PROCESS_SIGNAL: {
        const bool session = curlwp->l_proc->p_pgrp->pg_session == p->p_pgrp->pg_session;
        return same || (arg2 == SIGCONT && session) ? KAUTH_RESULT_ALLOW : KAUTH_RESULT_DEFER;
    }
    case KAUTH_PROCESS_SCHEDULER_GETAFFINITY:
        return KAUTH_RESULT_ALLOW;
    case KAUTH_PROCESS_SCHEDULER_SETPARAM:
        return same && arg2 == 0 ? KAUTH_RESULT_ALLOW : KAUTH_RESULT_DEFER;
    case KAUTH_PROCESS_NICE:
    case KAUTH_PROCESS_PTRACE:
    case KAUTH_PROCESS_SCHEDULER_GETPARAM:
        return same ? KAUTH_RESULT_ALLOW : KAUTH_RESULT_DEFER;
    default:
        return KAUTH_RESULT_DEFER;
    }
}

kauth_listener suser{{}, suser_listener};
kauth_listener forks{{}, fork_listener};
kauth_listener processes{{}, process_listener};

} // namespace

void kauth_init() {
    pool_init(&cred_pool, sizeof(kauth_cred), 0, "cred", IPL_NONE);
    listeners.init();
    kauth_listen(&suser);
    kauth_listen(&forks);
    kauth_listen(&processes);
}

void kauth_listen(kauth_listener* listener) {
    listeners.insert_tail(listener);
}

Errno kauth_authorize(const kauth_cred* cred, kauth_action_t action, const proc* p, u64 arg2,
                      u64 arg3) {
    bool allowed = false;
    for (const kauth_listener& listener : listeners) {
        switch (listener.kl_func(cred, action, p, arg2, arg3)) {
        case KAUTH_RESULT_DENY:
            return EPERM;
        case KAUTH_RESULT_ALLOW:
            allowed = true;
            break;
        case KAUTH_RESULT_DEFER:
            break;
        }
    }
    return allowed ? EOK : EPERM;
}

// --- credentials ----------------------------------------------------------------------

kauth_cred_t kauth_cred_alloc() {
    auto* cred = pool_get<kauth_cred>(&cred_pool, PR_WAITOK | PR_ZERO);
    cred->cr_refcnt.store(1);
    return cred;
}

void kauth_cred_hold(kauth_cred_t cred) {
    cred->cr_refcnt.fetch_add(1);
}

void kauth_cred_free(kauth_cred_t cred) {
    if (cred->cr_refcnt.fetch_sub(1) == 1) {
        pool_put(&cred_pool, cred);
    }
}

kauth_cred_t kauth_cred_dup(const kauth_cred* cred) {
    kauth_cred* copy = kauth_cred_alloc();
    copy->cr_uid = cred->cr_uid;
    copy->cr_euid = cred->cr_euid;
    copy->cr_svuid = cred->cr_svuid;
    copy->cr_gid = cred->cr_gid;
    copy->cr_egid = cred->cr_egid;
    copy->cr_svgid = cred->cr_svgid;
    copy->cr_ngroups = cred->cr_ngroups;
    memcpy(copy->cr_groups, cred->cr_groups, sizeof(copy->cr_groups));
    return copy;
}

void kauth_proc_fork(proc* parent, proc* child) {
    mutex_enter(parent->p_lock);
    kauth_cred_hold(parent->p_cred);
    child->p_cred = parent->p_cred;
    mutex_exit(parent->p_lock);
}

bool kauth_cred_ismember_gid(const kauth_cred* cred, gid_t gid) {
    if (cred->cr_egid == gid) {
        return true;
    }
    for (unsigned i = 0; i < cred->cr_ngroups; i++) {
        if (cred->cr_groups[i] == gid) {
            return true;
        }
    }
    return false;
}
