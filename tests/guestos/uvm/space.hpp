// What the tests of address spaces share.
#pragma once

#include "host/host.hpp"

#include <memory>

namespace test {

struct FreeSpace {
    void operator()(vmspace* vm) const { uvmspace_free(vm); }
};
using Space = std::unique_ptr<vmspace, FreeSpace>;

inline constexpr vaddr_t kBase = 0x10000000;

inline Space make_space() {
    return Space(uvmspace_alloc(VM_MIN_ADDRESS, VM_MAXUSER_ADDRESS));
}

inline Space fork_space(const Space& parent) {
    uvm_pglist pages;
    pages.init();
    if (uvm_fork_reserve(parent.get(), &pages) != EOK) {
        throw std::runtime_error("no frames for wired memory");
    }
    return Space(uvmspace_fork(parent.get(), &pages));
}

// Private anonymous memory at a fixed address.
inline void map_anonymous(const Space& vm, vaddr_t va, unsigned pages,
                          vm_prot_t prot = VM_PROT_RW) {
    uvm_flag flag;
    flag.prot = prot;
    flag.fixed = true;
    flag.copyonwrite = true;
    if (uvm_map(&vm->vm_map_, &va, ptoa(pages), nullptr, 0, 0, flag) != EOK) {
        throw std::runtime_error("uvm_map failed");
    }
}

// A mapping of an object; consumes a reference.
inline void map_object(const Space& vm, vaddr_t va, unsigned pages, uvm_object* uobj, bool shared,
                       voff_t offset = 0) {
    uvm_flag flag;
    flag.fixed = true;
    flag.copyonwrite = !shared;
    flag.inherit = shared ? VM_INHERIT_SHARE : VM_INHERIT_COPY;
    if (uvm_map(&vm->vm_map_, &va, ptoa(pages), uobj, offset, 0, flag) != EOK) {
        throw std::runtime_error("uvm_map failed");
    }
}

inline paddr_t frame_of(const Space& vm, vaddr_t va) {
    paddr_t pa = 0;
    return pmap_extract(vm->vm_map_.pmap, va, &pa) ? pa : 0;
}

// What must be the same before and after.
struct InUse {
    u64 frames, anons, amaps, spaces, entries;
    bool operator==(const InUse&) const = default;
};
inline InUse in_use(const host::Kernel& kernel) {
    return {kernel.frames_used(), uvmexp.anons, uvmexp.amaps, pmap_get_counts().spaces,
            uvm_mapent_count()};
}

} // namespace test
