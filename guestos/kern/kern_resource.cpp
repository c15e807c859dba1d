// Limits and usage of processes: getrlimit(2), getrusage(2), getpriority(2).
#include "sys/resourcevar.hpp"

#include "machine/cpu.hpp"
#include "sys/exec.hpp"
#include "sys/filedesc.hpp"
#include "sys/kauth.hpp"
#include "sys/pool.hpp"
#include "sys/proc.hpp"
#include "sys/sched.hpp"
#include "sys/sysent.hpp"
#include "sys/systm.hpp"
#include "sys/time.hpp"
#include "uvm/uvm_extern.hpp"

plimit* lim_default;

namespace {

pool plimit_pool;
pool pstats_pool;

} // namespace

void resource_init() {
    pool_init(&plimit_pool, sizeof(plimit), 0, "plimit", IPL_NONE);
    pool_init(&pstats_pool, sizeof(pstats), 0, "pstats", IPL_NONE);
    auto* lim = pool_get<plimit>(&plimit_pool, PR_WAITOK | PR_ZERO);
    lim->pl_refcnt.store(1);
    mutex_init(&lim->pl_lock, MUTEX_DEFAULT, IPL_NONE);
    for (abi::rlimit& limit : lim->pl_rlimit) {
        limit = {RLIM_INFINITY, RLIM_INFINITY};
    }
    lim->pl_rlimit[abi::RLIMIT_NOFILE] = {256, static_cast<u64>(maxfiles)};
    lim->pl_rlimit[abi::RLIMIT_NPROC] = {static_cast<u64>(maxproc), static_cast<u64>(maxproc)};
    lim->pl_rlimit[abi::RLIMIT_NTHR] = {MAXLWP, MAXLWP};
    lim->pl_rlimit[abi::RLIMIT_STACK] = {DFLSSIZ, MAXSSIZ};
    lim->pl_rlimit[abi::RLIMIT_DATA] = {MAXDSIZ, MAXDSIZ};
    lim->pl_rlimit[abi::RLIMIT_CORE] = {0, RLIM_INFINITY};
    lim_default = lim;
}

// --- limits ---------------------------------------------------------------------------

plimit* lim_copy(plimit* lim) {
    auto* copy = pool_get<plimit>(&plimit_pool, PR_WAITOK | PR_ZERO);
    copy->pl_refcnt.store(1);
    mutex_init(&copy->pl_lock, MUTEX_DEFAULT, IPL_NONE);
    mutex_enter(&lim->pl_lock);
    memcpy(copy->pl_rlimit, lim->pl_rlimit, sizeof(copy->pl_rlimit));
    mutex_exit(&lim->pl_lock);
    return copy;
}

void lim_addref(plimit* lim) {
    KASSERT(!lim->pl_writeable);
    lim->pl_refcnt.fetch_add(1);
}

void lim_free(plimit* lim) {
    if (lim->pl_refcnt.fetch_sub(1) == 1) {
        mutex_destroy(&lim->pl_lock);
        pool_put(&plimit_pool, lim);
    }
}

void lim_privatise(proc* p) {
    if (p->p_limit->pl_writeable) {
        return;
    }
    plimit* mine = lim_copy(p->p_limit);
    mutex_enter(p->p_lock);
    plimit* old = p->p_limit;
    if (old->pl_writeable) { // another LWP was faster
        old = mine;
    } else {
        mine->pl_writeable = true;
        p->p_limit = mine;
    }
    mutex_exit(p->p_lock);
    lim_free(old);
}

