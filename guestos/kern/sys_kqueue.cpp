// Event queues as programs have them: descriptors, and calls. kqueue(2), kevent(2)
#include "abi/poll.hpp"
#include "machine/cpu.hpp"
#include "sys/eventvar.hpp"
#include "sys/filedesc.hpp"
#include "sys/kmem.hpp"
#include "sys/proc.hpp"
#include "sys/sched.hpp"
#include "sys/sysent.hpp"
#include "sys/systm.hpp"
#include "sys/time.hpp"

namespace {

constexpr size_t kBatch = 32; // events told at once

// --- the queue as a file --------------------------------------------------------------

Errno kqueue_rw(file*, off_t*, uio*, kauth_cred*, int) {
    return ENXIO;
}
Errno filter_by_name(abi::kfilter_mapping* map) {
    char name[16]; // longer than any
    size_t len = 0;
    const Errno error =
        copyinstr(reinterpret_cast<const void*>(map->name), name, sizeof(name), &len);
    if (error != EOK) {
        return error;
    }
    for (const filter_desc& desc : kFilters) {
        if (strcmp(name, desc.name) == 0) {
            map->filter = desc.filter;
            return EOK;
        }
    }
    return ENOENT;
}

Errno filter_name(const abi::kfilter_mapping& map) {
    for (const filter_desc& desc : kFilters) {
        const size_t size = strlen(desc.name) + 1;
        if (desc.filter == map.filter) {
            return size > map.len ? ENAMETOOLONG
                                  : copyout(desc.name, reinterpret_cast<void*>(map.name), size);
        }
    }
    return ENOENT;
}

Errno kqueue_ioctl(file*, u64 com, void* data) {
    auto* map = static_cast<abi::kfilter_mapping*>(data);
    switch (com) {
    case abi::KFILTER_BYNAME:
        return filter_by_name(map);
    case abi::KFILTER_BYFILTER:
        return filter_name(*map);
    default:
        return ENOTTY;
    }
}

int kqueue_poll(file* fp, int events) {
    auto* kq = static_cast<kqueue*>(fp->f_data);
    return kq->kq_count > 0 ? events & (abi::POLLIN | abi::POLLRDNORM) : 0;
}

Errno kqueue_stat(file* fp, abi::stat* st) {
    st->st_size = static_cast<kqueue*>(fp->f_data)->kq_count;
    st->st_blksize = sizeof(abi::kevent);
    st->st_mode = abi::S_IFIFO;
    return EOK;
}

Errno kqueue_close(file* fp) {
    auto* kq = static_cast<kqueue*>(fp->f_data);
    mutex_enter(&kevent_lock);
    while (knote* kn = kq->kq_knotes.first()) {
        knote_detach(kn);
        mutex_enter(&kevent_lock);
    }
    kqueues.remove(kq);
    mutex_exit(&kevent_lock);
    cv_destroy(&kq->kq_cv);
    kmem_delete(kq);
    return EOK;
}

// EVFILT_READ on a queue: it can be read while something is on it.
void kqueue_detach(knote* kn) {
    mutex_enter(&kevent_lock);
    klist_remove(&static_cast<kqueue*>(kn->kn_obj)->kq_watchers, kn);
    mutex_exit(&kevent_lock);
}

bool kqueue_event(knote* kn, u32) {
    mutex_enter(&kevent_lock);
    kn->kn_kevent.data = static_cast<kqueue*>(kn->kn_obj)->kq_count;
    const bool something = kn->kn_kevent.data != 0;
    mutex_exit(&kevent_lock);
    return something;
}

constexpr filterops kqueue_filter{true, nullptr, kqueue_detach, kqueue_event, nullptr};

Errno kqueue_kqfilter(file* fp, knote* kn) {
    if (kn->kn_kevent.filter != abi::EVFILT_READ) {
        return EINVAL;
    }
    auto* kq = static_cast<kqueue*>(fp->f_data);
    mutex_enter(&kevent_lock);
    kn->kn_obj = kq;
    kn->kn_fop = &kqueue_filter;
    klist_insert(&kq->kq_watchers, kn);
    mutex_exit(&kevent_lock);
    return EOK;
}

const fileops kqueueops{"kqueue",    kqueue_rw,    kqueue_rw, kqueue_ioctl,   kqueue_poll,
                        kqueue_stat, kqueue_close, nullptr,   kqueue_kqfilter};

Errno kqueue1(lwp* l, int flags, register_t* retval) {
    if ((flags & ~(abi::O_CLOEXEC | abi::O_CLOFORK | abi::O_NONBLOCK | abi::O_NOSIGPIPE)) != 0) {
        return EINVAL;
    }
    file* fp = nullptr;
    int fd = 0;
    const Errno error = fd_allocfile(&fp, &fd);
    if (error != EOK) {
        return error;
    }
    auto* kq = kmem_new<kqueue>(KM_SLEEP);
    kq->kq_head.init();
    kq->kq_knotes.init();
    cv_init(&kq->kq_cv, "kqueue");
    kq->kq_fdp = l->l_fd;
    mutex_enter(&kevent_lock);
    kqueues.insert_head(kq);
    mutex_exit(&kevent_lock);
    fp->f_type = DTYPE_KQUEUE;
    fp->f_ops = &kqueueops;
    fp->f_data = kq;
    fp->f_flag.store(FREAD | FWRITE | (flags & abi::O_NONBLOCK));
    fd_set_exclose(l, fd, (flags & abi::O_CLOEXEC) != 0);
    fd_set_foclose(l, fd, (flags & abi::O_CLOFORK) != 0);
    fd_affix(l->l_proc, fp, fd);
    retval[0] = fd;
    return EOK;
}

// --- kevent ---------------------------------------------------------------------------

struct kevent_args {
    const abi::kevent* changes;
    size_t nchanges;
    abi::kevent* events;
    size_t nevents;
    int timo;
};

// Makes the changes. What fails, or asks for a receipt, is told as an event if
// there is room.
Errno kevent_changes(kqueue* kq, kevent_args* args, size_t* told) {
    for (size_t i = 0; i < args->nchanges; i++) {
        abi::kevent kev;
        Errno error = copyin(args->changes + i, kev);
        if (error != EOK) {
            return error;
        }
        error = kqueue_register(kq, &kev);
        if (error == EOK && (kev.flags & abi::EV_RECEIPT) == 0) {
            continue;
        }
        if (*told >= args->nevents) {
            if (error != EOK) {
                return error;
            }
            continue;
        }
        kev.flags = abi::EV_ERROR;
        kev.data = error;
        error = copyout(kev, args->events + *told);
        if (error != EOK) {
            return error;
        }
        ++*told;
    }
    return EOK;
}

Errno kevent1(kqueue* kq, kevent_args* args, size_t* told) {
    Errno error = kevent_changes(kq, args, told);
    if (error != EOK || *told > 0 || args->nevents == 0) {
        return error;
    }
    const size_t n = min(args->nevents, kBatch);
    auto* events = static_cast<abi::kevent*>(kmem_alloc(n * sizeof(abi::kevent), KM_SLEEP));
    error = kqueue_scan(kq, events, n, args->timo, told);
    if (error == EOK && *told > 0) {
        error = copyout(events, args->events, *told * sizeof(abi::kevent));
    }
    kmem_free(events, n * sizeof(abi::kevent));
    return error;
}

} // namespace

