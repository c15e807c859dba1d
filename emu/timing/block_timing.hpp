// What a basic block costs while everything hits, worked out once, and what is
// needed to add at run time the stalls that depend on data.
#pragma once

#include "timing/branch_predictor.hpp"
#include "timing/pipeline.hpp"

#include <array>
#include <span>
#include <vector>

namespace forkscope::timing {

inline constexpr u16 kNever = 0xffff;

// One callback of the engine for a data access, in program order.
struct BlockAccess {
    u16 issue = 0;             // cycle in the block
    u16 first_use = kNever;    // cycle in the block at which a load's result is first asked for
    RegisterNumber result = 0; // register it goes to, if it is used after the block
    bool load = false;
};

// A register that is asked for before the block writes it: no stall if it is
// ready by `cycle` (forwarding counted in).
struct BlockUse {
    RegisterNumber reg = 0;
    u16 cycle = 0;
};

// A register that becomes ready only after the block has ended.
struct BlockResult {
    RegisterNumber reg = 0;
    u16 late = 0; // cycles after the block's end
};

// What every execution needs comes first, in one line of the host's cache.
struct alignas(64) BlockTiming {
    u32 id = 0; // unique, never 0
    u32 instructions = 0;
    u32 cycles = 0;     // issue of the first to issue after the last, all hits
    u32 base = 0;       // of these, issue
    u32 dependency = 0; // of these, waits for operands
    BranchKind end = BranchKind::None;
    bool returns_from_exception = false; // ends in ERET
    bool rare = false;                   // has barriers, an ERET or unknown instructions
    bool late = false;                   // has results that come after its end
    i64 direct_target = 0;               // from the block's start, for direct branches
    // Stalls at the seams with blocks that came before, by their ids.
    struct Seam {
        u32 before = 0; // id
        u32 stall = 0;
    };
    std::array<Seam, 4> seams{};

    u32 unknown = 0;        // instructions charged by the model's default
    u32 barriers = 0;       // DSB, ISB
    std::vector<u16> issue; // cycle of each instruction
    std::vector<BlockAccess> accesses;
    std::vector<BlockUse> uses;
    std::vector<BlockResult> results;
};

// Cycles that `after` waits for results of `before` when it follows directly.
[[nodiscard]] u32 seam_stall(const BlockTiming& before, const BlockTiming& after);

// Times a block of instruction words that begins at `pc`.
[[nodiscard]] BlockTiming time_block(std::span<const u32> words, u64 pc, const PipelineModel& model,
                                     const TimingDecoder& decoder);

} // namespace forkscope::timing
