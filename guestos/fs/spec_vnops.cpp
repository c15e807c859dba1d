// Vnodes of character devices, and the table of the drivers behind them.
#include "abi/poll.hpp"
#include "machine/cpu.hpp"
#include "sys/conf.hpp"
#include "sys/proc.hpp"
#include "sys/systm.hpp"
#include "sys/tty.hpp"
#include "sys/vnode.hpp"

const cdevsw* cdevsw_lookup(dev_t dev) {
    switch (major(dev)) {
    case MAJOR_CONS:
        return &cons_cdevsw;
    case MAJOR_CTTY:
        return &ctty_cdevsw;
    case MAJOR_MEM:
        return &mem_cdevsw;
    default:
        return nullptr;
    }
}

Errno spec_open(vnode* vp, int fflags, lwp* l) {
    const cdevsw* cdev = cdevsw_lookup(vp->v_rdev);
    if (cdev == nullptr) {
        return ENXIO;
    }
    return cdev->d_open != nullptr ? cdev->d_open(vp->v_rdev, fflags, l) : EOK;
}

Errno spec_close(vnode* vp, int fflags) {
    const cdevsw* cdev = cdevsw_lookup(vp->v_rdev);
    return cdev != nullptr && cdev->d_close != nullptr ? cdev->d_close(vp->v_rdev, fflags) : EOK;
}

Errno spec_read(vnode* vp, uio* uio, int fflags) {
    return cdevsw_lookup(vp->v_rdev)->d_read(vp->v_rdev, uio, fflags);
}

Errno spec_write(vnode* vp, uio* uio, int fflags) {
    return cdevsw_lookup(vp->v_rdev)->d_write(vp->v_rdev, uio, fflags);
}

Errno spec_ioctl(vnode* vp, u64 com, void* data, int fflags) {
    const cdevsw* cdev = cdevsw_lookup(vp->v_rdev);
    return cdev->d_ioctl != nullptr ? cdev->d_ioctl(vp->v_rdev, com, data, fflags, vp)
                                    : EPASSTHROUGH;
}

int spec_poll(vnode* vp, int events) {
    const cdevsw* cdev = cdevsw_lookup(vp->v_rdev);
    return cdev->d_poll != nullptr ? cdev->d_poll(vp->v_rdev, events)
                                   : events & (abi::POLLIN | abi::POLLOUT);
}
