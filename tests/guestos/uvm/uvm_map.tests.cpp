#include "space.hpp"

#include "abi/mman.hpp"

#include <catch2/catch_test_macros.hpp>

#include <map>

using namespace test;

TEST_CASE("uvm_map: untouched memory reads as zero and an unmapped address is EFAULT",
          "[guestos][uvm]") {
    host::Kernel kernel;
    Space vm = make_space();
    map_anonymous(vm, kBase, 2);
    CHECK(host::load(vm.get(), kBase + PAGE_SIZE + 5).value == 0);
    CHECK(host::load(vm.get(), kBase - 1).error == EFAULT);
    CHECK(host::load(vm.get(), kBase + 2 * PAGE_SIZE).error == EFAULT);
}

TEST_CASE("uvm_map: protection refuses and mprotect grants", "[guestos][uvm]") {
    host::Kernel kernel;
    Space vm = make_space();
    map_anonymous(vm, kBase, 3, VM_PROT_READ);
    CHECK(host::store(vm.get(), kBase + PAGE_SIZE, 1).error == EACCES);
    CHECK(uvm_map_protect(&vm->vm_map_, kBase + PAGE_SIZE, kBase + 2 * PAGE_SIZE, VM_PROT_RW,
                          false) == EOK);
    CHECK(host::store(vm.get(), kBase + PAGE_SIZE, 1).error == EOK);
    CHECK(host::store(vm.get(), kBase, 1).error == EACCES);
    CHECK(vm->vm_map_.nentries == 3);
    CHECK(uvm_map_protect(&vm->vm_map_, kBase + PAGE_SIZE, kBase + 2 * PAGE_SIZE, VM_PROT_READ,
                          false) == EOK);
    CHECK_FALSE(host::would_store(vm.get(), kBase + PAGE_SIZE));
    CHECK(host::load(vm.get(), kBase + PAGE_SIZE).value == 1);
    CHECK(uvm_map_protect(&vm->vm_map_, kBase, kBase + 4 * PAGE_SIZE, VM_PROT_READ, false) ==
          ENOMEM);
}

TEST_CASE("uvm_unmap: the middle of a region can go, and its frames with it", "[guestos][uvm]") {
    host::Kernel kernel;
    Space vm = make_space();
    map_anonymous(vm, kBase, 8);
    for (unsigned i = 0; i < 8; ++i) {
        host::store(vm.get(), kBase + ptoa(i), static_cast<u8>(i + 1));
    }
    const u64 anons = uvmexp.anons;
    uvm_unmap(&vm->vm_map_, kBase + ptoa(2), kBase + ptoa(5));
    CHECK(uvmexp.anons == anons - 3);
    CHECK(host::load(vm.get(), kBase + ptoa(1)).value == 2);
    CHECK(host::load(vm.get(), kBase + ptoa(3)).error == EFAULT);
    CHECK(host::load(vm.get(), kBase + ptoa(5)).value == 6);
    map_anonymous(vm, kBase + ptoa(2), 3);
    CHECK(host::load(vm.get(), kBase + ptoa(3)).value == 0);
}

TEST_CASE("uvm_map: a part unmapped by one sharer goes when it takes the amap over",
          "[guestos][uvm]") {
    host::Kernel kernel;
    Space parent = make_space();
    map_anonymous(parent, kBase, 4);
    for (unsigned i = 0; i < 4; ++i) {
        host::store(parent.get(), kBase + ptoa(i), 1);
    }
    Space child = fork_space(parent);
    uvm_unmap(&parent->vm_map_, kBase + ptoa(2), kBase + ptoa(4));
    child.reset();
    CHECK(uvmexp.anons == 4);
    host::store(parent.get(), kBase, 2);
    CHECK(uvmexp.anons == 2);
}

TEST_CASE("brk: growth joins the entry before it, shrinking frees", "[guestos][uvm]") {
    host::Kernel kernel;
    Space vm = make_space();
    vm->vm_daddr = kBase;
    REQUIRE(uvm_obreak(vm.get(), kBase + 100, MAXDSIZ) == EOK);
    host::store(vm.get(), kBase, 1);
    for (unsigned i = 1; i < 20; ++i) {
        REQUIRE(uvm_obreak(vm.get(), kBase + ptoa(i) + 1, MAXDSIZ) == EOK);
        host::store(vm.get(), kBase + ptoa(i), static_cast<u8>(i));
    }
    CHECK(vm->vm_map_.nentries == 1);
    CHECK(host::load(vm.get(), kBase + ptoa(7)).value == 7);
    CHECK(uvm_obreak(vm.get(), kBase + ptoa(2), MAXDSIZ) == EOK);
    CHECK(uvmexp.anons == 2);
    CHECK(uvm_obreak(vm.get(), kBase - 1, MAXDSIZ) == EINVAL);
    CHECK(uvm_obreak(vm.get(), kBase + ptoa(30), ptoa(20)) == ENOMEM);
}

