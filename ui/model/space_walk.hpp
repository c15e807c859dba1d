// Walks through an address space's tables as a snapshot holds them.
#pragma once

#include "mmu/descriptor.hpp"
#include "snapshot/snapshot.hpp"

#include <optional>
#include <span>

namespace forkscope {

// True for addresses that TTBR1_EL1 translates.
[[nodiscard]] constexpr bool is_upper(u64 va) {
    return Field<u64, 55>::test(va);
}

[[nodiscard]] constexpr bool same_page(u64 a, u64 b) {
    return a >> kPageShift == b >> kPageShift;
}

// A block or page descriptor.
struct Leaf {
    u64 va = 0; // first address that it maps
    u64 descriptor = 0;
    unsigned level = 3;

    [[nodiscard]] u64 pages() const { return u64{1} << (level_shift(level) - kPageShift); }
    [[nodiscard]] u64 frame() const { return Descriptor(descriptor).output_address(level); }
    // Of its range.
    [[nodiscard]] u64 physical_of(u64 address) const { return frame() + (address - va); }
    [[nodiscard]] bool writable() const { return (Descriptor::AP::get(descriptor) & 2) == 0; }
    [[nodiscard]] bool executable() const { return !Descriptor::UXN::test(descriptor); }
};

// False if `va` lies beyond what the first table translates: no walk begins.
[[nodiscard]] bool covers(const AddressSpaceView& space, u64 va);

// One descriptor of a walk.
struct SpaceStep {
    const TableView* table = nullptr;
    unsigned level = 0;
    unsigned index = 0;
    u64 descriptor = 0;
};

// The descriptors that a walk for `va` reads; none if it does not begin.
[[nodiscard]] std::vector<SpaceStep> walk_space(const AddressSpaceView& space, u64 va);

// What maps `va`, if anything does.
[[nodiscard]] std::optional<Leaf> find_leaf(const AddressSpaceView& space, u64 va);

// Everything mapped, in ascending order.
[[nodiscard]] std::vector<Leaf> leaves(const AddressSpaceView& space);

[[nodiscard]] std::span<const FrameMapping> mappings_of(const FrameTable& frames,
                                                        const FrameView& frame);

// The frame that the page had before the fault, 0 if none: as the kernel says, or
// as the descriptor says while the kernel has not spoken.
[[nodiscard]] u64 old_frame(const FaultCard& fault);

} // namespace forkscope
