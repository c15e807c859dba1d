// Records of what processes do, in a file: ktrace(2). Who is traced: sys_ktrace.cpp
#include "sys/ktracevar.hpp"

#include "machine/cpu.hpp"
#include "sys/filedesc.hpp"
#include "sys/kmem.hpp"
#include "sys/proc.hpp"
#include "sys/sysent.hpp"
#include "sys/systm.hpp"
#include "sys/time.hpp"

kmutex_t ktrace_lock;

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

ktr_desc* ktr_take(proc* p) {
    ktr_desc* ktd = p->p_tracep;
    p->p_tracep = nullptr;
    p->p_traceflag = 0;
    return ktd;
}

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

// --- utrace(2) ------------------------------------------------------------------------

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
