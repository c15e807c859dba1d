// Waiting for processes, and freeing what is left of them: wait4(2), wait6(2).
#include "machine/cpu.hpp"
#include "sys/kauth.hpp"
#include "sys/kmem.hpp"
#include "sys/leakcheck.hpp"
#include "sys/proc.hpp"
#include "sys/resourcevar.hpp"
#include "sys/sched.hpp"
#include "sys/sdt.hpp"
#include "sys/sysent.hpp"
#include "sys/systm.hpp"
#include "sys/wait.hpp"

#include <initializer_list>

// --- wait -----------------------------------------------------------------------------

namespace {

// What wait4 and wait6 ask for. wait(2)
struct wait_request {
    int idtype; // abi::P_*
    id_t id;
    int options;

    [[nodiscard]] bool has(int option) const { return (options & option) != 0; }
};

// Is this a process that the caller asks for?
bool wait_names(const proc* child, const wait_request& r) {
    switch (r.idtype) {
    case abi::P_ALL:
        return true;
    case abi::P_PID:
        return child->p_pid == static_cast<pid_t>(r.id);
    case abi::P_PGID:
        return child->p_pgrp->pg_id == static_cast<pid_t>(r.id);
    case abi::P_SID:
        return child->p_pgrp->pg_session->s_sid == static_cast<pid_t>(r.id);
    case abi::P_UID:
        return child->p_cred->cr_euid == r.id;
    case abi::P_GID:
        return child->p_cred->cr_egid == r.id;
    default:
        return false;
    }
}

// Children whose exit signal is not SIGCHLD are other wait's business.
bool wait_selects(const proc* child, const wait_request& r) {
    if (!wait_names(child, r)) {
        return false;
    }
    return r.has(abi::WALLSIG) || r.has(abi::WALTSIG) == (proc_exitsig(child) != SIGCHLD);
}

// Is there something about this child to report?
bool wait_news(const proc* child, const wait_request& r) {
    if (child->p_stat == SZOMB) {
        return r.has(abi::WEXITED | abi::WTRAPPED) && !r.has(abi::WNOZOMBIE);
    }
    if ((child->p_sflag & PS_CONTINUED) != 0 && r.has(abi::WCONTINUED)) {
        return true;
    }
    if (child->p_stat != SSTOP || child->p_waited != 0) {
        return false;
    }
    const bool traced = (child->p_slflag & PSL_TRACED) != 0;
    return r.has(abi::WUNTRACED) || (traced && r.has(abi::WTRAPPED));
}

// Is a child of the caller's in a tracer's hands? It comes back in the end.
// => proc_lock held
bool debugged_child_exists(const proc* parent, const wait_request& r) {
    for (const proclist* list : {&allproc, &zombproc}) {
        for (const proc& p : *list) {
            if (p.p_oppid == parent->p_pid && p.p_pptr != parent && p.p_pgrp != nullptr &&
                (p.p_slflag & PSL_TRACED) != 0 && wait_names(&p, r)) {
                return true;
            }
        }
    }
    return false;
}

// A child of the kind asked for that has news; else whether there is one at all
// that could get any.
// => proc_lock held
proc* find_stopped_child(proc* parent, const wait_request& r, Errno* error) {
    *error = ECHILD;
    for (proc& child : parent->p_children) {
        if (!wait_selects(&child, r)) {
            continue;
        }
        *error = EOK;
        if (wait_news(&child, r)) {
            return &child;
        }
    }
    if (*error == ECHILD && debugged_child_exists(parent, r)) {
        *error = EOK;
    }
    return nullptr;
}

// Waits for such a child.
// => proc_lock held; *child null: no news, and WNOHANG
Errno wait_for_child(proc* self, const wait_request& r, proc** child) {
    for (;;) {
        Errno error = EOK;
        *child = find_stopped_child(self, r, &error);
        if (*child != nullptr || error != EOK || r.has(abi::WNOHANG)) {
            return error;
        }
        error = cv_wait_sig(&self->p_waitcv, &proc_lock);
        if (error != EOK) {
            return error;
        }
    }
}

// What a living or dead child has used. => proc_lock held
void wait_usage(proc* child, abi::wrusage* wru) {
    mutex_enter(child->p_lock);
    proc_usage(child, &wru->wru_self);
    wru->wru_children = child->p_stats->p_cru;
    mutex_exit(child->p_lock);
}

void wait_siginfo(const proc* child, int code, int status, const abi::wrusage& wru,
                  abi::ksiginfo_abi* si) {
    *si = {};
    si->signo = SIGCHLD;
    si->code = code;
    si->reason.child.pid = child->p_pid;
    si->reason.child.uid = child->p_cred->cr_euid;
    si->reason.child.status = status;
    si->reason.child.utime = static_cast<i32>(wru.wru_self.ru_utime.tv_sec);
    si->reason.child.stime = static_cast<i32>(wru.wru_self.ru_stime.tv_sec);
}

// The status of a child that lives, stopped or gone on. => proc_lock held
int wait_living(proc* self, proc* child, const wait_request& r, const abi::wrusage& wru,
                abi::ksiginfo_abi* si) {
    if ((child->p_sflag & PS_CONTINUED) != 0 && r.has(abi::WCONTINUED)) {
        wait_siginfo(child, abi::CLD_CONTINUED, SIGCONT, wru, si);
        if (!r.has(abi::WNOWAIT)) {
            child->p_sflag &= ~PS_CONTINUED;
        }
        return abi::WSTATUS_CONTINUED;
    }
    const bool traced = (child->p_slflag & PSL_TRACED) != 0;
    wait_siginfo(child, traced ? abi::CLD_TRAPPED : abi::CLD_STOPPED, child->p_xsig, wru, si);
    if (!r.has(abi::WNOWAIT)) {
        child->p_waited = 1;
        self->p_nstopchild--;
    }
    return W_STOPCODE(child->p_xsig);
}

// Waits for a child and reaps it if it has ended.
//
// => *pid: the child, 0 if there was no news (WNOHANG)
// => ECHILD: no such child
Errno wait_and_reap(const wait_request& r, int* pid, int* status, abi::wrusage* wru,
                    abi::ksiginfo_abi* si) {
    proc* self = curlwp->l_proc;
    proc* child = nullptr;
    *pid = 0;
    mutex_enter(&proc_lock);
    const Errno error = wait_for_child(self, r, &child);
    if (child == nullptr) {
        mutex_exit(&proc_lock);
        return error;
    }
    *pid = child->p_pid;
    wait_usage(child, wru);
    if (child->p_stat != SZOMB) {
        *status = wait_living(self, child, r, *wru, si);
        mutex_exit(&proc_lock);
        return EOK;
    }
    *status = proc_wait_status(child);
    wait_siginfo(child, proc_dead_code(child), child->p_xsig != 0 ? child->p_xsig : child->p_xexit,
                 *wru, si);
    if (r.has(abi::WNOWAIT)) {
        mutex_exit(&proc_lock);
    } else {
        sdt_probe(abi::ProbeId::ProcReap, child->p_pid, self->p_pid);
        proc_free(child, wru); // releases proc_lock
    }
    return EOK;
}

// wait4's pid as wait6 says it.
wait_request wait4_request(int pid, int options) {
    if (pid == abi::WAIT_ANY) {
        return {abi::P_ALL, 0, options};
    }
    if (pid > 0) {
        return {abi::P_PID, static_cast<id_t>(pid), options};
    }
    const pid_t group = pid == abi::WAIT_MYPGRP ? curlwp->l_proc->p_pgrp->pg_id : -pid;
    return {abi::P_PGID, static_cast<id_t>(group), options};
}

constexpr int kWaitOptions = abi::WNOHANG | abi::WUNTRACED | abi::WALTSIG | abi::WALLSIG |
                             abi::WNOWAIT | abi::WNOZOMBIE | abi::WCONTINUED | abi::WEXITED |
                             abi::WTRAPPED;

} // namespace

