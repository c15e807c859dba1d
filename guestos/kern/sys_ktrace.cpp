// Which processes are recorded, and where: ktrace(2), fktrace(2).
#include "machine/cpu.hpp"
#include "sys/filedesc.hpp"
#include "sys/kauth.hpp"
#include "sys/kmem.hpp"
#include "sys/ktracevar.hpp"
#include "sys/proc.hpp"
#include "sys/sysent.hpp"
#include "sys/systm.hpp"

namespace {

struct ktrace_args {
    lwp* l;
    int ops;
    u32 facs;
    int pid;
    file* fp;            // null: KTROP_CLEAR
    ktr_desc* ktd = {};  // KTROP_SET: where the records shall go; its own reference counts
    ktr_desc* gone = {}; // no longer used by some process; released without proc_lock
    bool done = false;   // somebody was marked or cleared
    Errno error = EOK;
};

// => proc_lock held
bool ktrcanset(const lwp* l, const proc* p) {
    const bool suid = (p->p_flag & PK_SUGID) != 0 && l->l_cred->cr_euid != 0;
    return !suid && kauth_authorize(l->l_cred, KAUTH_PROCESS_PTRACE, p) == EOK;
}

// => proc_lock held
void ktr_drop(ktrace_args& a, ktr_desc* ktd) {
    if (ktd != nullptr && ktd->ktd_drops++ == 0) {
        ktd->ktd_next = a.gone;
        a.gone = ktd;
    }
}

// What the processes no longer use is written and released. => no locks held
void ktr_release_dropped(ktrace_args& a) {
    while (ktr_desc* ktd = a.gone) {
        a.gone = ktd->ktd_next;
        unsigned drops = ktd->ktd_drops;
        ktd->ktd_drops = 0;
        for (; drops > 0; drops--) {
            mutex_enter(&ktrace_lock);
            ktr_release(ktd);
        }
    }
}

// Marks or clears one process. => proc_lock held, and not dropped
void ktrops(ktrace_args& a, proc* p) {
    if (p->p_stat == SIDL || p->p_stat == SZOMB || p->p_stat == SDEAD || p->p_stat == SDYING ||
        (p->p_flag & PK_SYSTEM) != 0) {
        return;
    }
    if (!ktrcanset(a.l, p)) {
        a.error = EPERM;
        return;
    }
    a.done = true;
    ktr_desc* old = nullptr;
    mutex_enter(&ktrace_lock);
    if ((a.ops & abi::KTROP_MASK) == abi::KTROP_SET) {
        if (p->p_tracep != a.ktd) {
            old = ktr_take(p);
            p->p_tracep = a.ktd;
            a.ktd->ktd_ref++;
        }
        p->p_traceflag |= a.facs;
    } else {
        p->p_traceflag &= ~a.facs;
        if ((p->p_traceflag & abi::KTRFAC_MASK) == 0) {
            old = ktr_take(p);
        }
    }
    mutex_exit(&ktrace_lock);
    ktr_drop(a, old);
}

// The process, and with KTRFLAG_DESCEND all that descend from it.
// => proc_lock held
void ktrsetchildren(ktrace_args& a, proc* top) {
    for (proc* p = top;;) {
        ktrops(a, p);
        if ((a.ops & abi::KTRFLAG_DESCEND) == 0) {
            return;
        }
        if (!p->p_children.empty()) {
            p = p->p_children.first();
            continue;
        }
        while (p != top && p->p_children.next(p) == nullptr) {
            p = p->p_pptr;
        }
        if (p == top) {
            return;
        }
        p = p->p_children.next(p);
    }
}

// Stops all tracing to a file. => proc_lock held
void ktrclearfile(ktrace_args& a) {
    for (proc& p : allproc) {
        mutex_enter(&ktrace_lock);
        const bool ours = p.p_tracep != nullptr && p.p_tracep->ktd_fp->f_data == a.fp->f_data;
        const bool may = ours && ktrcanset(a.l, &p);
        ktr_desc* old = may ? ktr_take(&p) : nullptr;
        mutex_exit(&ktrace_lock);
        ktr_drop(a, old);
        a.done = a.done || may;
        a.error = ours && !may ? EPERM : a.error;
    }
    a.done = a.done || a.error == ESRCH;
}

// => proc_lock held
void ktrace_processes(ktrace_args& a) {
    if (a.pid >= 0) {
        proc* p = proc_find(a.pid);
        if (p != nullptr) {
            ktrsetchildren(a, p);
        }
        return;
    }
    pgrp* pg = a.pid != -2147483647 - 1 ? pgrp_find(-a.pid) : nullptr;
    if (pg != nullptr) {
        for (proc& p : pg->pg_members) {
            ktrsetchildren(a, &p);
        }
    }
}

// => the file's reference is used up
Errno ktrace_common(ktrace_args& a) {
    const int op = a.ops & abi::KTROP_MASK;
    a.facs &= abi::KTRFAC_MASK | abi::KTRFAC_INHERIT | abi::KTRFAC_PERSISTENT;
    a.error = ESRCH;
    if ((a.ops & ~(abi::KTROP_MASK | abi::KTRFLAG_DESCEND)) != 0 || op > abi::KTROP_CLEARFILE ||
        (op != abi::KTROP_CLEARFILE && (a.facs & abi::KTRFAC_MASK) == 0)) {
        a.error = EINVAL;
    } else {
        if (op == abi::KTROP_SET) {
            a.ktd = kmem_new<ktr_desc>(KM_SLEEP);
            a.ktd->ktd_queue.init();
            a.ktd->ktd_ref = 1;
            a.ktd->ktd_fp = a.fp;
            a.fp->f_count.fetch_add(1);
        }
        mutex_enter(&proc_lock);
        if (op == abi::KTROP_CLEARFILE) {
            ktrclearfile(a);
        } else {
            ktrace_processes(a);
        }
        mutex_exit(&proc_lock);
        ktr_release_dropped(a);
        if (a.ktd != nullptr) {
            mutex_enter(&ktrace_lock);
            ktr_release(a.ktd);
        }
    }
    if (a.fp != nullptr) {
        fd_putfile(a.fp);
    }
    return a.done ? EOK : a.error;
}

} // namespace

// fd, ops, facs, pid
Errno sys_fktrace(lwp* l, const syscall_args* uap, register_t*) {
    file* fp = fd_getfile(uap->integer<int>(0));
    if (fp == nullptr) {
        return EBADF;
    }
    if ((fp->f_flag.load() & FWRITE) == 0) {
        fd_putfile(fp);
        return EBADF;
    }
    ktrace_args a{l, uap->integer<int>(1), uap->integer<u32>(2), uap->integer<int>(3), fp};
    return ktrace_common(a);
}

// path, ops, facs, pid. The file is there already, and is opened by way of a
// descriptor that lives as long as the call.
Errno sys_ktrace(lwp* l, const syscall_args* uap, register_t*) {
    ktrace_args a{l, uap->integer<int>(1), uap->integer<u32>(2), uap->integer<int>(3), nullptr};
    if ((a.ops & abi::KTROP_MASK) == abi::KTROP_CLEAR) {
        return ktrace_common(a);
    }
    const syscall_args open{{uap->reg[0], abi::O_RDWR | abi::O_APPEND}};
    register_t fd[2] = {};
    const Errno error = sys_open(l, &open, fd);
    if (error != EOK) {
        return error;
    }
    a.fp = fd_getfile(static_cast<int>(fd[0]));
    const Errno result = ktrace_common(a);
    (void)fd_close(static_cast<int>(fd[0]));
    return result;
}