Errno dosetrlimit(lwp* l, proc* p, int which, const abi::rlimit* limit) {
    if (which < 0 || which >= abi::RLIM_NLIMITS || limit->rlim_cur > limit->rlim_max) {
        return EINVAL;
    }
    lim_privatise(p);
    plimit* lim = p->p_limit;
    if (limit->rlim_max > lim->pl_rlimit[which].rlim_max) {
        const Errno error = kauth_authorize(l->l_cred, KAUTH_PROCESS_RLIMIT, p,
                                            KAUTH_REQ_PROCESS_RLIMIT_SET, static_cast<u64>(which));
        if (error != EOK) {
            return error;
        }
    }
    u64 ceiling = RLIM_INFINITY;
    switch (which) {
    case abi::RLIMIT_NOFILE:
        ceiling = static_cast<u64>(maxfiles);
        break;
    case abi::RLIMIT_NPROC:
        ceiling = static_cast<u64>(maxproc);
        break;
    case abi::RLIMIT_NTHR:
        ceiling = MAXLWP;
        break;
    case abi::RLIMIT_STACK:
        ceiling = MAXSSIZ;
        break;
    case abi::RLIMIT_DATA:
        ceiling = MAXDSIZ;
        break;
    default:
        break;
    }
    mutex_enter(&lim->pl_lock);
    const u64 before = lim->pl_rlimit[which].rlim_cur;
    const u64 now = min(limit->rlim_cur, ceiling);
    lim->pl_rlimit[which] = {now, min(limit->rlim_max, ceiling)};
    mutex_exit(&lim->pl_lock);
    if (which == abi::RLIMIT_CPU) {
        mutex_enter(p->p_lock);
        p->p_xcputime = 0; // it is told anew
        mutex_exit(p->p_lock);
    }
    if (which == abi::RLIMIT_STACK && now != before) {
        exec_resize_stack(p, round_page(before), round_page(now));
    }
    return EOK;
}

Errno sys_getrlimit(lwp* l, const syscall_args* uap, register_t*) {
    const int which = uap->integer<int>(0);
    if (which < 0 || which >= abi::RLIM_NLIMITS) {
        return EINVAL;
    }
    return copyout(l->l_proc->p_limit->pl_rlimit[which], uap->pointer(1));
}

Errno sys_setrlimit(lwp* l, const syscall_args* uap, register_t*) {
    abi::rlimit limit;
    const Errno error = copyin(uap->pointer(1), limit);
    return error != EOK ? error : dosetrlimit(l, l->l_proc, uap->integer<int>(0), &limit);
}

// --- usage ----------------------------------------------------------------------------

pstats* pstatscopy(const pstats* ps) {
    auto* copy = pool_get<pstats>(&pstats_pool, PR_WAITOK | PR_ZERO);
    if (ps != nullptr) {
        copy->p_prof = ps->p_prof;
    }
    return copy;
}

void pstatsfree(pstats* ps) {
    pool_put(&pstats_pool, ps);
}

u64 lwp_rtime(const lwp* l) {
    return l->l_rtime + (l == curlwp ? nsecuptime() - l->l_stime : 0);
}

u64 proc_rtime(const proc* p) {
    KASSERT(mutex_owned(p->p_lock));
    u64 total = p->p_rtime;
    for (const lwp& l : p->p_lwps) {
        total += lwp_rtime(&l);
    }
    return total;
}

// The exact total is split in the proportion of ticks seen in user mode and in
// the kernel, or halved if there were none; neither part ever goes back.
void calcru(proc* p, abi::timeval* user, abi::timeval* system) {
    const u64 total = proc_rtime(p);
    const u64 uticks = p->p_uticks;
    const u64 ticks = uticks + p->p_sticks;
    u64 utime = ticks == 0 ? total / 2 : total / ticks * uticks + total % ticks * uticks / ticks;
    utime = max(min(utime, total - timeval2ns(p->p_xstime)), timeval2ns(p->p_xutime));
    p->p_xutime = ns2timeval(utime);
    p->p_xstime = ns2timeval(total - utime);
    *user = p->p_xutime;
    *system = p->p_xstime;
}

namespace {

void add_lwp(abi::rusage* ru, const lwp& l) {
    ru->ru_minflt += static_cast<i64>(l.l_minflt);
    ru->ru_majflt += static_cast<i64>(l.l_majflt);
    ru->ru_nvcsw += static_cast<i64>(l.l_nvcsw);
    ru->ru_nivcsw += static_cast<i64>(l.l_nivcsw);
}

} // namespace

void ruadd(abi::rusage* to, const abi::rusage* add) {
    timeradd(&to->ru_utime, &add->ru_utime);
    timeradd(&to->ru_stime, &add->ru_stime);
    to->ru_maxrss = max(to->ru_maxrss, add->ru_maxrss);
    to->ru_minflt += add->ru_minflt;
    to->ru_majflt += add->ru_majflt;
    to->ru_inblock += add->ru_inblock;
    to->ru_oublock += add->ru_oublock;
    to->ru_nsignals += add->ru_nsignals;
    to->ru_nvcsw += add->ru_nvcsw;
    to->ru_nivcsw += add->ru_nivcsw;
}

void rulwp_fold(lwp* l, abi::rusage* ru) {
    add_lwp(ru, *l);
    l->l_minflt = l->l_majflt = l->l_nvcsw = l->l_nivcsw = 0;
}

