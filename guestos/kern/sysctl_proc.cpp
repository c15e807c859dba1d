// What sysctl(2) tells of processes: kern.proc2 for ps, and proc.PID.
#include "machine/cpu.hpp"
#include "sys/kauth.hpp"
#include "sys/proc.hpp"
#include "sys/resourcevar.hpp"
#include "sys/sched.hpp"
#include "sys/sysctl.hpp"
#include "sys/systm.hpp"
#include "sys/time.hpp"
#include "sys/tty.hpp"
#include "sys/wait.hpp"
#include "uvm/uvm_extern.hpp"

#include <initializer_list>

namespace {

// Who it is, and among whom. => proc_lock held
void fill_relations(const proc* p, abi::kinfo_proc2* kp) {
    const session* ss = p->p_pgrp->pg_session;
    kp->p_exitsig = p->p_exitsig;
    kp->p_pid = p->p_pid;
    kp->p_ppid = p->p_ppid;
    kp->p_sid = ss->s_sid;
    kp->p__pgid = p->p_pgrp->pg_id;
    kp->p_jobc = static_cast<i16>(p->p_pgrp->pg_jobc);
    kp->p_tpgid = -1;
    kp->p_eflag = ss->s_leader == p ? abi::EPROC_SLEADER : 0;
    if ((p->p_lflag & PL_CONTROLT) != 0 && ss->s_ttyp != nullptr) {
        kp->p_eflag |= abi::EPROC_CTTY;
        kp->p_tpgid = ss->s_ttyp->t_pgrp != nullptr ? ss->s_ttyp->t_pgrp->pg_id : 0;
    }
    memcpy(kp->p_login, ss->s_login, sizeof(ss->s_login));
    const kauth_cred* cred = p->p_cred;
    kp->p_uid = cred->cr_euid;
    kp->p_ruid = cred->cr_uid;
    kp->p_svuid = cred->cr_svuid;
    kp->p_gid = cred->cr_egid;
    kp->p_rgid = cred->cr_gid;
    kp->p_svgid = cred->cr_svgid;
    kp->p_ngroups = static_cast<i16>(min(cred->cr_ngroups, unsigned{abi::KI_NGROUPS}));
    memcpy(kp->p_groups, cred->cr_groups, static_cast<size_t>(kp->p_ngroups) * sizeof(gid_t));
}

void split_time(const abi::timeval& tv, u32* sec, u32* usec) {
    *sec = static_cast<u32>(tv.tv_sec);
    *usec = static_cast<u32>(tv.tv_usec);
}

// What it has used. => proc_lock and p_lock held
void fill_usage(proc* p, abi::kinfo_proc2* kp) {
    abi::rusage ru;
    proc_usage(p, &ru);
    split_time(ru.ru_utime, &kp->p_uutime_sec, &kp->p_uutime_usec);
    split_time(ru.ru_stime, &kp->p_ustime_sec, &kp->p_ustime_usec);
    abi::timeval sum = ru.ru_utime;
    timeradd(&sum, &ru.ru_stime);
    split_time(sum, &kp->p_rtime_sec, &kp->p_rtime_usec);
    sum = p->p_stats->p_cru.ru_utime;
    timeradd(&sum, &p->p_stats->p_cru.ru_stime);
    split_time(sum, &kp->p_uctime_sec, &kp->p_uctime_usec);
    split_time(p->p_stats->p_start, &kp->p_ustart_sec, &kp->p_ustart_usec);
    kp->p_uvalid = 1;
    kp->p_uru_maxrss = static_cast<u64>(ru.ru_maxrss);
    kp->p_uru_minflt = static_cast<u64>(ru.ru_minflt);
    kp->p_uru_majflt = static_cast<u64>(ru.ru_majflt);
    kp->p_uru_nsignals = static_cast<u64>(ru.ru_nsignals);
    kp->p_uru_nvcsw = static_cast<u64>(ru.ru_nvcsw);
    kp->p_uru_nivcsw = static_cast<u64>(ru.ru_nivcsw);
    kp->p_uticks = p->p_uticks;
    kp->p_sticks = p->p_sticks;
    kp->p_cpticks = static_cast<i32>(p->p_uticks + p->p_sticks);
}

// What state it is in; its first LWP speaks for the others.
// => proc_lock and p_lock held
void fill_state(proc* p, abi::kinfo_proc2* kp) {
    kp->p_realstat = static_cast<u64>(p->p_stat);
    kp->p_realflag = p->p_flag;
    kp->p_flag = static_cast<i32>(p->p_flag);
    kp->p_traceflag = static_cast<i32>(p->p_traceflag);
    kp->p_nlwps = static_cast<u64>(p->p_nlwps);
    kp->p_nrlwps = static_cast<u64>(p->p_nrlwps);
    kp->p_nice = p->p_nice;
    kp->p_acflag = p->p_acflag;
    kp->p_xstat = static_cast<u16>(p->p_stat == SZOMB ? proc_wait_status(p) : p->p_xsig);
    memcpy(&kp->p_siglist, &p->p_sigpend.sp_set, sizeof(kp->p_siglist));
    memcpy(&kp->p_sigignore, &p->p_sigctx.ps_sigignore, sizeof(kp->p_sigignore));
    memcpy(&kp->p_sigcatch, &p->p_sigctx.ps_sigcatch, sizeof(kp->p_sigcatch));
    const lwp* l = p->p_lwps.first();
    if (l == nullptr) {
        return;
    }
    kp->p_stat = l->l_stat;
    kp->p_priority = static_cast<u8>(l->l_priority);
    kp->p_cpuid = cpu_index(l->l_cpu);
    memcpy(&kp->p_sigmask, &l->l_sigmask, sizeof(kp->p_sigmask));
    if (l->l_wmesg != nullptr && l->l_wchan != nullptr) {
        kstrlcpy(kp->p_wmesg, l->l_wmesg, sizeof(kp->p_wmesg));
    }
}

// => proc_lock held
void fill_kinfo(proc* p, abi::kinfo_proc2* kp) {
    *kp = {};
    fill_relations(p, kp);
    kstrlcpy(kp->p_comm, p->p_comm, sizeof(kp->p_comm));
    const bool gone = p->p_stat == SZOMB || p->p_stat == SDEAD || p->p_stat == SDYING;
    if (!gone && p->p_vmspace != nullptr && p->p_vmspace != &vmspace0) {
        kp->p_vm_rssize = static_cast<i32>(pmap_resident_count(p->p_vmspace->vm_map_.pmap));
    }
    mutex_enter(p->p_lock);
    fill_usage(p, kp);
    fill_state(p, kp);
    mutex_exit(p->p_lock);
}

bool proc2_selects(const proc* p, int op, int arg) {
    switch (op) {
    case abi::KERN_PROC_PID:
        return p->p_pid == arg;
    case abi::KERN_PROC_PGRP:
        return p->p_pgrp->pg_id == arg;
    case abi::KERN_PROC_SESSION:
        return p->p_pgrp->pg_session->s_sid == arg;
    case abi::KERN_PROC_UID:
        return p->p_cred->cr_euid == static_cast<uid_t>(arg);
    case abi::KERN_PROC_RUID:
        return p->p_cred->cr_uid == static_cast<uid_t>(arg);
    default:
        return true;
    }
}

// The process with the lowest number from `from` on that is asked for.
// => proc_lock held
proc* proc2_next(int op, int arg, pid_t from) {
    proc* best = nullptr;
    for (proclist* list : {&allproc, &zombproc}) {
        for (proc& p : *list) {
            if (p.p_pid >= from && p.p_stat != SIDL && (best == nullptr || p.p_pid < best->p_pid) &&
                proc2_selects(&p, op, arg)) {
                best = &p;
            }
        }
    }
    return best;
}

} // namespace

