// Copying from and to user space: copy(9). The loops are in copyin.S.

#include "machine/machdep.hpp"
#include "sys/lwp.hpp"
#include "sys/param.hpp"
#include "sys/systm.hpp"

extern "C" {
int copy_user(const void* from, void* to, size_t len, u64* onfault);
int copy_user_str(const char* from, char* to, size_t len, u64* onfault, size_t* done);
}

namespace {

bool in_user_space(const void* uaddr, size_t len) {
    const auto va = reinterpret_cast<vaddr_t>(uaddr);
    return va < VM_MAXUSER_ADDRESS && len <= VM_MAXUSER_ADDRESS - va;
}

u64* onfault() {
    return &lwp_getpcb(curlwp)->pcb_onfault;
}

Errno copy_string(const void* from, void* to, size_t len, size_t limit, size_t* done) {
    size_t copied = 0;
    const int error = copy_user_str(static_cast<const char*>(from), static_cast<char*>(to),
                                    min(len, limit), onfault(), &copied);
    if (done != nullptr) {
        *done = copied;
    }
    // What stopped the copy was the end of user space, not of the buffer.
    return error == ENAMETOOLONG && limit < len ? EFAULT : static_cast<Errno>(error);
}

size_t room_from(const void* uaddr) {
    const auto va = reinterpret_cast<vaddr_t>(uaddr);
    return va < VM_MAXUSER_ADDRESS ? VM_MAXUSER_ADDRESS - va : 0;
}

} // namespace

Errno copyin(const void* uaddr, void* kaddr, size_t len) {
    if (!in_user_space(uaddr, len)) {
        return EFAULT;
    }
    return static_cast<Errno>(copy_user(uaddr, kaddr, len, onfault()));
}

Errno copyout(const void* kaddr, void* uaddr, size_t len) {
    if (!in_user_space(uaddr, len)) {
        return EFAULT;
    }
    return static_cast<Errno>(copy_user(kaddr, uaddr, len, onfault()));
}

Errno copyinstr(const void* uaddr, void* kaddr, size_t len, size_t* done) {
    return copy_string(uaddr, kaddr, len, room_from(uaddr), done);
}

Errno copyoutstr(const void* kaddr, void* uaddr, size_t len, size_t* done) {
    return copy_string(kaddr, uaddr, len, room_from(uaddr), done);
}