// => *pid: wait4's in, the child's out
Errno do_sys_waitid(int* pid, int* status, int options, abi::wrusage* wru) {
    abi::ksiginfo_abi si;
    return wait_and_reap(wait4_request(*pid, options), pid, status, wru, &si);
}

// pid, status, options, rusage
Errno sys___wait450(lwp*, const syscall_args* uap, register_t* retval) {
    const int options = uap->integer<int>(2);
    if ((options & ~kWaitOptions) != 0) {
        return EINVAL;
    }
    int pid = uap->integer<int>(0);
    int status = 0;
    abi::wrusage wru;
    Errno error = do_sys_waitid(&pid, &status, options | abi::WEXITED | abi::WTRAPPED, &wru);
    if (error != EOK) {
        return error;
    }
    retval[0] = static_cast<register_t>(pid);
    if (pid == 0) {
        return EOK;
    }
    if (uap->pointer(3) != nullptr) {
        error = copyout(wru.wru_self, uap->pointer(3));
    }
    if (error == EOK && uap->pointer(1) != nullptr) {
        error = copyout(status, uap->pointer(1));
    }
    return error;
}

// idtype, id, status, options, wrusage, siginfo
Errno sys_wait6(lwp* l, const syscall_args* uap, register_t* retval) {
    wait_request r{uap->integer<int>(0), uap->integer<id_t>(1), uap->integer<int>(3)};
    const bool known = r.idtype == abi::P_ALL || r.idtype == abi::P_PID ||
                       r.idtype == abi::P_PGID || r.idtype == abi::P_SID ||
                       r.idtype == abi::P_UID || r.idtype == abi::P_GID;
    constexpr int kinds = abi::WEXITED | abi::WUNTRACED | abi::WCONTINUED | abi::WTRAPPED;
    if (!known || (r.options & ~kWaitOptions) != 0 || !r.has(kinds)) {
        return EINVAL;
    }
    if (r.idtype == abi::P_PGID && static_cast<pid_t>(r.id) == abi::WAIT_MYPGRP) {
        r.id = static_cast<id_t>(l->l_proc->p_pgrp->pg_id);
    }
    int pid = 0;
    int status = 0;
    abi::wrusage wru{};
    abi::siginfo_t info{};
    Errno error = wait_and_reap(r, &pid, &status, &wru, &info.info);
    if (error != EOK) {
        return error;
    }
    retval[0] = static_cast<register_t>(pid);
    if (pid != 0 && uap->pointer(2) != nullptr) {
        error = copyout(status, uap->pointer(2));
    }
    if (error == EOK && pid != 0 && uap->pointer(4) != nullptr) {
        error = copyout(wru, uap->pointer(4));
    }
    if (error == EOK && uap->pointer(5) != nullptr) {
        error = copyout(info, uap->pointer(5)); // zeros if there was no news
    }
    return error;
}

