// mmap(2), mprotect(2), minherit(2), madvise(2), mlock(2).
#pragma once

#include "abi/types.hpp"

ABI_BEGIN

enum { PROT_NONE = 0, PROT_READ = 1, PROT_WRITE = 2, PROT_EXEC = 4 };

enum {
    MAP_FILE = 0x0000,
    MAP_SHARED = 0x0001,
    MAP_PRIVATE = 0x0002,
    MAP_FIXED = 0x0010,
    MAP_RENAME = 0x0020,
    MAP_NORESERVE = 0x0040,
    MAP_INHERIT = 0x0080,
    MAP_HASSEMAPHORE = 0x0200,
    MAP_TRYFIXED = 0x0400,
    MAP_WIRED = 0x0800,
    MAP_ANON = 0x1000,
    MAP_STACK = 0x2000,
};

enum {
    MAP_INHERIT_SHARE = 0,
    MAP_INHERIT_COPY = 1,
    MAP_INHERIT_NONE = 2,
    MAP_INHERIT_DONATE_COPY = 3,
    MAP_INHERIT_ZERO = 4,
};

enum {
    MADV_NORMAL = 0,
    MADV_RANDOM = 1,
    MADV_SEQUENTIAL = 2,
    MADV_WILLNEED = 3,
    MADV_DONTNEED = 4,
    MADV_SPACEAVAIL = 5,
    MADV_FREE = 6,
};

enum { MS_ASYNC = 1, MS_INVALIDATE = 2, MS_SYNC = 4 };
enum { MCL_CURRENT = 1, MCL_FUTURE = 2 };

ABI_END