TEST_CASE("mmap: addresses are given out without overlap and holes are found again",
          "[guestos][uvm]") {
    host::Kernel kernel;
    Space vm = make_space();
    vaddr_t a = 0, b = 0, c = 0;
    const int flags = abi::MAP_PRIVATE | abi::MAP_ANON;
    vm_map* map = &vm->vm_map_;
    REQUIRE(uvm_mmap(map, &a, ptoa(3), VM_PROT_RW, VM_PROT_ALL, flags, nullptr, 0, 0) == EOK);
    REQUIRE(uvm_mmap(map, &b, ptoa(2), VM_PROT_RX, VM_PROT_ALL, flags, nullptr, 0, 0) == EOK);
    CHECK(b == a + ptoa(3));
    REQUIRE(uvm_mmap_munmap(map, a, ptoa(3)) == EOK);
    REQUIRE(uvm_mmap(map, &c, ptoa(2), VM_PROT_RW, VM_PROT_ALL, flags, nullptr, 0, 0) == EOK);
    CHECK(c == a);
    c = VM_MAXUSER_ADDRESS - PAGE_SIZE;
    CHECK(uvm_mmap(map, &c, ptoa(2), VM_PROT_RW, VM_PROT_ALL, flags | abi::MAP_FIXED, nullptr, 0,
                   0) == EINVAL);
    CHECK(uvm_mmap(map, &c, 0, VM_PROT_RW, VM_PROT_ALL, flags, nullptr, 0, 0) == EINVAL);
    CHECK(uvm_mmap(map, &c, ~u64{0}, VM_PROT_RW, VM_PROT_ALL, flags, nullptr, 0, 0) == ENOMEM);
    CHECK(uvm_mmap_munmap(map, ~u64{0} - 0xfff, ptoa(2)) == EINVAL);
}

TEST_CASE("mmap: MAP_SHARED anonymous memory is shared with children", "[guestos][uvm]") {
    host::Kernel kernel;
    const InUse before = in_use(kernel);
    {
        Space vm = make_space();
        vaddr_t a = 0;
        REQUIRE(uvm_mmap(&vm->vm_map_, &a, ptoa(2), VM_PROT_RW, VM_PROT_ALL,
                         abi::MAP_SHARED | abi::MAP_ANON, nullptr, 0, 0) == EOK);
        Space child = fork_space(vm);
        host::store(child.get(), a, 3);
        CHECK(host::load(vm.get(), a).value == 3);
        vm.reset();
        CHECK(host::load(child.get(), a).value == 3);
    }
    CHECK(in_use(kernel) == before);
}

TEST_CASE("M12 neighbours of a read fault are mapped, read-only where shared", "[guestos][uvm]") {
    host::Kernel kernel;
    Space parent = make_space();
    map_anonymous(parent, kBase, 8);
    for (unsigned i = 0; i < 8; ++i) {
        host::store(parent.get(), kBase + ptoa(i), 1);
    }
    Space child = fork_space(parent);
    const auto forget = [&] {
        pmap_remove(child->vm_map_.pmap, kBase, kBase + ptoa(8));
        pmap_update(child->vm_map_.pmap);
    };
    forget();
    host::load(child.get(), kBase + ptoa(3));
    CHECK(pmap_resident_count(child->vm_map_.pmap) == 8);
    CHECK(host::would_load(child.get(), kBase + ptoa(5)));
    CHECK_FALSE(host::would_store(child.get(), kBase + ptoa(5)));

    const unsigned saved = uvm_fault_around;
    uvm_fault_around = 0;
    forget();
    host::load(child.get(), kBase + ptoa(3));
    CHECK(pmap_resident_count(child->vm_map_.pmap) == 1);
    uvm_fault_around = saved;
}