// --- reaping --------------------------------------------------------------------------

namespace {

// The dead child's times become its parent's children's times.
void reap_usage(proc* parent, proc* p) {
    mutex_enter(parent->p_lock);
    ruadd(&parent->p_stats->p_cru, &p->p_stats->p_ru);
    ruadd(&parent->p_stats->p_cru, &p->p_stats->p_cru);
    mutex_exit(parent->p_lock);
}

// => proc_lock held; true: the zombie has another parent now
bool reap_give_back(proc* p) {
    if ((p->p_slflag & PSL_TRACED) == 0 || p->p_oppid == p->p_pptr->p_pid) {
        return false;
    }
    mutex_enter(p->p_lock);
    p->p_slflag &= ~(PSL_TRACED | PSL_SYSCALL);
    mutex_exit(p->p_lock);
    proc* forker = proc_find(p->p_oppid);
    if (forker == nullptr) {
        p->p_exitsig = SIGCHLD;
    }
    proc_reparent(p, forker != nullptr ? forker : initproc);
    exit_notify(p);
    return true;
}

} // namespace

// Frees a zombie and everything that is left of it; but one that a tracer has
// taken from its forker goes back there first, to be waited for once more.
// => proc_lock held; released
void proc_free(proc* p, abi::wrusage*) {
    KASSERT(mutex_owned(&proc_lock));
    KASSERT(p->p_stat == SZOMB && p->p_nlwps == 1 && p->p_nzlwps == 1 && p->p_nrlwps == 0);
    if (reap_give_back(p)) {
        mutex_exit(&proc_lock);
        return;
    }
    proc* parent = p->p_pptr;
    lwp* l = p->p_lwps.first();
    sched_proc_exit(parent, p);
    reap_usage(parent, p);
    // Nobody finds it any more.
    p->p_stat = SIDL;
    parent->p_nstopchild--;
    zombproc.remove(p);
    parent->p_children.remove(p);
    proc_free_pid(p->p_pid);
    proc_leavepgrp(p); // releases proc_lock

    lwp_free(l, false, true);
    chgproccnt(p->p_cred->cr_uid, -1);
    lim_free(p->p_limit);
    pstatsfree(p->p_stats);
    sigactsfree(p->p_sigacts);
    kauth_cred_free(p->p_cred);
    if (p->p_path != nullptr) {
        kmem_strfree(p->p_path);
    }
    mutex_obj_free(p->p_lock);
    proc_free_mem(p);
    leakcheck_reaped(parent);
}
