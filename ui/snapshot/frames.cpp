#include "snapshot/frames.hpp"

#include <algorithm>

namespace forkscope {

namespace {

class FrameBuilder {
public:
    FrameBuilder(const Inspection& machine, KernelMemory& memory, const abi::KernelLayout* layout,
                 std::span<const PageAction> origins)
        : machine_(machine), memory_(memory), layout_(layout), origins_(origins),
          count_(machine.ram.size() / kPageSize + 1), use_(machine.ram.size() / kPageSize) {}

    FrameTable build(const std::vector<OwnedSpace>& spaces) {
        FrameTable table{.ram_base = machine_.ram_base,
                         .ram_bytes = machine_.ram.size(),
                         .frames = {},
                         .mappings = {}};
        note_kernel();
        for (const OwnedSpace& owned : spaces)
            count(owned);
        make_frames(table);
        for (const OwnedSpace& owned : spaces)
            fill(owned, table);
        return table;
    }

private:
    struct Use {
        FrameUse use = FrameUse::Unmapped;
        u32 owner = 0;
    };

    // Nothing outside RAM.
    std::optional<u64> index_of(u64 physical) const {
        const u64 index = (physical - machine_.ram_base) / kPageSize;
        return index < use_.size() ? std::optional(index) : std::nullopt;
    }

    void note_kernel() {
        const auto start =
            layout_ != nullptr ? memory_.physical(layout_->image_start) : std::nullopt;
        if (!start)
            return;
        for (u64 at = 0; at < layout_->image_end - layout_->image_start; at += kPageSize)
            if (const auto index = index_of(*start + at))
                use_[*index].use = FrameUse::Kernel;
    }

    void count(const OwnedSpace& owned) {
        for (const TableView& table : owned.space->tables)
            if (const auto index = index_of(table.physical))
                use_[*index] = {FrameUse::Table, owned.pid};
        for_each_page(*owned.space, [&](u64, Descriptor page) {
            const auto index = index_of(page.output_address(3));
            if (!index)
                return;
            if (count_[*index]++ == 0)
                use_[*index] = {FrameUse::Anonymous, owned.pid};
        });
    }

    // Where each frame's mappings begin, and the frames that are in use.
    void make_frames(FrameTable& table) {
        u32 first = 0;
        for (u64 index = 0; index < use_.size(); ++index) {
            if (use_[index].use == FrameUse::Unmapped)
                continue;
            FrameView frame{.physical = machine_.ram_base + index * kPageSize,
                            .use = use_[index].use,
                            .owner = use_[index].owner,
                            .first_mapping = first,
                            .mappings = count_[index]};
            if (frame.use == FrameUse::Anonymous && !is_anonymous(index))
                frame.use = FrameUse::File;
            if (count_[index] != 0 && index < origins_.size())
                frame.origin = origins_[index];
            first += count_[index];
            count_[index] = frame.first_mapping;
            table.frames.push_back(frame);
        }
        table.mappings.resize(first);
    }

    void fill(const OwnedSpace& owned, FrameTable& table) {
        for_each_page(*owned.space, [&](u64 va, Descriptor page) {
            if (const auto index = index_of(page.output_address(3)))
                table.mappings[count_[*index]++] = {
                    owned.pid, va, page.access_permission() == AccessPermission::BothReadWrite};
        });
    }

    // By the kernel's own record of the frame.
    bool is_anonymous(u64 index) {
        if (layout_ == nullptr)
            return true;
        if (!pages_) {
            const u64 start = memory_.read_or_zero<u64>(layout_->ram + layout_->ram_start);
            pages_ = memory_.read_or_zero<u64>(layout_->ram + layout_->ram_pages) -
                     (start - machine_.ram_base) / kPageSize * layout_->page_size;
        }
        const u64 page = *pages_ + index * layout_->page_size;
        return (memory_.read_or_zero<u16>(page + layout_->page_flags) & abi::kPageAnonymous) != 0;
    }

    const Inspection& machine_;
    KernelMemory& memory_;
    const abi::KernelLayout* layout_;
    std::span<const PageAction> origins_;
    std::vector<u32> count_; // by frame: mappings; then where its next one goes
    std::vector<Use> use_;   // by frame
    std::optional<u64> pages_;
};

} // namespace

FrameTable make_frames(const Inspection& machine, KernelMemory& memory,
                       const abi::KernelLayout* layout, std::span<const PageAction> origins,
                       const std::vector<OwnedSpace>& spaces) {
    return FrameBuilder(machine, memory, layout, origins).build(spaces);
}

PageCounts count_pages(const AddressSpaceView& space, u32 pid, const FrameTable& frames) {
    PageCounts counts;
    for_each_page(space, [&](u64, Descriptor page) {
        const FrameView* frame = frames.frame(page.output_address(3));
        if (frame == nullptr)
            return;
        const auto first = frames.mappings.begin() + frame->first_mapping;
        const bool shared = std::any_of(first, first + frame->mappings,
                                        [pid](const auto& mapping) { return mapping.pid != pid; });
        ++(shared ? counts.shared : counts.own);
    });
    return counts;
}

} // namespace forkscope
