// Copy-on-write over fork, seen from both sides. Identifiers in brackets are
// rows of the fork semantics table.

#include "space.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace test;

TEST_CASE("M8 a write to a page shared by fork copies it for the writer only", "[guestos][uvm]") {
    host::Kernel kernel;
    Space parent = make_space();
    map_anonymous(parent, kBase, 1);
    REQUIRE(host::store(parent.get(), kBase, 17).error == EOK);
    Space child = fork_space(parent);
    const paddr_t shared = frame_of(parent, kBase);
    host::take_probes();

    const host::Access write = host::store(child.get(), kBase, 99);

    CHECK(write.error == EOK);
    CHECK(write.faults == 1);
    CHECK(host::load(parent.get(), kBase).value == 17);
    CHECK(frame_of(parent, kBase) == shared);
    CHECK(frame_of(child, kBase) != shared);
    const auto probes = host::take_probes();
    REQUIRE(probes.size() >= 1);
    CHECK(probes[0].id == static_cast<u32>(abi::ProbeId::CowCopy));
    CHECK(probes[0].arg[1] == kBase);
    CHECK(probes[0].arg[2] == shared);
    CHECK(probes[0].arg[3] == frame_of(child, kBase));
    CHECK(probes[0].arg[4] == 2);
}

TEST_CASE("M9 the last sharer's write restores permission without a copy", "[guestos][uvm]") {
    host::Kernel kernel;
    Space parent = make_space();
    map_anonymous(parent, kBase, 1);
    host::store(parent.get(), kBase, 17);
    fork_space(parent).reset();
    const paddr_t frame = frame_of(parent, kBase);
    const u64 used = kernel.frames_used();
    host::take_probes();

    CHECK(host::store(parent.get(), kBase, 18).faults == 1);

    CHECK(frame_of(parent, kBase) == frame);
    CHECK(kernel.frames_used() == used);
    CHECK(host::count_probes(abi::ProbeId::CowReuse) == 1);
    CHECK(host::count_probes(abi::ProbeId::CowCopy) == 0);
    CHECK(host::store(parent.get(), kBase, 19).faults == 0);
}

TEST_CASE("M4 no stale translation lets the parent write after fork", "[guestos][uvm]") {
    host::Kernel kernel;
    Space parent = make_space();
    map_anonymous(parent, kBase, 40);
    for (unsigned i = 0; i < 40; ++i) {
        host::store(parent.get(), kBase + ptoa(i), static_cast<u8>(i));
    }
    const host::TlbCounts before = host::tlb_counts();
    Space child = fork_space(parent);
    for (unsigned i = 0; i < 40; ++i) {
        CHECK_FALSE(host::would_store(parent.get(), kBase + ptoa(i)));
        CHECK(host::would_load(parent.get(), kBase + ptoa(i)));
    }
    CHECK(host::tlb_counts().spaces - before.spaces == 1);
    CHECK(host::tlb_counts().pages == before.pages);
}

TEST_CASE("M3 a second fork does not protect the parent's pages again", "[guestos][uvm]") {
    host::Kernel kernel;
    Space parent = make_space();
    map_anonymous(parent, kBase, 8);
    for (unsigned i = 0; i < 8; ++i) {
        host::store(parent.get(), kBase + ptoa(i), 1);
    }
    Space first = fork_space(parent);
    const host::TlbCounts before = host::tlb_counts();
    Space second = fork_space(parent);
    CHECK(host::tlb_counts().spaces == before.spaces);
    host::store(parent.get(), kBase, 2);
    CHECK(host::load(first.get(), kBase).value == 1);
    CHECK(host::load(second.get(), kBase).value == 1);
}

