// Counts instructions, block by block, and knows before which block the host
// wants to be called. The engine steps it before every block: what it does there
// decides how fast the machine is.
#pragma once

#include "base/types.hpp"

#include <algorithm>
#include <array>
#include <bit>

namespace forkscope {

struct Block {
    u64 begin = 0;
    u32 size = 0; // bytes
};

class BlockCounter {
public:
    // Instructions of all blocks begun, and what pass() added. A block counts
    // when it begins.
    [[nodiscard]] Cycle cycles() const { return due_ - static_cast<Cycle>(left() / kBytes); }

    // The block begun last: its first instruction, and after its last.
    [[nodiscard]] u64 block_begin() const { return block().begin; }
    [[nodiscard]] u64 block_end() const { return block().begin + block().size; }

    // How many of its instructions, from `pc` on, follow.
    [[nodiscard]] u64 from(u64 pc) const { return (block_end() - pc) / kBytes; }

    // The block begun last was left at `pc`: what follows was not executed.
    void cut_off(u64 pc) {
        left_[open_] += static_cast<i32>(block_end() - pc);
        shorten(pc);
    }

    // Where time is not counted in instructions, an ExecutionWatch tells the
    // moment: it is `now`, which is no earlier than cycles(). These take the place
    // of step(), begin() and cut_off().
    void set_now(Cycle now) {
        due_ = std::max(due_, now);
        set_left(due_ - now);
    }
    // A block is about to begin. False if the host must be called.
    [[nodiscard]] bool arrive(u64 pc, Cycle now) const {
        return now < due_ && left_[slot_of(pc)] > kClosed / 2;
    }
    void enter(u64 pc, u32 size) {
        block_ = {pc, size};
        inlined_ = nullptr;
    }
    void shorten(u64 pc) { enter(block_begin(), static_cast<u32>(pc - block_begin())); }

    // Time in which no instruction is executed.
    void pass(Cycle cycles) { due_ += cycles; }

    // The host is called before the first block with cycles() >= `cycle` (or,
    // if that is far away, some time before), ...
    void set_due(Cycle cycle) {
        const Cycle now = cycles();
        due_ = std::clamp(cycle, now, now + kFarthest);
        set_left(due_ - now);
    }

    // ... and before each block that is not in the half of the address space that
    // `pc` is in, or not aligned; ...
    void watch_half_of(u64 pc) {
        const u32 slot = slot_of(pc) & 1;
        if (slot == open_ && !watches_all())
            return;
        const i32 left_now = left();
        left_.fill(kClosed);
        open_ = slot;
        left_[slot] = left_now;
    }
    // ... or before every block.
    void watch_all() {
        if (!watches_all())
            left_[open_] += kClosed;
    }

    // A block is about to begin. False if the host may have to be called; the
    // block has not begun then.
    [[nodiscard]] bool step(u64 pc, u32 size) {
        i32& left = left_[slot_of(pc)];
        left -= static_cast<i32>(size);
        if (left < 0) [[unlikely]]
            return false;
        enter(pc, size);
        return true;
    }
    // After a step() that was false: true if the host must be called, and the
    // block begins with begin(); if not, it has begun.
    [[nodiscard]] bool is_due(u64 pc, u32 size) {
        i32& left = left_[slot_of(pc)];
        left += static_cast<i32>(size);
        if (left <= 0)
            return true;
        begin(pc, size);
        return false;
    }
    void begin(u64 pc, u32 size) {
        left_[open_] -= static_cast<i32>(size);
        enter(pc, size);
    }

    // What translated code changes that does what step() does for blocks at `pc`:
    // it subtracts the block's size from *left, and if that is not negative names the
    // block in *inlined. If it is negative, see is_due().
    struct Cells {
        i32* left;
        const Block** inlined;
    };
    [[nodiscard]] Cells cells(u64 pc) { return {&left_[slot_of(pc)], &inlined_}; }
    // The Block that *inlined names is about to go.
    void keep_block() { enter(block().begin, block().size); }

private:
    static constexpr i32 kBytes = 4; // of an instruction
    static constexpr Cycle kFarthest = Cycle{1} << 26;
    static constexpr i32 kClosed = -(1 << 30);
    static constexpr u32 kSlots = 8;

    // Bits 1, 0 and 63 of an address, in that order.
    static u32 slot_of(u64 pc) { return static_cast<u32>(std::rotl(pc, 1)) % kSlots; }

    [[nodiscard]] const Block& block() const { return inlined_ != nullptr ? *inlined_ : block_; }
    [[nodiscard]] bool watches_all() const { return left_[open_] < kClosed / 2; }
    [[nodiscard]] i32 left() const { return left_[open_] - (watches_all() ? kClosed : 0); }
    void set_left(Cycle cycles) {
        left_[open_] = static_cast<i32>(cycles * kBytes) + (watches_all() ? kClosed : 0);
    }

    // Bytes of instructions until the host is called, by the slot that the next
    // block's address falls into. One slot counts, the others are closed: so far
    // below zero that the first block calls the host. That is one comparison a
    // block for both. kClosed is added to the one that counts if all are watched.
    std::array<i32, kSlots> left_{0, kClosed, kClosed, kClosed, kClosed, kClosed, kClosed, kClosed};
    u32 open_ = 0; // the slot that counts
    Block block_;  // begun last, but for ...
    const Block* inlined_ = nullptr;
    Cycle due_ = 0; // cycles() when left() is 0
};

} // namespace forkscope
