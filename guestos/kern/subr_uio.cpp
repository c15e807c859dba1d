// Transfers between the kernel and what iovecs describe: uio(9).
#include "machine/cpu.hpp"
#include "sys/sched.hpp"
#include "sys/systm.hpp"
#include "sys/uio.hpp"

void uio_setup(uio* uio, abi::iovec* iov, void* base, size_t len, off_t offset, uio_rw rw,
               uio_seg seg) {
    *iov = {base, len};
    *uio = {iov, 1, offset, len, rw, seg};
}

namespace {

Errno move_piece(void* buf, void* base, size_t n, const uio* uio) {
    if (uio->uio_seg_ == UIO_USERSPACE) {
        return uio->uio_rw_ == UIO_READ ? copyout(buf, base, n) : copyin(base, buf, n);
    }
    if (uio->uio_rw_ == UIO_READ) {
        memcpy(base, buf, n);
    } else {
        memcpy(buf, base, n);
    }
    return EOK;
}

} // namespace

// The kernel is not preempted; a transfer of many pieces gives way between them.
Errno uiomove(void* buf, size_t n, uio* uio) {
    if (curcpu()->ci_want_resched != 0) {
        preempt();
    }
    auto* p = static_cast<char*>(buf);
    while (n > 0 && uio->uio_resid > 0) {
        abi::iovec* iov = uio->uio_iov;
        const size_t piece = n < iov->iov_len ? n : iov->iov_len;
        if (piece > 0) {
            const Errno error = move_piece(p, iov->iov_base, piece, uio);
            if (error != EOK) {
                return error;
            }
        }
        iov->iov_base = static_cast<char*>(iov->iov_base) + piece;
        iov->iov_len -= piece;
        uio->uio_resid -= piece;
        uio->uio_offset += static_cast<off_t>(piece);
        p += piece;
        n -= piece;
        if (iov->iov_len == 0 && uio->uio_iovcnt > 1) {
            uio->uio_iov++;
            uio->uio_iovcnt--;
        }
    }
    return EOK;
}
