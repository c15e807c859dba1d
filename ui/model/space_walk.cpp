#include "model/space_walk.hpp"

#include "event/esr.hpp"

#include <algorithm>

namespace forkscope {

bool covers(const AddressSpaceView& space, u64 va) {
    const unsigned bits = level_shift(space.first_level) + kTableBits;
    const u64 rest = va >> bits;
    return rest == (is_upper(va) ? ~u64{0} >> bits : 0);
}

std::vector<SpaceStep> walk_space(const AddressSpaceView& space, u64 va) {
    std::vector<SpaceStep> steps;
    for (unsigned level = space.first_level; level <= 3 && covers(space, va); ++level) {
        const TableView* table = space.table(level, va);
        if (table == nullptr) {
            break;
        }
        // The first table may be smaller than the others.
        const u64 offset = va - table->va;
        const auto index =
            static_cast<unsigned>(offset >> level_shift(level) & low_mask(kTableBits));
        const u64 descriptor = table->descriptor(index);
        steps.push_back({table, level, index, descriptor});
        if (Descriptor(descriptor).type(level) != DescriptorType::Table) {
            break;
        }
    }
    return steps;
}

std::optional<Leaf> find_leaf(const AddressSpaceView& space, u64 va) {
    const std::vector<SpaceStep> steps = walk_space(space, va);
    if (steps.empty()) {
        return std::nullopt;
    }
    const SpaceStep& last = steps.back();
    const DescriptorType type = Descriptor(last.descriptor).type(last.level);
    if (type != DescriptorType::Page && type != DescriptorType::Block) {
        return std::nullopt;
    }
    return Leaf{align_down(va, u64{1} << level_shift(last.level)), last.descriptor, last.level};
}

std::vector<Leaf> leaves(const AddressSpaceView& space) {
    std::vector<Leaf> found;
    for (const TableView& table : space.tables) {
        for (const TableEntry& entry : table.entries) {
            const DescriptorType type = Descriptor(entry.descriptor).type(table.level);
            if (type == DescriptorType::Page || type == DescriptorType::Block) {
                const u64 va = table.va + (u64{entry.index} << level_shift(table.level));
                found.push_back({va, entry.descriptor, table.level});
            }
        }
    }
    if (!std::ranges::is_sorted(found, {}, &Leaf::va)) {
        std::ranges::sort(found, {}, &Leaf::va);
    }
    return found;
}

std::span<const FrameMapping> mappings_of(const FrameTable& frames, const FrameView& frame) {
    const std::span<const FrameMapping> all(frames.mappings);
    const std::size_t first = std::min<std::size_t>(frame.first_mapping, all.size());
    return all.subspan(first, std::min<std::size_t>(frame.mappings, all.size() - first));
}

u64 old_frame(const FaultCard& fault) {
    if (fault.old_frame != 0) {
        return fault.old_frame;
    }
    const Descriptor before(fault.descriptor_before);
    const auto level = static_cast<unsigned>(fault_level(fault.esr));
    return before.type(level) == DescriptorType::Page ? before.output_address(level) : 0;
}

} // namespace forkscope
