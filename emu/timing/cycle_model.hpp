// Cycle timing of one CPU: what the instructions executed cost, and why. The CPU
// reports blocks, data accesses and events; the model keeps the time.
//
// Approximations, all in docs/accuracy.md: a block is timed as if it began in an
// empty pipeline, and waits at its seam for results of the block before; the TLBs
// are keyed by physical page and ASID; stores leave through a store buffer.
#pragma once

#include "event/event.hpp"
#include "timing/block_timing.hpp"
#include "timing/timing_model.hpp"

#include <array>
#include <unordered_map>
#include <vector>

namespace forkscope::timing {

// How a page or block was translated last: what a walk for it would read.
struct PageWalk {
    std::array<u64, 4> descriptors{}; // physical addresses, upper levels first
    u8 levels = 0;
    u8 shift = 12; // log2 of the size of what the last one maps
    bool global = false;
};

// A block where it stands, and what beginning it there takes.
struct BlockPlace {
    BlockTiming* block = nullptr;
    u64 pc = ~u64{0};
    u64 target = 0;                    // of a direct branch at its end
    u64 page = 0;                      // physical
    u64 first_line = 0, last_line = 0; // of L1I
};

class CycleModel {
public:
    explicit CycleModel(const TimingModel& model, u64 seed = 1);

    // Where a block stands: at `pc`, physical address `physical`.
    [[nodiscard]] BlockPlace place(BlockTiming& block, u64 pc, u64 physical) const;

    // The block begun last, if it has not ended, has run to its end; the next
    // instruction is at `pc`.
    void end_block(u64 pc) {
        if (place_ == nullptr)
            return;
        const BlockTiming& block = *place_->block;
        finish_block(block);
        if (block.end != BranchKind::None)
            resolve_branch(block, pc);
        previous_ = &block;
        place_ = nullptr;
    }
    // The same, where what follows is no business of the branch predictor.
    void end_block();
    // True once after each ERET that was executed.
    [[nodiscard]] bool take_return() {
        if (!returned_) [[likely]]
            return false;
        returned_ = false;
        return true;
    }
    // A block is about to run; `place` stays where it is until it has ended.
    void begin_block(const BlockPlace& place) {
        fetch(place);
        if (previous_->late)
            wait_for_seam(*place.block);
        if (waiting_) [[unlikely]]
            wait_for_carried(*place.block);
        place_ = &place;
        cursor_ = 0;
    }
    // One callback of the engine, for an access to RAM; in program order within
    // the block.
    void data_access(u64 physical, unsigned size, bool write) {
        if (!data_hit(physical, size, write))
            other_access(physical, size, write);
    }
    // The same if it is of the simplest kind: in a known page, a hit in the line
    // used last of its set. False: it is not, and nothing has been done.
    bool data_hit(u64 physical, unsigned size, bool write) {
        const u64 line = l1d_.line_of(physical);
        if (!micro_data_.knows(physical >> kPageShift) ||
            l1d_.line_of(physical + size - 1) != line || !l1d_.access_again(line, write))
            return false;
        ++cursor_;
        return true;
    }
    // The same for all other kinds.
    void other_access(u64 physical, unsigned size, bool write);
    // One of a device, which no cache holds.
    void skip_access() { ++cursor_; }
    // The block was left after `executed` of its instructions.
    void leave_block(u32 executed);
    // Blocks are about to be destroyed; none is being executed.
    void forget_blocks() { previous_ = &nothing_; }

    void exception_entry();
    void device_access();
    void tlb_invalidate_all();
    void tlb_invalidate_asid(u16 asid);
    void tlb_invalidate_page(u64 physical_page);
    void set_asid(u16 asid);
    // The CPU slept in WFI until `when`.
    void sleep_until(Cycle when);
    // The page or block at `physical` has been translated for the current ASID.
    void note_walk(u64 physical, const PageWalk& walk);

    // The present moment: the block's beginning and the stalls in it so far.
    [[nodiscard]] Cycle now() const { return now_; }
    // The moment at which instruction `index` of the block issues.
    [[nodiscard]] Cycle moment_of(u32 index) const;
    [[nodiscard]] u64 instructions() const { return instructions_; }
    // Cycles since the last call, by cause; clears them. Their sum is the time
    // that has passed.
    [[nodiscard]] std::array<u64, kCycleCauses> take_charges();
    [[nodiscard]] u64 take_instructions();

