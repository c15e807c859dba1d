// What the engine may hold of the TLB, and how to take it away again.
//
// The engine's soft TLB knows neither ASIDs nor global entries; it holds those of
// the current space. Emptying it costs little in itself, but everything used
// after that is asked for again, code included. So the pages of the current space
// are remembered, and taken away one by one when the space changes.
#pragma once

#include "engine/engine.hpp"
#include "mmu/tlb.hpp"

#include <array>
#include <vector>

namespace forkscope {

class SoftTlb {
public:
    SoftTlb(Engine& engine, Tlb& tlb) : engine_(engine), tlb_(tlb) { forget_pages(); }

    // The engine has been granted the page at `va`, by `entry`. `tagged`: `va` has
    // a tag, and the engine keeps the page under it.
    void note(u64 va, bool tagged, TlbEntry& entry);

    // Takes away everything; the page at `va`; everything that is not global, of
    // which all belongs to `asid`. Allowed wherever Engine::flush_grants is, and
    // flush_page in fill() too.
    void flush();
    void flush_page(u64 va);
    void flush_space(u16 asid);

    // True if everything should be flushed before another block is executed: the
    // engine's table grows only when it is emptied. Nothing but speed depends on it.
    [[nodiscard]] bool due() const { return grants_ >= grow_at_; }

    // Counts flushes of everything: a grant of an earlier epoch is gone.
    [[nodiscard]] u32 epoch() const { return epoch_; }

private:
    static constexpr std::size_t kSlots = 256;
    static constexpr std::size_t kMostPages = 160; // beyond, emptying is cheaper
    static constexpr u64 kNoPage = ~u64{0};
    // The engine's table begins with 256 entries, and doubles if most are in use.
    static constexpr u32 kFirstGrowth = 4 * 256; // grants
    static constexpr u32 kLastGrowth = 4 * 2048;

    void forget_pages();

    Engine& engine_;
    Tlb& tlb_;
    std::vector<u64> pages_;              // granted since the last flush_space, not global
    std::array<u64, kSlots> recent_{};    // some of them, by address
    u32 grants_ = 0;                      // since the last flush
    u32 grow_at_ = kFirstGrowth;
    bool too_many_ = false;               // pages_ is not complete
    bool tagged_ = false;                 // there are grants under addresses with a tag
    u32 epoch_ = 1;
};

} // namespace forkscope
