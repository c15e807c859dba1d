// System calls on process ids, groups, sessions and users.
#include "machine/cpu.hpp"
#include "sys/kauth.hpp"
#include "sys/proc.hpp"
#include "sys/resourcevar.hpp"
#include "sys/sysent.hpp"
#include "sys/systm.hpp"

#include <initializer_list>

Errno sys_getpid(lwp* l, const syscall_args*, register_t* retval) {
    retval[0] = static_cast<register_t>(l->l_proc->p_pid);
    retval[1] = static_cast<register_t>(l->l_proc->p_ppid);
    return EOK;
}

Errno sys_getppid(lwp* l, const syscall_args*, register_t* retval) {
    retval[0] = static_cast<register_t>(l->l_proc->p_ppid);
    return EOK;
}

Errno sys_getuid(lwp* l, const syscall_args*, register_t* retval) {
    retval[0] = l->l_cred->cr_uid;
    retval[1] = l->l_cred->cr_euid;
    return EOK;
}

Errno sys_geteuid(lwp* l, const syscall_args*, register_t* retval) {
    retval[0] = l->l_cred->cr_euid;
    return EOK;
}

Errno sys_getgid(lwp* l, const syscall_args*, register_t* retval) {
    retval[0] = l->l_cred->cr_gid;
    retval[1] = l->l_cred->cr_egid;
    return EOK;
}

Errno sys_getegid(lwp* l, const syscall_args*, register_t* retval) {
    retval[0] = l->l_cred->cr_egid;
    return EOK;
}

Errno sys_issetugid(lwp* l, const syscall_args*, register_t* retval) {
    retval[0] = (l->l_proc->p_flag & PK_SUGID) != 0;
    return EOK;
}

// --- groups and sessions --------------------------------------------------------------

Errno sys_getpgrp(lwp* l, const syscall_args*, register_t* retval) {
    mutex_enter(&proc_lock);
    retval[0] = static_cast<register_t>(l->l_proc->p_pgrp->pg_id);
    mutex_exit(&proc_lock);
    return EOK;
}

namespace {

// What a process id, 0 for oneself, says of its group.
template <typename Get> Errno of_process(lwp* l, pid_t pid, register_t* retval, Get get) {
    Errno error = EOK;
    mutex_enter(&proc_lock);
    const proc* p = pid == 0 ? l->l_proc : proc_find(pid);
    if (p == nullptr) {
        error = ESRCH;
    } else {
        retval[0] = static_cast<register_t>(get(p->p_pgrp));
    }
    mutex_exit(&proc_lock);
    return error;
}

} // namespace

Errno sys_getpgid(lwp* l, const syscall_args* uap, register_t* retval) {
    return of_process(l, uap->integer<pid_t>(0), retval, [](const pgrp* pg) { return pg->pg_id; });
}

Errno sys_getsid(lwp* l, const syscall_args* uap, register_t* retval) {
    return of_process(l, uap->integer<pid_t>(0), retval,
                      [](const pgrp* pg) { return pg->pg_session->s_sid; });
}

Errno sys_setsid(lwp* l, const syscall_args*, register_t* retval) {
    proc* p = l->l_proc;
    const Errno error = proc_enterpgrp(p, p->p_pid, p->p_pid, true);
    retval[0] = static_cast<register_t>(p->p_pid);
    return error;
}

Errno sys_setpgid(lwp* l, const syscall_args* uap, register_t*) {
    proc* p = l->l_proc;
    auto pid = uap->integer<pid_t>(0);
    auto pgid = uap->integer<pid_t>(1);
    if (pgid < 0) {
        return EINVAL;
    }
    pid = pid == 0 ? p->p_pid : pid;
    pgid = pgid == 0 ? pid : pgid;
    return proc_enterpgrp(p, pid, pgid, false);
}

// --- users ----------------------------------------------------------------------------

namespace {

constexpr unsigned kUnchanged = ~0U;

// New ids; kUnchanged leaves one as it is.
struct new_ids {
    unsigned real, effective, saved;
};

void set_cred(lwp* l, kauth_cred* cred) {
    proc* p = l->l_proc;
    mutex_enter(p->p_lock);
    kauth_cred* old = p->p_cred;
    if (old->cr_uid != cred->cr_uid) {
        chgproccnt(old->cr_uid, -1);
        chgproccnt(cred->cr_uid, 1);
        chglwpcnt(old->cr_uid, -(p->p_nlwps - 1));
        chglwpcnt(cred->cr_uid, p->p_nlwps - 1);
    }
    p->p_cred = cred;
    p->p_flag |= PK_SUGID;
    mutex_exit(p->p_lock);
    kauth_cred_hold(cred);
    kauth_cred* old_lwp = l->l_cred;
    l->l_cred = cred;
    kauth_cred_free(old_lwp);
    kauth_cred_free(old);
}

// Root may take any id, others only those they have already.
Errno id_allowed(lwp* l, unsigned id, unsigned a, unsigned b, unsigned c) {
    if (id == kUnchanged || id == a || id == b || id == c) {
        return EOK;
    }
    return kauth_authorize(l->l_cred, KAUTH_PROCESS_SETID, l->l_proc);
}

Errno set_uids(lwp* l, const new_ids& ids) {
    const kauth_cred* c = l->l_cred;
    for (const unsigned id : {ids.real, ids.effective, ids.saved}) {
        const Errno error = id_allowed(l, id, c->cr_uid, c->cr_euid, c->cr_svuid);
        if (error != EOK) {
            return error;
        }
    }
    kauth_cred* cred = kauth_cred_dup(c);
    cred->cr_uid = ids.real != kUnchanged ? ids.real : c->cr_uid;
    cred->cr_euid = ids.effective != kUnchanged ? ids.effective : c->cr_euid;
    cred->cr_svuid = ids.saved != kUnchanged ? ids.saved : c->cr_svuid;
    set_cred(l, cred);
    return EOK;
}

Errno set_gids(lwp* l, const new_ids& ids) {
    const kauth_cred* c = l->l_cred;
    for (const unsigned id : {ids.real, ids.effective, ids.saved}) {
        const Errno error = id_allowed(l, id, c->cr_gid, c->cr_egid, c->cr_svgid);
        if (error != EOK) {
            return error;
        }
    }
    kauth_cred* cred = kauth_cred_dup(c);
    cred->cr_gid = ids.real != kUnchanged ? ids.real : c->cr_gid;
    cred->cr_egid = ids.effective != kUnchanged ? ids.effective : c->cr_egid;
    cred->cr_svgid = ids.saved != kUnchanged ? ids.saved : c->cr_svgid;
    set_cred(l, cred);
    return EOK;
}

} // namespace