// {KERN_PROC2, op, arg, size of an entry, entries}, in order of pid
Errno proc2_sysctl(sysctl_request& r) {
    if (r.namelen != 6) {
        return EINVAL;
    }
    const int op = r.name[2];
    const auto size = static_cast<size_t>(r.name[4]);
    const int count = r.name[5];
    if (op < abi::KERN_PROC_ALL || op > abi::KERN_PROC_RUID || size == 0 || size > 4096) {
        return EINVAL;
    }
    pid_t from = 0;
    for (int n = 0; r.oldp == nullptr || n < count; n++) {
        abi::kinfo_proc2 kp;
        mutex_enter(&proc_lock);
        proc* p = proc2_next(op, r.name[3], from);
        if (p != nullptr) {
            fill_kinfo(p, &kp);
        }
        mutex_exit(&proc_lock);
        if (p == nullptr) {
            break;
        }
        from = kp.p_pid + 1;
        const size_t at = r.needed;
        const Errno error = sysctl_give(r, &kp, min(size, sizeof(kp)));
        if (error != EOK) {
            return error;
        }
        r.needed = at + size;
    }
    return EOK;
}

// {CTL_PROC, pid, PROC_PID_STOPFORK}
Errno proc_sysctl(sysctl_request& r) {
    if (r.namelen != 3 || r.name[2] != abi::PROC_PID_STOPFORK) {
        return EOPNOTSUPP;
    }
    const pid_t pid = r.name[1] == abi::PROC_CURPROC ? r.l->l_proc->p_pid : r.name[1];
    int fresh = 0;
    if (r.newp != nullptr) {
        const Errno error = r.newlen == sizeof(fresh) ? copyin(r.newp, fresh) : EINVAL;
        if (error != EOK || (fresh != 0 && fresh != 1)) {
            return error != EOK ? error : EINVAL;
        }
    }
    mutex_enter(&proc_lock);
    proc* p = proc_find(pid);
    const Errno error =
        p == nullptr ? ESRCH : kauth_authorize(r.l->l_cred, KAUTH_PROCESS_PTRACE, p);
    int old = 0;
    if (error == EOK) {
        mutex_enter(p->p_lock);
        old = (p->p_sflag & PS_STOPFORK) != 0;
        if (r.newp != nullptr) {
            p->p_sflag = fresh != 0 ? p->p_sflag | PS_STOPFORK : p->p_sflag & ~PS_STOPFORK;
        }
        mutex_exit(p->p_lock);
    }
    mutex_exit(&proc_lock);
    return error == EOK ? sysctl_give(r, &old, sizeof(old)) : error;
}
