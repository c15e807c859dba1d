// Records of what processes do, in a file: ktrace(2).
#include "sys/ktrace.hpp"

#include "machine/cpu.hpp"
#include "sys/filedesc.hpp"
#include "sys/kauth.hpp"
#include "sys/kmem.hpp"
#include "sys/proc.hpp"
#include "sys/sysent.hpp"
#include "sys/systm.hpp"
#include "sys/time.hpp"

namespace {

// One record, queued. Its bytes follow the structure.
struct ktrace_entry {
    TAILQ_ENTRY<ktrace_entry> kte_list;
    size_t kte_len; // of the bytes
    [[nodiscard]] u8* bytes() { return reinterpret_cast<u8*>(this + 1); }
};

kmutex_t ktrace_lock;

} // namespace

// Where records go. One for all processes that one call of ktrace marked, and
// for those that inherited it.
struct ktr_desc {
    unsigned ktd_ref; // [ktrace_lock] processes
    bool ktd_busy;    // [ktrace_lock] somebody is writing
    file* ktd_fp;
    TAILQ_HEAD<ktrace_entry, &ktrace_entry::kte_list> ktd_queue; // [ktrace_lock]
    unsigned ktd_drops; // [proc_lock] references to release, by ktrace_args::gone
    ktr_desc* ktd_next; // [proc_lock] next on that list
};

void ktrace_init() {
    mutex_init(&ktrace_lock, MUTEX_DEFAULT, IPL_NONE);
}

namespace {

// --- records --------------------------------------------------------------------------

bool ktrpoint(int type) {
    return (curlwp->l_proc->p_traceflag & 1U << type) != 0;
}

void ktr_write(ktr_desc* ktd, ktrace_entry* kte) {
    abi::iovec iov;
    uio u;
    file* fp = ktd->ktd_fp;
    uio_setup(&u, &iov, kte->bytes(), kte->kte_len, 0, UIO_WRITE, UIO_SYSSPACE);
    (void)fp->f_ops->fo_write(fp, &fp->f_offset, &u, fp->f_cred, FOF_UPDATE_OFFSET);
}

void ktr_entry_free(ktrace_entry* kte) {
    kmem_free(kte, sizeof(*kte) + kte->kte_len);
}

// Writes the queue, unless somebody is at it. => ktrace_lock held, dropped meanwhile
void ktr_drain(ktr_desc* ktd) {
    if (ktd->ktd_busy) {
        return;
    }
    ktd->ktd_busy = true;
    while (ktrace_entry* kte = ktd->ktd_queue.remove_head()) {
        mutex_exit(&ktrace_lock);
        ktr_write(ktd, kte);
        ktr_entry_free(kte);
        mutex_enter(&ktrace_lock);
    }
    ktd->ktd_busy = false;
}

// One process less. The last one writes what is left.
// => ktrace_lock held; released
void ktr_release(ktr_desc* ktd) {
    ktr_drain(ktd);
    const bool last = --ktd->ktd_ref == 0;
    mutex_exit(&ktrace_lock);
    if (last) {
        KASSERT(ktd->ktd_queue.empty() && !ktd->ktd_busy);
        (void)closef(ktd->ktd_fp);
        kmem_delete(ktd);
    }
}

// Queues a record in two pieces. => any locks may be held
void ktr_add(int type, const void* head, size_t headlen, const void* data = nullptr,
             size_t len = 0) {
    lwp* l = curlwp;
    proc* p = l->l_proc;
    const size_t total = sizeof(abi::ktr_header) + headlen + len;
    auto* kte = static_cast<ktrace_entry*>(kmem_alloc(sizeof(ktrace_entry) + total, KM_SLEEP));
    kte->kte_len = total;
    abi::ktr_header header{};
    header.ktr_len = static_cast<i32>(headlen + len);
    header.ktr_type = static_cast<i16>(type);
    header.ktr_version = abi::KTR_VERSION;
    header.ktr_pid = p->p_pid;
    header.ktr_lid = l->l_lid;
    kstrlcpy(header.ktr_comm, p->p_comm, sizeof(header.ktr_comm));
    nanotime(&header.ktr_ts);
    memcpy(kte->bytes(), &header, sizeof(header));
    memcpy(kte->bytes() + sizeof(header), head, headlen);
    if (len > 0) {
        memcpy(kte->bytes() + sizeof(header) + headlen, data, len);
    }
    mutex_enter(&ktrace_lock);
    if (p->p_tracep != nullptr) {
        p->p_tracep->ktd_queue.insert_tail(kte);
        kte = nullptr;
    }
    mutex_exit(&ktrace_lock);
    if (kte != nullptr) {
        ktr_entry_free(kte);
    }
}

} // namespace

