// A transfer between the kernel and memory that is described by iovecs: uio(9).
#pragma once

#include "abi/types.hpp"
#include "sys/types.hpp"

struct vmspace;

enum uio_rw { UIO_READ, UIO_WRITE };   // READ: from the object to memory
enum uio_seg { UIO_USERSPACE, UIO_SYSSPACE };

struct uio {
    abi::iovec* uio_iov;
    int uio_iovcnt;
    off_t uio_offset; // in the object
    size_t uio_resid; // bytes left
    uio_rw uio_rw_;
    uio_seg uio_seg_;
};

// Moves up to n bytes between `buf` and the uio, which advances.
[[nodiscard]] Errno uiomove(void* buf, size_t n, uio* uio);
// A uio for one piece of memory.
void uio_setup(uio* uio, abi::iovec* iov, void* base, size_t len, off_t offset, uio_rw rw,
               uio_seg seg);
