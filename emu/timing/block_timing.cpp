#include "timing/block_timing.hpp"

#include "base/field.hpp"

#include <algorithm>

namespace forkscope::timing {

namespace {

struct Ending {
    BranchKind kind = BranchKind::None;
    bool returns_from_exception = false;
    i64 offset = 0; // of a direct target, from the branch
};

i64 word_offset(u32 word, unsigned low, unsigned width) {
    return sign_extend((word >> low) & low_mask(width), width) * 4;
}

// Arm ARM DDI 0487, C4.1.65 "Branches, Exception Generating and System instructions".
Ending ending_of(u32 word) {
    if ((word & 0xfc000000) == 0x14000000)
        return {BranchKind::Direct, false, word_offset(word, 0, 26)};
    if ((word & 0xfc000000) == 0x94000000)
        return {BranchKind::DirectCall, false, word_offset(word, 0, 26)};
    if ((word & 0xff000010) == 0x54000000 || (word & 0x7e000000) == 0x34000000)
        return {BranchKind::Conditional, false, word_offset(word, 5, 19)};
    if ((word & 0x7e000000) == 0x36000000)
        return {BranchKind::Conditional, false, word_offset(word, 5, 14)};
    if ((word & 0xfffffc1f) == 0xd61f0000)
        return {BranchKind::Indirect};
    if ((word & 0xfffffc1f) == 0xd63f0000)
        return {BranchKind::IndirectCall};
    if ((word & 0xfffffc1f) == 0xd65f0000)
        return {BranchKind::Return};
    if (word == 0xd69f03e0)
        return {BranchKind::None, true};
    return {};
}

bool is_barrier(u32 word) {
    return (word & 0xfffff0ff) == 0xd503309f || (word & 0xfffff0ff) == 0xd50330df; // DSB, ISB
}

// How often the engine reports the accesses of one instruction.
unsigned callbacks(InstructionClass kind) {
    using enum InstructionClass;
    switch (kind) {
    case LoadPair:
    case LoadPairWord:
    case LoadFpPairSingle:
    case LoadFpPair:
        return 2;
    case LoadFpPairQ:
        return 4;
    case LoadFp:
        return 1;
    default:
        return 1;
    }
}

bool is_pair_store(u32 word) {
    return (word & 0x3a400000) == 0x28000000;
}

// Builds a block's timing instruction by instruction.
class Builder {
public:
    explicit Builder(const PipelineModel& model) : model_(model), pipeline_(model) {
        first_use_.fill(kNever);
        pending_.fill(-1);
    }

    void add(u32 word, const TimedInstruction& t) {
        note_uses(t);
        const IssueResult issued = pipeline_.issue(t);
        const u16 cycle = clamp(issued.cycle);
        for (const RegisterRead& read : t.read())
            settle(read.reg, cycle);
        block_.issue.push_back(cycle);
        block_.dependency += static_cast<u32>(issued.waited_for_operand);
        block_.unknown += static_cast<u32>(t.kind == InstructionClass::Unknown);
        block_.barriers += static_cast<u32>(is_barrier(word));
        if (t.loads || t.stores)
            add_accesses(word, t, cycle);
        for (const RegisterWrite& w : t.written())
            written_[w.reg] = true;
    }

    BlockTiming finish() {
        const Pipeline::State& end = pipeline_.state();
        block_.instructions = static_cast<u32>(block_.issue.size());
        block_.cycles = static_cast<u32>(end.cycle + (end.slots_used > 0 ? 1 : 0));
        block_.dependency = std::min(block_.dependency, block_.cycles);
        block_.base = block_.cycles - block_.dependency;
        for (std::size_t reg = 0; reg < kRegisters; ++reg) {
            if (first_use_[reg] != kNever)
                block_.uses.push_back({static_cast<RegisterNumber>(reg), first_use_[reg]});
            if (written_[reg] && end.ready[reg] > block_.cycles)
                block_.results.push_back(
                    {static_cast<RegisterNumber>(reg), clamp(end.ready[reg] - block_.cycles)});
        }
        return std::move(block_);
    }

private:
    static u16 clamp(u64 cycle) { return static_cast<u16>(std::min<u64>(cycle, kNever - 1)); }

    // Registers that come from before the block: when are they asked for?
    void note_uses(const TimedInstruction& t) {
        const u16 now = clamp(pipeline_.cycle());
        for (const RegisterRead& read : t.read())
            if (!written_[read.reg] && first_use_[read.reg] == kNever)
                first_use_[read.reg] =
                    clamp(now + model_.advance[static_cast<std::size_t>(read.role)]);
    }

    // A load's result is asked for.
    void settle(RegisterNumber reg, u16 cycle) {
        if (pending_[reg] < 0)
            return;
        BlockAccess& access = block_.accesses[static_cast<std::size_t>(pending_[reg])];
        access.first_use = std::min(access.first_use, cycle);
        pending_[reg] = -1;
    }

    void add_accesses(u32 word, const TimedInstruction& t, u16 cycle) {
        unsigned count = callbacks(t.kind);
        if (t.stores && is_pair_store(word))
            count = 2;
        const std::size_t first = block_.accesses.size();
        for (unsigned i = 0; i < count; ++i)
            block_.accesses.push_back({cycle, kNever, 0, t.loads});
        for (const RegisterWrite& w : t.written()) {
            pending_[w.reg] = -1;
            if (!t.loads || w.address)
                continue;
            const std::size_t index = first + std::min<std::size_t>(w.index, count - 1);
            block_.accesses[index].result = w.reg;
            pending_[w.reg] = static_cast<int>(index);
        }
    }

    const PipelineModel& model_;
    Pipeline pipeline_;
    BlockTiming block_;
    std::array<u16, kRegisters> first_use_{};
    std::array<bool, kRegisters> written_{};
    std::array<int, kRegisters> pending_{}; // index of the access that fills it, or -1
};

} // namespace

u32 seam_stall(const BlockTiming& before, const BlockTiming& after) {
    u32 stall = 0;
    for (const BlockResult& result : before.results)
        for (const BlockUse& use : after.uses)
            if (use.reg == result.reg && result.late > use.cycle)
                stall = std::max<u32>(stall, result.late - use.cycle);
    return stall;
}

BlockTiming time_block(std::span<const u32> words, u64 pc, const PipelineModel& model,
                       const TimingDecoder& decoder) {
    Builder builder(model);
    for (std::size_t i = 0; i < words.size(); ++i)
        builder.add(words[i], decoder.decode(words[i], pc + 4 * i));
    BlockTiming block = builder.finish();
    if (!words.empty()) {
        const Ending end = ending_of(words.back());
        block.end = end.kind;
        block.returns_from_exception = end.returns_from_exception;
        block.late = !block.results.empty();
        block.rare = block.returns_from_exception || block.barriers != 0 || block.unknown != 0;
        block.direct_target = static_cast<i64>(4 * (words.size() - 1)) + end.offset;
    }
    return block;
}

} // namespace forkscope::timing
