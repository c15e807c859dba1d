// Checks of the memory system in the kernel: pools, maps, amaps, faults.

#include "machine/cpu.hpp"
#include "sys/kmem.hpp"
#include "sys/pool.hpp"
#include "sys/selftest.hpp"
#include "sys/systm.hpp"
#include "uvm/uvm_extern.hpp"

namespace {

constexpr vaddr_t kVa = 0x10000000;

u8* frame_contents(vmspace* vm, vaddr_t va) {
    paddr_t pa;
    return pmap_extract(vm->vm_map_.pmap, va, &pa) ? static_cast<u8*>(pmap_direct_map(pa))
                                                   : nullptr;
}

// What a program's store and load do.
bool store(vmspace* vm, vaddr_t va, u8 value) {
    if (uvm_fault(&vm->vm_map_, va, VM_PROT_WRITE) != EOK) {
        return false;
    }
    *frame_contents(vm, va) = value;
    return true;
}
int load(vmspace* vm, vaddr_t va) {
    return uvm_fault(&vm->vm_map_, va, VM_PROT_READ) == EOK ? *frame_contents(vm, va) : -1;
}

vmspace* space_with(unsigned pages) {
    vmspace* vm = uvmspace_alloc(VM_MIN_ADDRESS, VM_MAXUSER_ADDRESS);
    uvm_flag flag;
    flag.fixed = true;
    flag.copyonwrite = true;
    vaddr_t va = kVa;
    (void)uvm_map(&vm->vm_map_, &va, ptoa(pages), nullptr, 0, 0, flag);
    return vm;
}

void test_memory(selftest_check check) {
    const u64 used = uvm_leak_snapshot().frames_used;
    void* p[64];
    bool distinct = true;
    for (unsigned i = 0; i < 64; ++i) {
        p[i] = kmem_zalloc(50 + i * 150, KM_SLEEP);
        memset(p[i], static_cast<int>(i), 50 + i * 150);
    }
    for (unsigned i = 0; i < 64; ++i) {
        const u8* bytes = static_cast<u8*>(p[i]);
        distinct = distinct && bytes[0] == i && bytes[49 + i * 150] == i;
        kmem_free(p[i], 50 + i * 150);
    }
    check(distinct, "allocations of 64 sizes do not overlap");
    check(uvm_leak_snapshot().frames_used == used, "and all of their frames come back");
}

vmspace* forked(vmspace* parent) {
    uvm_pglist none; // nothing is wired
    none.init();
    return uvmspace_fork(parent, &none);
}

void test_fork(selftest_check check) {
    vmspace* parent = space_with(4);
    check(load(parent, kVa + PAGE_SIZE) == 0, "untouched memory is zero");
    check(load(parent, kVa + ptoa(4)) == -1, "memory that is not mapped is a fault");
    store(parent, kVa, 1);
    vmspace* child = forked(parent);
    check(frame_contents(parent, kVa) == frame_contents(child, kVa), "fork shares frames");
    const u64 copies = uvmexp.cow_copy;
    store(child, kVa, 2);
    check(uvmexp.cow_copy == copies + 1 && load(parent, kVa) == 1 && load(child, kVa) == 2,
          "a write copies the frame for the writer");
    const u64 reuses = uvmexp.cow_reuse;
    store(parent, kVa, 3);
    check(uvmexp.cow_reuse == reuses + 1 && uvmexp.cow_copy == copies + 1,
          "the last sharer's write does not");
    uvmspace_free(parent);
    check(load(child, kVa) == 2, "the child outlives its parent");
    uvmspace_free(child);
}

void test_generations(selftest_check check) {
    constexpr unsigned kLevels = 20;
    vmspace* space[kLevels];
    space[0] = space_with(70);
    store(space[0], kVa + ptoa(69), 100);
    for (unsigned i = 1; i < kLevels; ++i) {
        space[i] = forked(space[i - 1]);
    }
    const u64 copies = uvmexp.cow_copy;
    bool right = true;
    for (unsigned i = 0; i < kLevels; ++i) {
        right = right && load(space[i], kVa + ptoa(69)) == 100;
        store(space[i], kVa + ptoa(69), static_cast<u8>(i));
    }
    check(right && uvmexp.cow_copy == copies + kLevels - 1,
          "a page forked down 20 generations is copied 19 times");
    for (unsigned i = 0; i < kLevels; ++i) {
        right = right && load(space[i], kVa + ptoa(69)) == static_cast<int>(i);
        uvmspace_free(space[i]);
    }
    check(right, "and everybody has its own");
}

void test_user_access(selftest_check check) {
    char buffer[16];
    size_t done;
    check(copyin(nullptr, buffer, sizeof(buffer)) == EFAULT, "copyin from nowhere is EFAULT");
    check(copyout(buffer, reinterpret_cast<void*>(VM_MAXUSER_ADDRESS - 8), 16) == EFAULT,
          "copyout across the end of user space is EFAULT");
    check(copyin(&done, buffer, sizeof(buffer)) == EFAULT, "copyin from the kernel is EFAULT");
    check(copyinstr(reinterpret_cast<void*>(PAGE_SIZE), buffer, sizeof(buffer), &done) == EFAULT,
          "a string that is not there is EFAULT");
}

} // namespace

void uvm_selftest(selftest_check check) {
    test_memory(check);
    const uvm_leak_counts before = uvm_leak_snapshot();
    test_fork(check);
    test_generations(check);
    test_user_access(check);
    const uvm_leak_counts after = uvm_leak_snapshot();
    check(after.anons == before.anons && after.amaps == before.amaps &&
              after.spaces == before.spaces && after.map_entries == before.map_entries,
          "no anon, amap, space or map entry is left over");
    check(after.frames_used == before.frames_used, "nor a frame");
}