Errno sys_setuid(lwp* l, const syscall_args* uap, register_t*) {
    const auto uid = uap->integer<uid_t>(0);
    if (uid == kUnchanged) {
        return EINVAL;
    }
    const bool root = l->l_cred->cr_euid == 0;
    return set_uids(l, root ? new_ids{uid, uid, uid} : new_ids{kUnchanged, uid, kUnchanged});
}

Errno sys_seteuid(lwp* l, const syscall_args* uap, register_t*) {
    return set_uids(l, {kUnchanged, uap->integer<uid_t>(0), kUnchanged});
}

Errno sys_setreuid(lwp* l, const syscall_args* uap, register_t*) {
    const auto real = uap->integer<uid_t>(0);
    const auto effective = uap->integer<uid_t>(1);
    const uid_t saved =
        real != kUnchanged || (effective != kUnchanged && effective != l->l_cred->cr_uid)
            ? (effective != kUnchanged ? effective : l->l_cred->cr_euid)
            : kUnchanged;
    return set_uids(l, {real, effective, saved});
}

Errno sys_setgid(lwp* l, const syscall_args* uap, register_t*) {
    const auto gid = uap->integer<gid_t>(0);
    if (gid == kUnchanged) {
        return EINVAL;
    }
    const bool root = l->l_cred->cr_euid == 0;
    return set_gids(l, root ? new_ids{gid, gid, gid} : new_ids{kUnchanged, gid, kUnchanged});
}

Errno sys_setegid(lwp* l, const syscall_args* uap, register_t*) {
    return set_gids(l, {kUnchanged, uap->integer<gid_t>(0), kUnchanged});
}

Errno sys_setregid(lwp* l, const syscall_args* uap, register_t*) {
    return set_gids(l, {uap->integer<gid_t>(0), uap->integer<gid_t>(1), kUnchanged});
}

Errno sys_getgroups(lwp* l, const syscall_args* uap, register_t* retval) {
    const unsigned have = l->l_cred->cr_ngroups;
    const auto room = uap->integer<unsigned>(0);
    retval[0] = have;
    if (room == 0) {
        return EOK;
    }
    if (room < have) {
        return EINVAL;
    }
    return copyout(l->l_cred->cr_groups, uap->pointer(1), have * sizeof(gid_t));
}

Errno sys_setgroups(lwp* l, const syscall_args* uap, register_t*) {
    const auto n = uap->integer<unsigned>(0);
    if (n > NGROUPS) {
        return EINVAL;
    }
    Errno error = kauth_authorize(l->l_cred, KAUTH_PROCESS_SETID, l->l_proc);
    if (error != EOK) {
        return error;
    }
    kauth_cred* cred = kauth_cred_dup(l->l_cred);
    error = copyin(uap->pointer(1), cred->cr_groups, n * sizeof(gid_t));
    if (error != EOK) {
        kauth_cred_free(cred);
        return error;
    }
    cred->cr_ngroups = n;
    set_cred(l, cred);
    return EOK;
}

Errno sys___getlogin(lwp* l, const syscall_args* uap, register_t*) {
    const session* ss = l->l_proc->p_pgrp->pg_session;
    const size_t len = min(static_cast<size_t>(uap->reg[1]), sizeof(ss->s_login));
    return copyout(ss->s_login, uap->pointer(0), len);
}

Errno sys___setlogin(lwp* l, const syscall_args* uap, register_t*) {
    session* ss = l->l_proc->p_pgrp->pg_session;
    if (l->l_cred->cr_euid != 0) {
        return EPERM;
    }
    char name[sizeof(ss->s_login)] = {};
    const Errno error = copyinstr(uap->pointer(0), name, sizeof(name), nullptr);
    if (error == EOK) {
        memcpy(ss->s_login, name, sizeof(name));
    }
    return error == ENAMETOOLONG ? EINVAL : error;
}
