/* Event queues: kqueue(2). NetBSD: sys/sys/event.h. */
#ifndef _SYS_EVENT_H_
#define _SYS_EVENT_H_

#include <sys/cdefs.h>
#include <sys/types.h>
#include <time.h>

#define EVFILT_READ 0U
#define EVFILT_WRITE 1U
#define EVFILT_AIO 2U
#define EVFILT_VNODE 3U
#define EVFILT_PROC 4U
#define EVFILT_SIGNAL 5U
#define EVFILT_TIMER 6U
#define EVFILT_USER 8U
#define EVFILT_SYSCOUNT 10U

struct kevent {
    __uintptr_t ident;
    __uint32_t filter;
    __uint32_t flags;
    __uint32_t fflags;
    __int64_t data;
    void *udata;
    __uint64_t ext[4];
};

/* Assignments, so that C++ takes any integer. */
#define EV_SET(kevp, i, filt, fl, ffl, d, u)                                                       \
    do {                                                                                           \
        struct kevent *kev_ = (kevp);                                                              \
        kev_->ident = (__uintptr_t)(i);                                                            \
        kev_->filter = (__uint32_t)(filt);                                                         \
        kev_->flags = (__uint32_t)(fl);                                                            \
        kev_->fflags = (__uint32_t)(ffl);                                                          \
        kev_->data = (__int64_t)(d);                                                               \
        kev_->udata = (void *)(u);                                                                 \
        __builtin_memset(kev_->ext, 0, sizeof(kev_->ext));                                         \
    } while (0)

#define EV_ADD 0x0001U
#define EV_DELETE 0x0002U
#define EV_ENABLE 0x0004U
#define EV_DISABLE 0x0008U
#define EV_ONESHOT 0x0010U
#define EV_CLEAR 0x0020U
#define EV_RECEIPT 0x0040U
#define EV_DISPATCH 0x0080U
#define EV_EOF 0x8000U
#define EV_ERROR 0x4000U

/* EVFILT_READ and EVFILT_WRITE: data is the low-water mark of a socket. The files
 * that this kernel has take no notice, nor do NetBSD's. */
#define NOTE_LOWAT 0x0001U

/* EVFILT_PROC */
#define NOTE_EXIT 0x80000000U
#define NOTE_FORK 0x40000000U
#define NOTE_EXEC 0x20000000U
#define NOTE_TRACK 0x00000001U
#define NOTE_TRACKERR 0x00000002U
#define NOTE_CHILD 0x00000004U

/* EVFILT_VNODE */
#define NOTE_DELETE 0x0001U
#define NOTE_WRITE 0x0002U
#define NOTE_EXTEND 0x0004U
#define NOTE_ATTRIB 0x0008U
#define NOTE_LINK 0x0010U
#define NOTE_RENAME 0x0020U
#define NOTE_REVOKE 0x0040U
#define NOTE_OPEN 0x0080U
#define NOTE_CLOSE 0x0100U
#define NOTE_CLOSE_WRITE 0x0200U
#define NOTE_READ 0x0400U

/* EVFILT_TIMER: the unit of data */
#define NOTE_MSECONDS 0x00000000U
#define NOTE_SECONDS 0x00000001U
#define NOTE_USECONDS 0x00000002U
#define NOTE_NSECONDS 0x00000003U
#define NOTE_ABSTIME 0x00000010U

/* EVFILT_USER */
#define NOTE_FFNOP 0x00000000U
#define NOTE_FFAND 0x40000000U
#define NOTE_FFOR 0x80000000U
#define NOTE_FFCOPY 0xc0000000U
#define NOTE_FFCTRLMASK 0xc0000000U
#define NOTE_FFLAGSMASK 0x00ffffffU
#define NOTE_TRIGGER 0x01000000U

/* ioctl(2) on a queue: the number of a filter by its name, and the other way. */
struct kfilter_mapping {
    char *name;
    size_t len;
    __uint32_t filter;
};
#define KFILTER_BYFILTER 0xc0186b00UL /* _IOWR('k', 0, struct kfilter_mapping) */
#define KFILTER_BYNAME 0xc0186b01UL

__BEGIN_DECLS
int kqueue(void);
int kqueue1(int);
int kevent(int, const struct kevent *, size_t, struct kevent *, size_t, const struct timespec *);
__END_DECLS

#endif
