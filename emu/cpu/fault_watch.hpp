// Remembers pages that have faulted, to see what the guest's handler does to
// their descriptors.
#pragma once

#include "base/types.hpp"

#include <array>
#include <optional>
#include <unordered_map>

namespace forkscope {

class FaultWatch {
public:
    static constexpr unsigned kPageShift = 12;

    // A page of a space has faulted with `descriptor`.
    void add(u64 va, u16 asid, u64 descriptor) {
        const u64 page = va >> kPageShift;
        pages_[key_of(page, asid)] = descriptor;
        filter_[page % filter_.size()] = true;
    }

    // The page is translated again: what its descriptor was at the fault, once.
    [[nodiscard]] std::optional<u64> take(u64 va, u16 asid) {
        const u64 page = va >> kPageShift;
        if (!filter_[page % filter_.size()]) [[likely]]
            return std::nullopt;
        const auto found = pages_.find(key_of(page, asid));
        if (found == pages_.end())
            return std::nullopt;
        const u64 descriptor = found->second;
        pages_.erase(found);
        if (pages_.empty())
            filter_ = {};
        return descriptor;
    }

private:
    static u64 key_of(u64 page, u16 asid) { return page << 16 | asid; }

    std::unordered_map<u64, u64> pages_; // descriptor at the fault
    std::array<bool, 4096> filter_{};    // by low bits of the page: false if none is remembered
};

} // namespace forkscope
