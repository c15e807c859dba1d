// Address spaces as they are in the stopped machine's memory: translation tables
// as the MMU would walk them, map entries as the kernel keeps them.
#pragma once

#include "abi/layout.hpp"
#include "snapshot/kernel_memory.hpp"
#include "snapshot/snapshot.hpp"

namespace forkscope {

// All tables from `root` on, of the lower or the upper half of the address space.
// Tables outside RAM are left out.
[[nodiscard]] AddressSpaceView walk_tables(const Inspection& machine, u64 root, bool upper);

// The kernel's own description, or nothing if there is none at `address`.
[[nodiscard]] std::optional<abi::KernelLayout> read_layout(KernelMemory& memory, u64 address);

// The space that the vm_map at `map` describes.
[[nodiscard]] AddressSpaceView read_space(const Inspection& machine, KernelMemory& memory,
                                          const abi::KernelLayout& layout, u64 map);

// Calls f(va, descriptor) for each page that the space maps.
template <typename F> void for_each_page(const AddressSpaceView& space, F f) {
    constexpr u8 kLast = 3;
    for (const TableView& table : space.tables)
        for (const TableEntry& entry : table.entries)
            if (table.level == kLast &&
                Descriptor(entry.descriptor).type(kLast) == DescriptorType::Page)
                f(table.va + u64{entry.index} * kPageSize, Descriptor(entry.descriptor));
}

} // namespace forkscope