Errno sys_kqueue(lwp* l, const syscall_args*, register_t* retval) {
    return kqueue1(l, 0, retval);
}

Errno sys_kqueue1(lwp* l, const syscall_args* uap, register_t* retval) {
    return kqueue1(l, uap->integer<int>(0), retval);
}

// fd, changes, how many, events, room, timeout
Errno sys___kevent100(lwp*, const syscall_args* uap, register_t* retval) {
    kevent_args args{uap->pointer<const abi::kevent>(1), uap->integer<size_t>(2),
                     uap->pointer<abi::kevent>(3), uap->integer<size_t>(4), 0};
    Errno error = EOK;
    if (uap->pointer(5) != nullptr) {
        abi::timespec ts;
        error = copyin(uap->pointer(5), ts);
        error = error == EOK ? itimespecfix(&ts) : error;
        args.timo = error == EOK && timespec2ns(ts) > 0 ? tstohz(&ts) : -1;
    }
    if (error != EOK) {
        return error;
    }
    file* fp = fd_getfile(uap->integer<int>(0));
    if (fp == nullptr || fp->f_type != DTYPE_KQUEUE) {
        if (fp != nullptr) {
            fd_putfile(fp);
        }
        return EBADF;
    }
    size_t told = 0;
    error = kevent1(static_cast<kqueue*>(fp->f_data), &args, &told);
    fd_putfile(fp);
    retval[0] = static_cast<register_t>(told);
    return error;
}
