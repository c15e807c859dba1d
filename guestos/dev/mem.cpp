// /dev/null and /dev/zero: mem(4).
#include "sys/conf.hpp"
#include "sys/systm.hpp"

namespace {

Errno mem_open(dev_t dev, int, lwp*) {
    return minor(dev) == MINOR_NULL || minor(dev) == MINOR_ZERO ? EOK : ENXIO;
}

Errno mem_read(dev_t dev, uio* uio, int) {
    static const char zeros[256] = {};
    if (minor(dev) == MINOR_NULL) {
        return EOK; // end of file
    }
    Errno error = EOK;
    while (uio->uio_resid > 0 && error == EOK) {
        error = uiomove(const_cast<char*>(zeros), sizeof(zeros), uio);
    }
    return error;
}

Errno mem_write(dev_t, uio* uio, int) {
    uio->uio_offset += static_cast<off_t>(uio->uio_resid);
    uio->uio_resid = 0;
    return EOK;
}

} // namespace

const cdevsw mem_cdevsw{"mem", mem_open, nullptr, mem_read, mem_write, nullptr, nullptr,
                        nullptr};
