// Who uses which frame, worked out from all address spaces.
#pragma once

#include "snapshot/address_spaces.hpp"

#include <memory>

namespace forkscope {

// A space and the oldest process that has it.
struct OwnedSpace {
    u32 pid = 0;
    std::shared_ptr<const AddressSpaceView> space;

    bool operator==(const OwnedSpace&) const = default;
};

// `layout` may be null: then nothing is known of what frames hold but that they
// are mapped. `origins` are by frame of RAM, and may be fewer.
[[nodiscard]] FrameTable make_frames(const Inspection& machine, KernelMemory& memory,
                                     const abi::KernelLayout* layout,
                                     std::span<const PageAction> origins,
                                     const std::vector<OwnedSpace>& spaces);

// Resident pages of a space: those that only it maps, and the others.
struct PageCounts {
    u64 own = 0;
    u64 shared = 0;
};
[[nodiscard]] PageCounts count_pages(const AddressSpaceView& space, u32 pid,
                                     const FrameTable& frames);

} // namespace forkscope
