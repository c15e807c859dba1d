// Branch prediction: a gshare direction predictor, a branch target buffer and a
// return stack.
#pragma once

#include "base/types.hpp"

#include <vector>

namespace forkscope::timing {

struct BranchModel {
    u32 history_bits = 10;      // of global history, mixed with the address
    u32 counters = 4096;        // two-bit counters, a power of two
    u32 btb_entries = 256;      // a power of two, direct mapped
    u32 return_entries = 8;     // a power of two
    u32 mispredict_penalty = 8; // cycles
};

// What ends a block.
enum class BranchKind : u8 {
    None,
    Direct,
    Conditional,
    DirectCall,
    Indirect,
    IndirectCall,
    Return
};

class BranchPredictor {
public:
    explicit BranchPredictor(const BranchModel& model);

    // The branch at `pc` went to `next`; `fall_through` follows it in memory.
    // Returns true if it was predicted, and learns. `direct_target` is what the
    // instruction itself says, for Direct, Conditional and DirectCall. `kind` is
    // not None.
    bool resolve(BranchKind kind, u64 pc, u64 fall_through, u64 direct_target, u64 next) {
        ++state_.executed;
        const bool right = kind == BranchKind::Conditional
                               ? predict_direction(pc, next == direct_target)
                               : resolve_other(kind, pc, fall_through, next);
        state_.mispredicted += static_cast<u64>(!right);
        return right;
    }

    struct State {
        std::vector<u8> counters; // 0, 1: not taken; 2, 3: taken
        std::vector<u64> btb_tags;
        std::vector<u64> btb_targets;
        std::vector<u64> returns;
        u32 return_top = 0;
        u64 history = 0;
        u64 executed = 0;
        u64 mispredicted = 0;
    };
    [[nodiscard]] const State& state() const { return state_; }

private:
    bool resolve_other(BranchKind kind, u64 pc, u64 fall_through, u64 next);
    bool predict_direction(u64 pc, bool taken) {
        u8& counter =
            state_.counters[((pc >> 2) ^ (state_.history & history_mask_)) & counter_mask_];
        const u8 before = counter;
        counter = static_cast<u8>(kNext >> (8 * u32{taken} + 2u * before) & 3);
        state_.history = state_.history << 1 | static_cast<u64>(taken);
        return (before >= 2) == taken;
    }
    bool predict_target(u64 pc, u64 next);
    void push_return(u64 address);
    bool pop_return(u64 next);

    // What follows a counter: two bits for each of its values, for branches not
    // taken and, above them, taken.
    static constexpr u32 kNext = 0b11'11'10'01'10'01'00'00;

    BranchModel model_;
    u64 history_mask_;
    u64 counter_mask_;
    State state_;
};

} // namespace forkscope::timing