    struct TlbCount {
        u64 accesses = 0, misses = 0;
    };
    [[nodiscard]] const Cache& l1i() const { return l1i_; }
    [[nodiscard]] const Cache& l1d() const { return l1d_; }
    [[nodiscard]] const Cache& l2() const { return l2_; }
    [[nodiscard]] const TlbCount& tlb() const { return tlb_count_; }
    [[nodiscard]] const BranchPredictor& branches() const { return branches_; }
    [[nodiscard]] u64 unknown_instructions() const { return unknown_; }
    // Data accesses that reached into a second line.
    [[nodiscard]] u64 line_splits() const { return line_splits_; }

private:
    static constexpr unsigned kPageShift = 12;
    struct Pending {
        u64 use; // cycle in the block; kNever: after it
        Cycle ready;
        RegisterNumber reg;
    };
    struct Carried {
        RegisterNumber reg;
        Cycle ready;
    };

    // Charges the block that has just run to its end.
    void finish_block(const BlockTiming& block) {
        if (block.rare || waiting_) [[unlikely]]
            finish_rare(block);
        instructions_ += block.instructions;
        charge(CycleCause::Dependency, block.dependency);
        charge(CycleCause::Base, block.base);
    }
    void finish_rare(const BlockTiming& block);
    void charge(CycleCause cause, u64 cycles) {
        charges_[static_cast<std::size_t>(cause)] += cycles;
        now_ += cycles;
    }
    void resolve_branch(const BlockTiming& block, u64 pc) {
        const u64 fall_through = place_->pc + u64{block.instructions} * 4;
        const bool right =
            branches_.resolve(block.end, fall_through - 4, fall_through, place_->target, pc);
        const u64 penalty = model_.branch.mispredict_penalty;
        charge(CycleCause::Misprediction, penalty & -u64{!right});
    }
    // Lines are fetched once while execution stays in them.
    void fetch(const BlockPlace& place) {
        if (place.page != last_fetch_page_) [[unlikely]]
            translate_fetch(place.page);
        if (place.first_line != last_fetch_line_ && !l1i_.access_again(place.first_line, false))
            fetch_line(place.first_line);
        for (u64 line = place.first_line + 1; line <= place.last_line; ++line)
            if (!l1i_.access_again(line, false))
                fetch_line(line);
        last_fetch_line_ = place.last_line;
    }
    void fetch_line(u64 line);
    void wait_for_seam(BlockTiming& block) {
        BlockTiming::Seam& seam = block.seams[previous_->id % block.seams.size()];
        if (seam.before != previous_->id) [[unlikely]]
            find_seam(seam, block);
        charge(CycleCause::Dependency, seam.stall);
    }
    void find_seam(BlockTiming::Seam& seam, const BlockTiming& block);
    void wait_for_carried(const BlockTiming& block);
    void settle_until(u64 cycle);
    void note_waiting() { waiting_ = !pending_.empty() || !carried_.empty(); }
    void data_miss(u64 line, bool write, const CacheOutcome& outcome);
    void load_miss(u64 latency);
    void store_miss(u64 latency);
    u64 read_l2(u64 physical);
    void translate_fetch(u64 page);
    u64 tlb_lookup(u64 physical_page);
    u64 walk(const PageWalk& walk);
    [[nodiscard]] const PageWalk* find_walk(u64 physical_page) const;
    void forget_micro();

    const TimingModel model_;
    Cache l1i_, l1d_, l2_;
    BranchPredictor branches_;

    Cycle now_ = 0; // start of the block being executed, and the stalls in it so far
    const BlockPlace* place_ = nullptr; // of that block
    const BlockTiming nothing_{};
    const BlockTiming* previous_ = &nothing_; // the block that ended right before it
    bool returned_ = false;
    bool waiting_ = false;   // pending_ or carried_ hold something
    std::size_t cursor_ = 0; // next of its accesses
    std::vector<Pending> pending_;
    std::vector<Carried> carried_;
    std::vector<Cycle> store_buffer_; // when each entry is free again
    u64 instructions_ = 0;
    u64 taken_instructions_ = 0;
    u64 unknown_ = 0;
    u64 line_splits_ = 0;
    std::array<u64, kCycleCauses> charges_{};

    u64 last_fetch_page_ = ~u64{0};
    u64 last_fetch_line_ = ~u64{0};
    u16 asid_ = 0;
    // Fully associative, first in first out; `known` finds a page at once.
    struct MicroTlb {
        std::vector<u64> pages; // page + 1
        std::size_t next = 0;
        std::array<u64, 64> known{}; // by low bits of the page: page + 1, if it is there
        [[nodiscard]] bool knows(u64 page) const { return known[page % known.size()] == page + 1; }
        bool lookup(u64 page) { return knows(page) || lookup_all(page); }
        bool lookup_all(u64 page);
        void clear();
    };
    MicroTlb micro_data_, micro_fetch_;
    std::vector<u64> tlb_;                    // keys, sets in a row, most recent first; 0: empty
    std::vector<u64> walk_cache_;             // addresses of upper-level descriptors, direct mapped
    std::unordered_map<u64, PageWalk> walks_; // by page_key()
    TlbCount tlb_count_;
};

} // namespace forkscope::timing
