// Reads the stopped guest's memory by the kernel's virtual addresses.
#pragma once

#include "machine/inspection.hpp"

namespace forkscope {

// A walk of the tables as they are, without the TLB and without leaving a trace.
class GuestTables final : public DescriptorSource {
public:
    explicit GuestTables(const Inspection& machine) : machine_(machine) {}
    [[nodiscard]] std::optional<u64> read_descriptor(u64 physical) override {
        return machine_.read<u64>(physical);
    }
    // Where the byte at `va` is.
    [[nodiscard]] std::optional<u64> physical(u64 va) {
        const WalkResult walked = walk(machine_.regime, *this, va);
        if (walked.fault)
            return std::nullopt;
        return walked.translation.physical_of(machine_.regime.untag(va));
    }

private:
    const Inspection& machine_;
};

class KernelMemory {
public:
    explicit KernelMemory(const Inspection& machine) : machine_(machine), tables_(machine) {}

    // Nothing where nothing is mapped. Values do not cross pages.
    template <class T> [[nodiscard]] std::optional<T> read(u64 va) {
        const std::optional<u64> at = physical(va);
        return at ? machine_.read<T>(*at) : std::nullopt;
    }
    template <class T> [[nodiscard]] T read_or_zero(u64 va) { return read<T>(va).value_or(T{}); }

    [[nodiscard]] std::optional<u64> physical(u64 va) {
        constexpr u64 kPageMask = 4095;
        if ((va & ~kPageMask) != page_) {
            const std::optional<u64> found = tables_.physical(va & ~kPageMask);
            if (!found)
                return std::nullopt;
            page_ = va & ~kPageMask;
            frame_ = *found;
        }
        return frame_ | (va & kPageMask);
    }

private:
    const Inspection& machine_;
    GuestTables tables_;
    u64 page_ = 1; // translated last; none yet
    u64 frame_ = 0;
};

} // namespace forkscope
