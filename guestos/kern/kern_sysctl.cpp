// sysctl(3), by number.
#include "abi/exec.hpp"
#include "abi/sysctl.hpp"
#include "machine/cpu.hpp"
#include "sys/filedesc.hpp"
#include "sys/inject.hpp"
#include "sys/kauth.hpp"
#include "sys/leakcheck.hpp"
#include "sys/pidtable.hpp"
#include "sys/proc.hpp"
#include "sys/resourcevar.hpp"
#include "sys/sched.hpp"
#include "sys/sysent.hpp"
#include "sys/systm.hpp"
#include "sys/time.hpp"
#include "sys/tty.hpp"
#include "sys/wait.hpp"
#include "uvm/uvm_extern.hpp"

#include <initializer_list>

namespace {

// One request: where the old value goes, where a new one comes from.
struct request {
    lwp* l;
    const int* name;
    unsigned namelen;
    char* oldp;       // may be null: only the size is asked for
    size_t room;      // bytes at oldp
    size_t needed;    // bytes that the value has
    const void* newp; // may be null
    size_t newlen;
};

// Hands out a value; what does not fit is told by ENOMEM.
Errno give(request& r, const void* value, size_t len) {
    Errno error = EOK;
    if (r.oldp != nullptr) {
        const size_t left = r.room > r.needed ? r.room - r.needed : 0;
        error = copyout(value, r.oldp + r.needed, min(len, left));
        if (error == EOK && left < len) {
            error = ENOMEM;
        }
    }
    r.needed += len;
    return error;
}

Errno give_string(request& r, const char* s) {
    return r.newp != nullptr ? EPERM : give(r, s, strlen(s) + 1);
}

template <typename T> Errno give_number(request& r, T value) {
    return r.newp != nullptr ? EPERM : give(r, &value, sizeof(value));
}

// A number that root may change, within bounds.
Errno exchange_int(request& r, int* value, int low, int high) {
    const int old = *value;
    if (r.newp != nullptr) {
        Errno error = kauth_authorize(r.l->l_cred, KAUTH_SYSTEM_SYSCTL);
        if (error != EOK) {
            return error;
        }
        int fresh = 0;
        if (r.newlen != sizeof(fresh)) {
            return EINVAL;
        }
        error = copyin(r.newp, fresh);
        if (error != EOK) {
            return error;
        }
        if (fresh < low || fresh > high) {
            return EINVAL;
        }
        *value = fresh;
    }
    return give(r, &old, sizeof(old));
}

// Milliseconds outside, ticks inside.
Errno forkfsleep_sysctl(request& r) {
    constexpr int kMaxMs = 100'000 / hz * 1000; // as many ticks as NetBSD allows
    int ms = forkfsleep * 1000 / hz;
    const Errno error = exchange_int(r, &ms, 0, kMaxMs);
    if (error == EOK) {
        forkfsleep = mstohz(ms);
    }
    return error;
}

// --- processes ------------------------------------------------------------------------

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
    abi::rusage ru = p->p_stats->p_ru;
    if (p->p_stat != SZOMB) {
        calcru(p, &ru.ru_utime, &ru.ru_stime);
        rulwps(p, &ru);
    }
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

// {KERN_PROC2, op, arg, size of an entry, entries}, in order of pid
Errno proc2_sysctl(request& r) {
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
        const Errno error = give(r, &kp, min(size, sizeof(kp)));
        if (error != EOK) {
            return error;
        }
        r.needed = at + size;
    }
    return EOK;
}

// --- the tree -------------------------------------------------------------------------

