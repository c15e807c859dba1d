// kevent(2): filters, flags and the structure. NetBSD: sys/sys/event.h
#pragma once

#include "abi/types.hpp"

ABI_BEGIN

struct kevent {
    uint64_t ident;  // what the filter watches
    uint32_t filter; // EVFILT_*
    uint32_t flags;  // EV_*
    uint32_t fflags; // NOTE_*
    int64_t data;    // by filter
    uint64_t udata;  // the program's own
    uint64_t ext[4];
};
ABI_SIZE(struct kevent, 72);

enum {
    EVFILT_READ = 0,
    EVFILT_WRITE = 1,
    EVFILT_AIO = 2,
    EVFILT_VNODE = 3,
    EVFILT_PROC = 4,
    EVFILT_SIGNAL = 5,
    EVFILT_TIMER = 6,
    EVFILT_USER = 8,
    EVFILT_SYSCOUNT = 10,
};

enum {
    EV_ADD = 0x0001,
    EV_DELETE = 0x0002,
    EV_ENABLE = 0x0004,
    EV_DISABLE = 0x0008,
    EV_ONESHOT = 0x0010, // gone once it is told
    EV_CLEAR = 0x0020,   // its state starts anew once it is told
    EV_RECEIPT = 0x0040, // tell of the change itself
    EV_DISPATCH = 0x0080, // disabled once it is told
    EV_EOF = 0x8000,
    EV_ERROR = 0x4000, // data is an errno
};

// ioctl(2) on a queue: the number of a filter by its name, and the other way.
struct kfilter_mapping {
    uint64_t name; // address
    uint64_t len;  // room there
    uint32_t filter;
};
ABI_SIZE(struct kfilter_mapping, 24);
enum : uint32_t { KFILTER_BYFILTER = 0xc0186b00, KFILTER_BYNAME = 0xc0186b01 };

// EVFILT_PROC
enum : uint32_t {
    NOTE_EXIT = 0x80000000,
    NOTE_FORK = 0x40000000,
    NOTE_EXEC = 0x20000000,
    NOTE_TRACK = 0x00000001,    // watch children too
    NOTE_TRACKERR = 0x00000002, // a child could not be watched
    NOTE_CHILD = 0x00000004,    // a child; data is its parent's pid
};

// EVFILT_VNODE
enum : uint32_t {
    NOTE_DELETE = 0x0001,
    NOTE_WRITE = 0x0002,
    NOTE_EXTEND = 0x0004,
    NOTE_ATTRIB = 0x0008,
    NOTE_LINK = 0x0010,
    NOTE_RENAME = 0x0020,
    NOTE_REVOKE = 0x0040,
    NOTE_OPEN = 0x0080,
    NOTE_CLOSE = 0x0100,       // by who could not write
    NOTE_CLOSE_WRITE = 0x0200, // by who could
    NOTE_READ = 0x0400,
};

// EVFILT_TIMER: the unit of data
enum : uint32_t {
    NOTE_MSECONDS = 0x00000000,
    NOTE_SECONDS = 0x00000001,
    NOTE_USECONDS = 0x00000002,
    NOTE_NSECONDS = 0x00000003,
    NOTE_ABSTIME = 0x00000010, // a point in time, not a period
};

// EVFILT_USER
enum : uint32_t {
    NOTE_FFNOP = 0x00000000,
    NOTE_FFAND = 0x40000000,
    NOTE_FFOR = 0x80000000,
    NOTE_FFCOPY = 0xc0000000,
    NOTE_FFCTRLMASK = 0xc0000000,
    NOTE_FFLAGSMASK = 0x00ffffff,
    NOTE_TRIGGER = 0x01000000,
};

ABI_END