TEST_CASE("M2 inheritance decides what the child sees", "[guestos][uvm]") {
    host::Kernel kernel;
    Space parent = make_space();
    const vaddr_t copy = kBase, share = kBase + 0x100000, none = kBase + 0x200000,
                  zero = kBase + 0x300000;
    for (const vaddr_t va : {copy, share, none, zero}) {
        map_anonymous(parent, va, 2);
        host::store(parent.get(), va, 5);
    }
    vm_map* map = &parent->vm_map_;
    REQUIRE(uvm_map_inherit(map, share, share + PAGE_SIZE, VM_INHERIT_SHARE) == EOK);
    REQUIRE(uvm_map_inherit(map, none, none + 2 * PAGE_SIZE, VM_INHERIT_NONE) == EOK);
    REQUIRE(uvm_map_inherit(map, zero, zero + 2 * PAGE_SIZE, VM_INHERIT_ZERO) == EOK);
    Space child = fork_space(parent);

    CHECK(host::load(child.get(), copy).value == 5);
    CHECK(host::load(child.get(), zero).value == 0);
    CHECK(host::load(child.get(), none).error == EFAULT);
    CHECK(host::load(child.get(), share).value == 5);
    host::store(child.get(), share, 6);
    CHECK(host::load(parent.get(), share).value == 6);
    host::store(parent.get(), share, 7);
    CHECK(host::load(child.get(), share).value == 7);
    host::store(child.get(), zero, 8);
    CHECK(host::load(parent.get(), zero).value == 5);
    CHECK(uvm_mmap_minherit(map, copy, PAGE_SIZE, 9) == EINVAL);
    CHECK(uvm_mmap_minherit(map, copy, PAGE_SIZE, VM_INHERIT_DONATE_COPY) == EINVAL);
}

TEST_CASE("M5 wired memory is copied at fork and the parent keeps write permission",
          "[guestos][uvm]") {
    host::Kernel kernel;
    Space parent = make_space();
    map_anonymous(parent, kBase, 4);
    host::store(parent.get(), kBase, 1);
    REQUIRE(uvm_map_pageable(&parent->vm_map_, kBase, kBase + ptoa(4), false) == EOK);
    CHECK(pmap_wired_count(parent->vm_map_.pmap) == 4);
    host::take_probes();

    Space child = fork_space(parent);

    CHECK(host::count_probes(abi::ProbeId::EagerCopy) == 4);
    CHECK(host::store(parent.get(), kBase, 2).faults == 0);
    CHECK(host::load(child.get(), kBase).value == 1);
    CHECK(pmap_wired_count(child->vm_map_.pmap) == 0);
    CHECK(child->vm_map_.entries.first()->wired_count == 0);
}

TEST_CASE("M14 a fork that can't have all frames for wired memory takes none", "[guestos][uvm]") {
    host::Kernel kernel;
    Space parent = make_space();
    map_anonymous(parent, kBase, 4);
    REQUIRE(uvm_map_pageable(&parent->vm_map_, kBase, kBase + ptoa(4), false) == EOK);
    kernel.leave_frames(uvmexp.reserve_kernel + 3);
    uvm_pglist pages;
    pages.init();

    CHECK(uvm_fork_reserve(parent.get(), &pages) == ENOMEM);
    CHECK(pages.empty());
    CHECK(uvmexp.free == uvmexp.reserve_kernel + 3);

    kernel.give_frames_back();
    const u64 free = uvmexp.free;
    CHECK(uvm_fork_reserve(parent.get(), &pages) == EOK);
    CHECK(uvmexp.free == free - 4);
    uvm_fork_release(&pages);
    CHECK(uvmexp.free == free);
}

TEST_CASE("M6 an amap shared by inheritance is copied for a child that must not share it",
          "[guestos][uvm]") {
    host::Kernel kernel;
    Space a = make_space();
    map_anonymous(a, kBase, 1);
    host::store(a.get(), kBase, 1);
    REQUIRE(uvm_map_inherit(&a->vm_map_, kBase, kBase + PAGE_SIZE, VM_INHERIT_SHARE) == EOK);
    Space b = fork_space(a);
    host::store(b.get(), kBase, 2);
    CHECK((b->vm_map_.entries.first()->aref.ar_amap->am_flags & AMAP_SHARED) != 0);
    REQUIRE(uvm_map_inherit(&b->vm_map_, kBase, kBase + PAGE_SIZE, VM_INHERIT_COPY) == EOK);
    Space c = fork_space(b);

    host::store(a.get(), kBase, 3);

    CHECK(host::load(b.get(), kBase).value == 3);
    CHECK(host::load(c.get(), kBase).value == 2);
    host::store(b.get(), kBase, 4);
    CHECK(host::load(a.get(), kBase).value == 4);
    b.reset();
    CHECK((a->vm_map_.entries.first()->aref.ar_amap->am_flags & AMAP_SHARED) == 0);
    CHECK(host::load(c.get(), kBase).value == 2);
}

