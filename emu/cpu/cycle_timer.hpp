// Cycle timing of one CPU: finds the timing of each block that the engine
// executes, worked out when the block is first seen, and lets the cycle model
// keep the time.
//
// Blocks are known by what they are: their physical address and size. A table in
// front of that finds them by virtual address; its entries belong to one
// translation context, and are of no use once that has changed.
#pragma once

#include "engine/engine.hpp"
#include "mmu/tlb.hpp"
#include "timing/cycle_model.hpp"

#include <memory>
#include <unordered_map>

namespace forkscope {

// What the timer asks of its CPU. Nothing may be thrown.
class TimedCpu {
public:
    virtual ~TimedCpu() = default;
    // Where code is fetched from.
    [[nodiscard]] virtual u64 code_address(u64 pc) = 0; // physical
    virtual void read_code(u64 physical, std::span<u32> words) = 0;
    // An ERET has been executed and charged; what follows is not.
    virtual void exception_returned() = 0;
};

class CycleTimer {
public:
    CycleTimer(const timing::TimingModel& model, u64 seed, TimedCpu& cpu);

    // The RAM: accesses elsewhere go to devices.
    void set_ram(u64 base, u64 size) {
        ram_base_ = base;
        ram_size_ = size;
    }

    // The block begun last, if it was not left, has run to its end.
    void end_block() {
        model_.end_block();
        if (model_.take_return())
            cpu_.exception_returned();
    }

    // What the engine is created with, and then the engine.
    [[nodiscard]] ExecutionWatch watch();
    void set_engine(Engine& engine) { engine_ = &engine; }

    [[nodiscard]] timing::CycleModel& model() { return model_; }
    [[nodiscard]] const timing::CycleModel& model() const { return model_; }

    // Translations of `asid` are used from now on.
    void use_space(u16 asid);
    // A TLBI was executed. `physical` is what the address meant, if it is known.
    void invalidate(TlbiScope scope, u64 va, u16 asid, std::optional<u64> physical);
    // Translation registers other than TTBRs have changed.
    void forget_translations();
    // The code of these frames of 4 KiB has changed.
    void forget_code(std::span<const u64> frames);

private:
    struct alignas(64) Slot {
        timing::BlockPlace place;
        u32 size = 0;
        u32 context = 0;
    };
    using Frame = std::unordered_map<u32, std::unique_ptr<timing::BlockTiming>>; // by offset, size
    static constexpr std::size_t kSlots = 16384;
    static constexpr u64 kUpperHalf = u64{1} << 63;

    static std::size_t slot_of(u64 pc) { return (pc >> 2 ^ pc >> 16) % kSlots; }
    [[nodiscard]] u32 context_of(u64 pc) const {
        return (pc & kUpperHalf) != 0 ? upper_context_ : lower_context_;
    }
    static CycleTimer& self(void* context) { return *static_cast<CycleTimer*>(context); }
    static void on_block(void*, u64 pc, u32 size, void* context);
    static void on_read(u64 physical, int size, void* context);
    static void on_write(u64 physical, int size, void* context);
    void other_access(u64 physical, int size, bool write);
    void fill(Slot& slot, u64 pc, u32 size);
    timing::BlockTiming& block_at(u64 pc, u64 physical, u32 size);
    bool& seen_code(u64 va) { return code_pages_[va >> 12 & (code_pages_.size() - 1)]; }

    timing::CycleModel model_;
    timing::PipelineModel pipeline_;
    timing::TimingDecoder decoder_;
    TimedCpu& cpu_;
    Engine* engine_ = nullptr;
    u64 ram_base_ = 0;
    u64 ram_size_ = 0;
    std::vector<Slot> slots_;
    std::unordered_map<u64, Frame> frames_; // by physical frame number
    u32 next_id_ = 0;

    // Numbers of translation contexts; none is used twice.
    u32 last_context_ = 0;
    u32 upper_context_ = 0;
    u32 lower_context_ = 0;
    u16 asid_ = 0;
    std::unordered_map<u16, u32> contexts_; // of the lower half, by ASID
    std::array<bool, 4096> code_pages_{};   // by low bits of the virtual page: had a block
};

} // namespace forkscope