TEST_CASE("uvm_map: random operations agree with a plain model", "[guestos][uvm]") {
    host::Kernel kernel(8192);
    const InUse before = in_use(kernel);
    {
        constexpr unsigned kPages = 160;
        Space vm = make_space();
        std::map<unsigned, u8> model; // page -> value of its first byte
        u32 random = 7;
        const auto next = [&random](unsigned n) {
            random = random * 1664525 + 1013904223;
            return (random >> 8) % n;
        };
        for (unsigned step = 0; step < 4000; ++step) {
            const unsigned page = next(kPages);
            const unsigned len = 1 + next(std::min(12U, kPages - page));
            const vaddr_t va = kBase + ptoa(page);
            switch (next(4)) {
            case 0: {
                uvm_flag flag;
                flag.fixed = flag.unmap = flag.copyonwrite = true;
                vaddr_t at = va;
                REQUIRE(uvm_map(&vm->vm_map_, &at, ptoa(len), nullptr, 0, 0, flag) == EOK);
                for (unsigned i = 0; i < len; ++i) {
                    model[page + i] = 0;
                }
                break;
            }
            case 1:
                uvm_unmap(&vm->vm_map_, va, va + ptoa(len));
                for (unsigned i = 0; i < len; ++i) {
                    model.erase(page + i);
                }
                break;
            case 2: {
                const u8 value = static_cast<u8>(step);
                const bool mapped = model.count(page) != 0;
                REQUIRE((host::store(vm.get(), va, value).error == EOK) == mapped);
                if (mapped) {
                    model[page] = value;
                }
                break;
            }
            default:
                if (next(8) == 0) {
                    vm = fork_space(vm); // the old one goes: its amaps are taken over
                }
                break;
            }
        }
        for (unsigned page = 0; page < kPages; ++page) {
            const host::Access read = host::load(vm.get(), kBase + ptoa(page));
            REQUIRE((read.error == EOK) == (model.count(page) != 0));
            if (read.error == EOK) {
                REQUIRE(read.value == model[page]);
            }
        }
    }
    CHECK(in_use(kernel) == before);
}

// Found by random system calls: a page kept its wire count where the mapping
// that had wired it was gone.
TEST_CASE("wired pages are freed whatever became of the mappings that wired them",
          "[guestos][uvm]") {
    host::Kernel kernel;
    Space parent = make_space();
    vm_map* map = &parent->vm_map_;
    map_anonymous(parent, kBase, 4);
    for (unsigned i = 0; i < 4; i++) {
        host::store(parent.get(), kBase + ptoa(i), 1);
    }

    SECTION("a shared page is wired for reading, then written") {
        Space child = fork_space(parent);
        REQUIRE(uvm_map_protect(map, kBase, kBase + ptoa(4), VM_PROT_READ, false) == EOK);
        REQUIRE(uvm_map_pageable(map, kBase, kBase + ptoa(4), false) == EOK);
        REQUIRE(uvm_map_protect(map, kBase, kBase + ptoa(4), VM_PROT_READ | VM_PROT_WRITE, false) ==
                EOK);
        CHECK(host::store(parent.get(), kBase, 2).error == EOK);
        CHECK(host::load(child.get(), kBase).value == 1);
        CHECK(pmap_wired_count(map->pmap) == 4);
    }
    SECTION("a wired range is made inaccessible, and accessible again") {
        REQUIRE(uvm_map_pageable(map, kBase, kBase + ptoa(4), false) == EOK);
        REQUIRE(uvm_map_protect(map, kBase, kBase + ptoa(2), VM_PROT_NONE, false) == EOK);
        CHECK(pmap_wired_count(map->pmap) == 2);
        REQUIRE(uvm_map_protect(map, kBase, kBase + PAGE_SIZE, VM_PROT_READ, false) == EOK);
        CHECK(host::load(parent.get(), kBase).value == 1);
        CHECK(pmap_wired_count(map->pmap) == 3);
    }
    SECTION("a page of shared memory is replaced under another one's wired mapping") {
        REQUIRE(uvm_map_inherit(map, kBase, kBase + ptoa(4), VM_INHERIT_SHARE) == EOK);
        Space sharer = fork_space(parent);
        REQUIRE(uvm_map_inherit(map, kBase, kBase + ptoa(4), VM_INHERIT_COPY) == EOK);
        Space copier = fork_space(parent);
        REQUIRE(uvm_map_protect(map, kBase, kBase + ptoa(4), VM_PROT_READ, false) == EOK);
        REQUIRE(uvm_map_pageable(map, kBase, kBase + ptoa(4), false) == EOK);
        CHECK(host::store(sharer.get(), kBase, 3).error == EOK);
        CHECK(host::load(parent.get(), kBase).value == 3);
        CHECK(host::load(copier.get(), kBase).value == 1);
    }
    uvm_unmap(map, kBase, kBase + ptoa(4));
    CHECK(pmap_wired_count(map->pmap) == 0);
}