Errno kern_sysctl(request& r) {
    switch (r.name[1]) {
    case abi::KERN_OSTYPE:
        return give_string(r, "Forkscope");
    case abi::KERN_OSRELEASE:
        return give_string(r, "0.1");
    case abi::KERN_OSREV:
        return give_number(r, int{1});
    case abi::KERN_VERSION:
        return give_string(r, "Forkscope guest kernel 0.1\n");
    case abi::KERN_MAXPROC:
        return exchange_int(r, &maxproc, 10, PID_MAX);
    case abi::KERN_MAXFILES:
        return exchange_int(r, &maxfiles, 100, 1 << 20);
    case abi::KERN_ARGMAX:
        return give_number(r, int{abi::ARG_MAX});
    case abi::KERN_HOSTNAME:
        return give_string(r, "forkscope");
    case abi::KERN_BOOTTIME: {
        abi::timespec now;
        nanotime(&now);
        return give_number(r, ns2timespec(timespec2ns(now) - nsecuptime()));
    }
    case abi::KERN_PROC2:
        return proc2_sysctl(r);
    case abi::KERN_FORKFSLEEP:
        return forkfsleep_sysctl(r);
    default:
        return EOPNOTSUPP;
    }
}

// {CTL_PROC, pid, PROC_PID_STOPFORK}
Errno proc_sysctl(request& r) {
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
    return error == EOK ? give(r, &old, sizeof(old)) : error;
}

Errno hw_sysctl(request& r) {
    switch (r.name[1]) {
    case abi::HW_MACHINE:
        return give_string(r, "evbarm");
    case abi::HW_MODEL:
        return give_string(r, boot.bi_model);
    case abi::HW_NCPU:
        return give_number(r, static_cast<int>(ncpu));
    case abi::HW_PHYSMEM:
        return give_number(r, static_cast<int>(min(boot.bi_memsize, psize_t{0x7fffffff})));
    case abi::HW_PHYSMEM64:
        return give_number(r, static_cast<u64>(boot.bi_memsize));
    case abi::HW_PAGESIZE:
        return give_number(r, static_cast<int>(PAGE_SIZE));
    case abi::HW_MACHINE_ARCH:
        return give_string(r, "aarch64");
    default:
        return EOPNOTSUPP;
    }
}

// What one CPU has counted is added to `exp`.
void add_counts(const cpu_info* ci, abi::uvmexp_sysctl* exp) {
    const u64* counts = ci->ci_data.cpu_counts;
    exp->forks += static_cast<i64>(counts[CPU_COUNT_FORKS]);
    exp->forks_ppwait += static_cast<i64>(counts[CPU_COUNT_FORKS_PPWAIT]);
    exp->forks_sharevm += static_cast<i64>(counts[CPU_COUNT_FORKS_SHAREVM]);
    exp->swtch += static_cast<i64>(counts[CPU_COUNT_NSWTCH]);
    exp->syscalls += static_cast<i64>(counts[CPU_COUNT_NSYSCALL]);
    exp->traps += static_cast<i64>(counts[CPU_COUNT_NTRAP]);
    exp->intrs += static_cast<i64>(counts[CPU_COUNT_NINTR]);
}

// {VM_UVMEXP2}, or {VM_UVMEXP2, CPU}
Errno vm_sysctl(request& r) {
    if (r.name[1] != abi::VM_UVMEXP2 || r.namelen > 3) {
        return EOPNOTSUPP;
    }
    // There is one CPU yet.
    if (r.namelen == 3 && (r.name[2] < 0 || static_cast<unsigned>(r.name[2]) >= ncpu)) {
        return ENOENT;
    }
    abi::uvmexp_sysctl exp{};
    exp.pagesize = PAGE_SIZE;
    exp.pagemask = PAGE_SIZE - 1;
    exp.pageshift = PAGE_SHIFT;
    exp.npages = static_cast<i64>(uvmexp.npages);
    exp.free = static_cast<i64>(uvmexp.free);
    add_counts(curcpu(), &exp);
    return give_number(r, exp);
}

// --- debug ----------------------------------------------------------------------------

Errno debug_vm_sysctl(request& r) {
    const pmap_counts pc = pmap_get_counts();
    const uvmexp_t& u = uvmexp;
    return give_number(r, abi::debug_vm{u.npages, u.free, u.anons, u.amaps, pc.spaces,
                                        pc.tablepages, u.uareas, uvm_mapent_count(), u.faults,
                                        u.cow_copy, u.cow_reuse, u.zero_fill, u.file_fill,
                                        u.anon_map, u.eager_copy, u.write_protected});
}

