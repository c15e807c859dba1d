// Counts instructions, block by block, and knows before which block the host
// wants to be called. The engine steps it before every block: what it does there
// decides how fast the machine is.
#pragma once

#include "base/types.hpp"

#include <algorithm>

namespace forkscope {

class BlockCounter {
public:
    // Instructions of all blocks begun, and what pass() added. A block counts
    // when it begins.
    [[nodiscard]] Cycle cycles() const { return due_ - static_cast<Cycle>(left_ / kBytes); }

    // The block begun last: its first instruction, and after its last.
    [[nodiscard]] u64 block_begin() const { return begin_; }
    [[nodiscard]] u64 block_end() const { return begin_ + size_; }

    // How many of its instructions, from `pc` on, follow.
    [[nodiscard]] u64 from(u64 pc) const { return (block_end() - pc) / kBytes; }

    // The block begun last was left at `pc`: what follows was not executed.
    void cut_off(u64 pc) {
        left_ += static_cast<i32>(block_end() - pc);
        size_ = static_cast<u32>(pc - begin_);
    }

    // Where time is not counted in instructions, an ExecutionWatch tells the
    // moment: it is `now`, which is no earlier than cycles(). These take the place
    // of step(), begin() and cut_off().
    void set_now(Cycle now) {
        const Cycle passed = now - cycles();
        if (passed > kFarthest)
            pass(passed);
        else
            left_ -= static_cast<i32>(passed * kBytes);
    }
    // A block is about to begin. False if the host must be called.
    [[nodiscard]] bool arrive(u64 pc, Cycle now) const {
        return now < due_ && ((pc ^ expected_) & watched_) == 0;
    }
    void enter(u64 pc, u32 size) {
        begin_ = pc;
        size_ = size;
    }
    void shorten(u64 pc) { size_ = static_cast<u32>(pc - begin_); }

    // Time in which no instruction is executed.
    void pass(Cycle cycles) { due_ += cycles; }

    // The host is called before the first block with cycles() >= `cycle` (or,
    // if that is far away, some time before), ...
    void set_due(Cycle cycle) {
        const Cycle now = cycles();
        due_ = std::clamp(cycle, now, now + kFarthest);
        left_ = static_cast<i32>((due_ - now) * kBytes);
    }

    // ... and before each block whose pc differs from `expected` in a bit of `watched`.
    void watch(u64 expected, u64 watched) {
        expected_ = expected;
        watched_ = watched;
    }
    // ... or before every block. May interrupt any other member function.
    void watch_all() { watch(kNoPc, ~u64{0}); }

    // A block is about to begin. False if the host must be called; it has not
    // begun then, and does so with begin().
    [[nodiscard]] bool step(u64 pc, u32 size) {
        left_ -= static_cast<i32>(size);
        if (left_ < 0 || ((pc ^ expected_) & watched_) != 0) [[unlikely]]
            return false;
        begin_ = pc;
        size_ = size;
        return true;
    }
    // After a step() that was false: true if the host must be called; if not, the
    // block has begun.
    [[nodiscard]] bool is_due(u64 pc, u32 size) {
        left_ += static_cast<i32>(size);
        if (left_ <= 0 || ((pc ^ expected_) & watched_) != 0)
            return true;
        begin(pc, size);
        return false;
    }
    void begin(u64 pc, u32 size) {
        left_ -= static_cast<i32>(size);
        begin_ = pc;
        size_ = size;
    }

private:
    static constexpr i32 kBytes = 4; // of an instruction
    static constexpr Cycle kFarthest = Cycle{1} << 28;
    static constexpr u64 kNoPc = u64{1} << 54; // between the halves, whatever their size

    i32 left_ = 0; // bytes of instructions until the host is called
    u32 size_ = 0; // bytes
    u64 expected_ = 0;
    u64 watched_ = ~u64{0};
    u64 begin_ = 0;
    Cycle due_ = 0; // cycles() when left_ is 0
};

} // namespace forkscope