TEST_CASE("M7 reading a shared page maps it read-only without a copy", "[guestos][uvm]") {
    host::Kernel kernel;
    Space parent = make_space();
    map_anonymous(parent, kBase, 1);
    host::store(parent.get(), kBase, 1);
    Space child = fork_space(parent);
    pmap_remove(child->vm_map_.pmap, kBase, kBase + PAGE_SIZE);
    pmap_update(child->vm_map_.pmap);

    CHECK(host::load(child.get(), kBase).faults == 1);
    CHECK(frame_of(child, kBase) == frame_of(parent, kBase));
    CHECK_FALSE(host::would_store(child.get(), kBase));
    CHECK(host::count_probes(abi::ProbeId::CowCopy) == 0);
}

TEST_CASE("M13 a page forked down n levels is copied n times and then reused", "[guestos][uvm]") {
    host::Kernel kernel;
    const InUse before = in_use(kernel);
    constexpr unsigned kLevels = 12;
    {
        std::vector<Space> generations;
        generations.push_back(make_space());
        map_anonymous(generations[0], kBase, 3);
        host::store(generations[0].get(), kBase, 200);
        for (unsigned i = 0; i < kLevels; ++i) {
            generations.push_back(fork_space(generations.back()));
        }
        host::take_probes();
        for (unsigned i = 0; i <= kLevels; ++i) {
            CHECK(host::load(generations[i].get(), kBase).value == 200);
            host::store(generations[i].get(), kBase, static_cast<u8>(i));
        }
        CHECK(host::count_probes(abi::ProbeId::CowCopy) == kLevels);
        CHECK(host::count_probes(abi::ProbeId::CowReuse) == 1);
        for (unsigned i = 0; i <= kLevels; ++i) {
            CHECK(host::load(generations[i].get(), kBase).value == i);
        }
    }
    CHECK(in_use(kernel) == before);
}

TEST_CASE("fork: many children writing in many orders see their own memory", "[guestos][uvm]") {
    host::Kernel kernel(4096);
    const InUse before = in_use(kernel);
    {
        constexpr unsigned kPages = 100, kChildren = 10;
        Space parent = make_space();
        map_anonymous(parent, kBase, kPages);
        for (unsigned p = 0; p < kPages; ++p) {
            host::store(parent.get(), kBase + ptoa(p), static_cast<u8>(p));
        }
        std::vector<Space> children;
        for (unsigned c = 0; c < kChildren; ++c) {
            children.push_back(fork_space(parent));
        }
        u32 random = 12345;
        for (unsigned n = 0; n < 3000; ++n) {
            random = random * 1664525 + 1013904223;
            const unsigned c = (random >> 8) % kChildren;
            const unsigned p = (random >> 16) % kPages;
            host::store(children[c].get(), kBase + ptoa(p) + c + 1, static_cast<u8>(c + 1));
        }
        for (unsigned c = 0; c < kChildren; ++c) {
            for (unsigned p = 0; p < kPages; ++p) {
                CHECK(host::load(children[c].get(), kBase + ptoa(p)).value == p);
                for (unsigned other = 0; other < kChildren; ++other) {
                    const u8 seen =
                        host::load(children[c].get(), kBase + ptoa(p) + other + 1).value;
                    CHECK((seen == 0 || other == c));
                }
            }
        }
    }
    CHECK(in_use(kernel) == before);
}

TEST_CASE("M14 a fault without frames fails and leaves everything as it was", "[guestos][uvm]") {
    host::Kernel kernel;
    Space parent = make_space();
    map_anonymous(parent, kBase, 2);
    host::store(parent.get(), kBase, 1);
    Space child = fork_space(parent);
    host::load(child.get(), kBase);
    kernel.leave_frames(uvmexp.reserve_kernel);
    const u64 anons = uvmexp.anons;

    CHECK(host::store(child.get(), kBase, 2).error == ENOMEM);
    CHECK(host::store(child.get(), kBase + PAGE_SIZE, 2).error == ENOMEM);
    CHECK(uvmexp.anons == anons);

    kernel.give_frames_back();
    CHECK(host::store(child.get(), kBase, 2).error == EOK);
    CHECK(host::load(parent.get(), kBase).value == 1);
}
