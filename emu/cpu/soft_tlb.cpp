#include "cpu/soft_tlb.hpp"

namespace forkscope {

void SoftTlb::note(u64 va, bool tagged, TlbEntry& entry) {
    tlb_.grant(entry);
    ++grants_;
    tagged_ |= tagged;
    if (Tlb::is_global(entry))
        return;
    u64& recent = recent_[va / kPageSize % kSlots];
    if (recent == va)
        return;
    recent = va;
    too_many_ |= pages_.size() == kMostPages;
    if (!too_many_)
        pages_.push_back(va);
}

void SoftTlb::flush() {
    if (due())
        grow_at_ = grow_at_ < kLastGrowth ? grow_at_ * 2 : ~u32{0};
    grants_ = 0;
    engine_.flush_grants();
    tlb_.soft_flushed();
    forget_pages();
    tagged_ = false;
    ++epoch_;
}

void SoftTlb::flush_page(u64 va) {
    if (tagged_ || engine_.page_size() != kPageSize)
        return flush();
    engine_.flush_page(va);
}

void SoftTlb::flush_space(u16 asid) {
    if (too_many_ || tagged_ || engine_.page_size() != kPageSize)
        return flush();
    for (const u64 page : pages_)
        engine_.flush_page(page);
    forget_pages();
    tlb_.soft_flushed(asid);
}

void SoftTlb::forget_pages() {
    pages_.clear();
    recent_.fill(kNoPage);
    too_many_ = false;
}

} // namespace forkscope