void ktr_syscall(unsigned code, const syscall_args* args) {
    if (ktrpoint(abi::KTR_SYSCALL)) {
        abi::ktr_syscall record{static_cast<i32>(code), sizeof(args->reg), {}};
        memcpy(record.ktr_args, args->reg, sizeof(record.ktr_args));
        ktr_add(abi::KTR_SYSCALL, &record, sizeof(record));
    }
}

void ktr_sysret(unsigned code, Errno error, const register_t* retval) {
    if (ktrpoint(abi::KTR_SYSRET)) {
        const bool good = error == EOK;
        const abi::ktr_sysret record{static_cast<i16>(code), 0, error, good ? retval[0] : 0,
                                     good ? retval[1] : 0};
        ktr_add(abi::KTR_SYSRET, &record, sizeof(record));
    }
}

void ktr_psig(int sig, u64 action, const abi::sigset_t* mask, const ksiginfo* ksi) {
    if (ktrpoint(abi::KTR_PSIG)) {
        const abi::ktr_psig record{sig, action, *mask, ksi->ksi_info.code};
        abi::siginfo_t info{};
        info.info = ksi->ksi_info;
        ktr_add(abi::KTR_PSIG, &record, sizeof(record), &info, sizeof(info));
    }
}

void ktr_flush() {
    proc* p = curlwp->l_proc;
    mutex_enter(&ktrace_lock);
    if (ktr_desc* ktd = p->p_tracep) {
        ktd->ktd_ref++; // it may be cleared meanwhile
        ktr_release(ktd);
    } else {
        mutex_exit(&ktrace_lock);
    }
}

// --- processes ------------------------------------------------------------------------

namespace {

// => ktrace_lock held; the caller releases what it returns
ktr_desc* ktr_take(proc* p) {
    ktr_desc* ktd = p->p_tracep;
    p->p_tracep = nullptr;
    p->p_traceflag = 0;
    return ktd;
}

} // namespace

void ktr_fork(proc* p1, proc* p2) {
    if ((p1->p_traceflag & abi::KTRFAC_INHERIT) == 0) {
        return;
    }
    mutex_enter(&ktrace_lock);
    p2->p_traceflag = p1->p_traceflag;
    p2->p_tracep = p1->p_tracep;
    if (p2->p_tracep != nullptr) {
        p2->p_tracep->ktd_ref++;
    }
    mutex_exit(&ktrace_lock);
}

void ktr_exit(proc* p) {
    mutex_enter(&ktrace_lock);
    if (ktr_desc* ktd = ktr_take(p)) {
        ktr_release(ktd);
    } else {
        mutex_exit(&ktrace_lock);
    }
}

void ktr_setugid(proc* p) {
    if (p->p_tracep != nullptr && (p->p_traceflag & abi::KTRFAC_PERSISTENT) == 0) {
        ktr_exit(p);
    }
}

// --- ktrace(2) ------------------------------------------------------------------------

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

// label, address, length: a record of the program's own
Errno sys_utrace(lwp* l, const syscall_args* uap, register_t*) {
    const auto len = uap->integer<size_t>(2);
    if ((l->l_proc->p_traceflag & 1U << abi::KTR_USER) == 0) {
        return EOK;
    }
    if (len > abi::KTR_USER_MAXLEN) {
        return EINVAL;
    }
    char id[abi::KTR_USER_MAXIDLEN] = {};
    Errno error = EOK;
    if (uap->pointer(0) != nullptr) {
        error = copyinstr(uap->pointer(0), id, sizeof(id), nullptr);
        error = error == ENAMETOOLONG ? EOK : error; // cut short
    }
    u8 data[abi::KTR_USER_MAXLEN];
    if (error == EOK) {
        error = copyin(uap->pointer(1), data, len);
    }
    if (error == EOK) {
        ktr_add(abi::KTR_USER, id, sizeof(id), data, len);
    }
    return error;
}