void ruspace(proc* p, abi::rusage* ru) {
    if (p->p_vmspace != nullptr && p->p_vmspace != &vmspace0) {
        const u64 pages = pmap_resident_max(p->p_vmspace->vm_map_.pmap);
        ru->ru_maxrss = max(ru->ru_maxrss, static_cast<i64>(ptoa(pages) / 1024));
    }
}

void proc_usage(proc* p, abi::rusage* ru) {
    KASSERT(mutex_owned(p->p_lock));
    *ru = p->p_stats->p_ru;
    if (p->p_stat != SZOMB) {
        calcru(p, &ru->ru_utime, &ru->ru_stime);
        for (const lwp& l : p->p_lwps) {
            add_lwp(ru, l);
        }
        ruspace(p, ru);
    }
}

void proc_usage_end(lwp* l) {
    proc* p = l->l_proc;
    abi::rusage* ru = &p->p_stats->p_ru;
    calcru(p, &ru->ru_utime, &ru->ru_stime);
    rulwp_fold(l, ru);
}

Errno sys___getrusage50(lwp* l, const syscall_args* uap, register_t*) {
    proc* p = l->l_proc;
    abi::rusage ru;
    mutex_enter(p->p_lock);
    switch (uap->integer<int>(0)) {
    case abi::RUSAGE_SELF:
        proc_usage(p, &ru);
        break;
    case abi::RUSAGE_CHILDREN:
        ru = p->p_stats->p_cru;
        break;
    default:
        mutex_exit(p->p_lock);
        return EINVAL;
    }
    mutex_exit(p->p_lock);
    return copyout(ru, uap->pointer(1));
}

// --- priorities -----------------------------------------------------------------------

namespace {

// Which processes getpriority and setpriority mean. => proc_lock held
bool prio_selects(const proc* p, const proc* self, int which, id_t who) {
    switch (which) {
    case abi::PRIO_PROCESS:
        return who == 0 ? p == self : p->p_pid == static_cast<pid_t>(who);
    case abi::PRIO_PGRP:
        return who == 0 ? p->p_pgrp == self->p_pgrp : p->p_pgrp->pg_id == static_cast<pid_t>(who);
    default:
        return p->p_cred->cr_euid == (who == 0 ? self->p_cred->cr_euid : who);
    }
}

constexpr int NZERO = 20;

Errno donice(lwp* l, proc* p, int n) {
    n = max(abi::PRIO_MIN + 0, min(abi::PRIO_MAX + 0, n)) + NZERO;
    Errno error = kauth_authorize(l->l_cred, KAUTH_PROCESS_NICE, p);
    if (error == EOK && n < p->p_nice && l->l_cred->cr_euid != 0) {
        error = EACCES;
    }
    if (error == EOK) {
        mutex_enter(p->p_lock);
        sched_nice(p, n);
        mutex_exit(p->p_lock);
    }
    return error;
}

} // namespace

Errno sys_getpriority(lwp* l, const syscall_args* uap, register_t* retval) {
    const int which = uap->integer<int>(0);
    if (which < abi::PRIO_PROCESS || which > abi::PRIO_USER) {
        return EINVAL;
    }
    int low = NZERO + abi::PRIO_MAX + 1;
    mutex_enter(&proc_lock);
    for (const proc& p : allproc) {
        if (prio_selects(&p, l->l_proc, which, uap->integer<id_t>(1))) {
            low = min(low, static_cast<int>(p.p_nice));
        }
    }
    mutex_exit(&proc_lock);
    if (low > NZERO + abi::PRIO_MAX) {
        return ESRCH;
    }
    retval[0] = static_cast<register_t>(low - NZERO);
    return EOK;
}

Errno sys_setpriority(lwp* l, const syscall_args* uap, register_t*) {
    const int which = uap->integer<int>(0);
    if (which < abi::PRIO_PROCESS || which > abi::PRIO_USER) {
        return EINVAL;
    }
    bool found = false;
    Errno error = EOK;
    mutex_enter(&proc_lock);
    for (proc& p : allproc) {
        if (prio_selects(&p, l->l_proc, which, uap->integer<id_t>(1))) {
            found = true;
            const Errno one = donice(l, &p, uap->integer<int>(2));
            error = one != EOK ? one : error;
        }
    }
    mutex_exit(&proc_lock);
    return found ? error : ESRCH;
}