Errno inject_sysctl(request& r) {
    i64 n = 0;
    if (r.namelen != 3 || r.name[2] < 0 || static_cast<unsigned>(r.name[2]) >= INJECT_KINDS ||
        (r.newp != nullptr && r.newlen != sizeof(n))) {
        return EINVAL;
    }
    const auto kind = static_cast<Inject>(r.name[2]);
    i64 left = inject_points[r.name[2]].left;
    if (r.newp != nullptr) {
        Errno error = kauth_authorize(r.l->l_cred, KAUTH_SYSTEM_SYSCTL);
        if (error == EOK) {
            error = copyin(r.newp, n);
        }
        if (error != EOK) {
            return error;
        }
        inject_arm(kind, n);
    }
    return give(r, &left, sizeof(left));
}

Errno leaks_sysctl(request& r) {
    int value = 0;
    if (r.newp == nullptr) {
        value = static_cast<int>(leakcheck_end(r.l->l_proc));
        return give(r, &value, sizeof(value));
    }
    const Errno error = exchange_int(r, &value, 0, 1);
    if (error == EOK) {
        leakcheck_begin(r.l->l_proc);
    }
    return error;
}

Errno asids_sysctl(request& r) {
    int limit = static_cast<int>(pmap_asid_limit(0));
    const Errno error = exchange_int(r, &limit, 4, 65536);
    if (error == EOK && r.newp != nullptr) {
        pmap_asid_limit(static_cast<unsigned>(limit));
    }
    return error;
}

Errno debug_sysctl(request& r) {
    switch (r.name[1]) {
    case abi::DEBUG_VM:
        return debug_vm_sysctl(r);
    case abi::DEBUG_INJECT:
        return inject_sysctl(r);
    case abi::DEBUG_LEAKS:
        return leaks_sysctl(r);
    case abi::DEBUG_FAULTAROUND: {
        int pages = static_cast<int>(uvm_fault_around);
        const Errno error = exchange_int(r, &pages, 0, 64);
        if ((pages & (pages - 1)) != 0) {
            return EINVAL;
        }
        uvm_fault_around = static_cast<unsigned>(pages);
        return error;
    }
    case abi::DEBUG_ASIDS:
        return asids_sysctl(r);
    case abi::DEBUG_SKIP_TLBI: {
        int skip = uvm_fork_skip_tlbi;
        const Errno error = exchange_int(r, &skip, 0, 1);
        uvm_fork_skip_tlbi = skip != 0;
        return error;
    }
    default:
        return EOPNOTSUPP;
    }
}

} // namespace

// name, namelen, oldp, oldlenp, newp, newlen
Errno sys___sysctl(lwp* l, const syscall_args* uap, register_t*) {
    int name[abi::CTL_MAXNAME];
    const auto namelen = uap->integer<unsigned>(1);
    if (namelen < 2 || namelen > abi::CTL_MAXNAME) {
        return EINVAL;
    }
    Errno error = copyin(uap->pointer(0), name, namelen * sizeof(int));
    size_t room = 0;
    if (error == EOK && uap->pointer(3) != nullptr) {
        error = copyin(uap->pointer(3), room);
    }
    if (error != EOK) {
        return error;
    }
    request r{l,    name, namelen,         uap->pointer<char>(2),
              room, 0,    uap->pointer(4), uap->integer<size_t>(5)};
    switch (name[0]) {
    case abi::CTL_KERN:
        error = kern_sysctl(r);
        break;
    case abi::CTL_VM:
        error = vm_sysctl(r);
        break;
    case abi::CTL_DEBUG:
        error = debug_sysctl(r);
        break;
    case abi::CTL_HW:
        error = hw_sysctl(r);
        break;
    case abi::CTL_PROC:
        error = proc_sysctl(r);
        break;
    default:
        error = EOPNOTSUPP;
        break;
    }
    if (uap->pointer(3) != nullptr && (error == EOK || error == ENOMEM)) {
        const size_t told = r.oldp != nullptr ? min(r.needed, room) : r.needed;
        const Errno copy_error = copyout(told, uap->pointer(3));
        error = copy_error != EOK ? copy_error : error;
    }
    return error;
}
