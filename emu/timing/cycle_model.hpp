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

class CycleModel {
public:
    explicit CycleModel(const TimingModel& model, u64 seed = 1);

    // The block entered last, if it has not ended, has run to its end; the next
    // instruction is at `pc`.
    void end_block(u64 pc) {
        if (block_ != nullptr) {
            finish_block();
            if (block_->end != BranchKind::None)
                resolve_branch(pc);
            previous_ = block_;
            block_ = nullptr;
        }
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
    // The block at `pc`, physical address `physical`, is about to run.
    void begin_block(BlockTiming& block, u64 pc, u64 physical) {
        now_ += stalled_;
        stalled_ = 0;
        fetch(physical, block.instructions * 4);
        if (previous_ != nullptr && previous_->late)
            wait_for_seam(block);
        if (!carried_.empty()) [[unlikely]]
            wait_for_carried(block);
        block_ = &block;
        block_pc_ = pc;
        cursor_ = 0;
    }
    void enter_block(BlockTiming& block, u64 pc, u64 physical) {
        end_block(pc);
        begin_block(block, pc, physical);
    }
    // One callback of the engine; in program order within the block.
    void data_access(u64 physical, unsigned size, bool write) {
        if (physical >> 12 != last_data_page_) [[unlikely]]
            translate_data(physical);
        const u64 line = l1d_.line_of(physical);
        if (const CacheOutcome outcome = l1d_.access(line, write); !outcome.hit) [[unlikely]]
            data_miss(line, write, outcome);
        if (l1d_.line_of(physical + size - 1) != line) [[unlikely]]
            split_access(line + 1, write);
        ++cursor_;
    }
    // One of a device, which no cache holds.
    void skip_access() { ++cursor_; }
    // The block was left after `executed` of its instructions.
    void leave_block(u32 executed);
    // Blocks are about to be destroyed; none is being executed.
    void forget_blocks() { previous_ = nullptr; }

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
    [[nodiscard]] Cycle now() const { return now_ + stalled_; }
    // The moment at which instruction `index` of the block issues.
    [[nodiscard]] Cycle moment_of(u32 index) const {
        return now() +
               (block_ != nullptr && index < block_->issue.size() ? block_->issue[index] : 0);
    }
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

private:
    struct Pending {
        u64 use;   // cycle in the block; kNever: after it
        u64 ready; // cycle in the block, stalls included
        RegisterNumber reg;
    };
    struct Carried {
        RegisterNumber reg;
        Cycle ready;
    };

    // Charges the block that has just run to its end.
    void finish_block() {
        const BlockTiming& block = *block_;
        instructions_ += block.instructions;
        if (block.rare || !pending_.empty()) [[unlikely]]
            finish_rare();
        charges_[static_cast<std::size_t>(CycleCause::Dependency)] += block.dependency;
        charges_[static_cast<std::size_t>(CycleCause::Base)] += block.cycles - block.dependency;
        now_ += stalled_ + block.cycles;
        stalled_ = 0;
    }
    void finish_rare();
    void charge(CycleCause cause, u64 cycles) {
        charges_[static_cast<std::size_t>(cause)] += cycles;
        now_ += cycles;
    }
    void stall(CycleCause cause, u64 cycles) {
        charges_[static_cast<std::size_t>(cause)] += cycles;
        stalled_ += cycles;
    }
    void resolve_branch(u64 pc) {
        const u64 fall_through = block_pc_ + u64{block_->instructions} * 4;
        const u64 target = block_pc_ + static_cast<u64>(block_->direct_target);
        const bool right =
            branches_.resolve(block_->end, fall_through - 4, fall_through, target, pc);
        charge(CycleCause::Misprediction, right ? 0 : model_.branch.mispredict_penalty);
    }
    void fetch(u64 physical, u32 bytes) {
        if (physical >> 12 != last_fetch_page_) [[unlikely]]
            translate_fetch(physical);
        const u64 line = l1i_.line_of(physical), last = l1i_.line_of(physical + bytes - 1);
        if (line != last_fetch_line_ || last != line)
            fetch_lines(line, last);
    }
    void fetch_lines(u64 line, u64 last);
    void wait_for_seam(BlockTiming& block) {
        BlockTiming::Seam& seam = block.seams[previous_->id % block.seams.size()];
        if (seam.before != previous_->id) [[unlikely]]
            find_seam(seam, block);
        charge(CycleCause::Dependency, seam.stall);
    }
    void find_seam(BlockTiming::Seam& seam, const BlockTiming& block);
    void wait_for_carried(const BlockTiming& block);
    void settle_until(u64 cycle);
    void data_miss(u64 line, bool write, const CacheOutcome& outcome);
    void split_access(u64 line, bool write);
    void load_miss(u64 latency);
    void store_miss(u64 latency);
    u64 read_l2(u64 physical);
    void translate_data(u64 physical);
    void translate_fetch(u64 physical);
    u64 tlb_lookup(u64 physical_page);
    u64 walk(const PageWalk& walk);
    [[nodiscard]] const PageWalk* find_walk(u64 physical_page) const;
    void forget_micro();

    const TimingModel model_;
    Cache l1i_, l1d_, l2_;
    BranchPredictor branches_;

    Cycle now_ = 0;                   // start of the current block
    u64 stalled_ = 0;                 // stalls in it so far
    BlockTiming* block_ = nullptr;    // being executed
    BlockTiming* previous_ = nullptr; // ended right before it
    u64 block_pc_ = 0;
    bool returned_ = false;
    std::size_t cursor_ = 0; // next of its accesses
    std::vector<Pending> pending_;
    std::vector<Carried> carried_;
    std::vector<Cycle> store_buffer_; // when each entry is free again
    u64 instructions_ = 0;
    u64 taken_instructions_ = 0;
    u64 unknown_ = 0;
    std::array<u64, kCycleCauses> charges_{};

    u64 last_data_page_ = ~u64{0};
    u64 last_fetch_page_ = ~u64{0};
    u64 last_fetch_line_ = ~u64{0};
    u16 asid_ = 0;
    // Fully associative, first in first out; `known` finds a page at once.
    struct MicroTlb {
        std::vector<u64> pages; // page + 1
        std::size_t next = 0;
        std::array<u64, 64> known{}; // by low bits of the page: page + 1, if it is there
        bool lookup(u64 page) { return known[page % known.size()] == page + 1 || lookup_all(page); }
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
