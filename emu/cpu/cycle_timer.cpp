#include "cpu/cycle_timer.hpp"

#include <algorithm>

namespace forkscope {

CycleTimer::CycleTimer(const timing::TimingModel& model, u64 seed, TimedCpu& cpu)
    : model_(model, seed), pipeline_(model.pipeline), cpu_(cpu), slots_(kSlots) {
    forget_translations();
}

// --- ExecutionWatch

// What these three do in the common case decides how fast cycle timing is.

ExecutionWatch CycleTimer::watch() {
    return {this, on_block, on_read, on_write};
}

void CycleTimer::on_block(void*, u64 pc, u32 size, void* context) {
    CycleTimer& timer = self(context);
    Engine& engine = *timer.engine_;
    if (engine.out_of_room(__builtin_return_address(0))) [[unlikely]]
        return;
    timer.model_.end_block(pc);
    if (timer.model_.take_return()) [[unlikely]]
        timer.cpu_.exception_returned();
    if (!engine.counter().arrive(pc, timer.model_.now()) && !engine.admit(pc)) [[unlikely]]
        return;
    engine.counter().enter(pc, size);
    Slot& slot = timer.slots_[slot_of(pc)];
    if (slot.place.pc != pc || slot.size != size || slot.context != timer.context_of(pc))
        [[unlikely]]
        timer.fill(slot, pc, size);
    timer.model_.begin_block(slot.place);
}

void CycleTimer::on_read(u64 physical, int size, void* context) {
    CycleTimer& timer = self(context);
    if (!timer.model_.data_hit(physical, static_cast<unsigned>(size), false)) [[unlikely]]
        timer.other_access(physical, size, false);
}

void CycleTimer::on_write(u64 physical, int size, void* context) {
    CycleTimer& timer = self(context);
    if (!timer.model_.data_hit(physical, static_cast<unsigned>(size), true)) [[unlikely]]
        timer.other_access(physical, size, true);
}

void CycleTimer::other_access(u64 physical, int size, bool write) {
    if (physical - ram_base_ < ram_size_)
        model_.other_access(physical, static_cast<unsigned>(size), write);
    else
        model_.skip_access();
}

// --- Blocks

void CycleTimer::fill(Slot& slot, u64 pc, u32 size) {
    const u64 physical = cpu_.code_address(pc);
    timing::BlockTiming& block = block_at(pc, physical, size);
    slot = {model_.place(block, pc, physical), size, context_of(pc)};
    seen_code(pc) = true;
}

// The block's timing; worked out if it is seen for the first time.
timing::BlockTiming& CycleTimer::block_at(u64 pc, u64 physical, u32 size) {
    const u32 key = static_cast<u32>(physical % kPageSize) << 16 | size;
    std::unique_ptr<timing::BlockTiming>& block = frames_[physical >> kPageShift][key];
    if (block == nullptr) {
        std::vector<u32> words(size / 4);
        cpu_.read_code(physical, words);
        block = std::make_unique<timing::BlockTiming>(
            timing::time_block(words, pc, pipeline_, decoder_));
        block->id = ++next_id_;
    }
    return *block;
}

void CycleTimer::use_space(u16 asid) {
    model_.set_asid(asid);
    asid_ = asid;
    u32& context = contexts_[asid];
    if (context == 0)
        context = ++last_context_;
    lower_context_ = context;
}

void CycleTimer::invalidate(TlbiScope scope, u64 va, u16 asid, std::optional<u64> physical) {
    switch (scope) {
    case TlbiScope::All:
        model_.tlb_invalidate_all();
        return forget_translations();
    case TlbiScope::Asid:
        model_.tlb_invalidate_asid(asid);
        contexts_.erase(asid);
        return use_space(asid_);
    case TlbiScope::Va:
    case TlbiScope::VaAllAsids:
        model_.tlb_invalidate_page(physical.value_or(0) >> kPageShift);
        if (seen_code(va))
            forget_translations();
    }
}

void CycleTimer::forget_translations() {
    contexts_.clear();
    upper_context_ = ++last_context_;
    use_space(asid_);
}

void CycleTimer::forget_code(std::span<const u64> frames) {
    bool any = false;
    for (const u64 frame : frames) {
        const auto found = frames_.find(frame >> kPageShift);
        if (found == frames_.end())
            continue;
        frames_.erase(found);
        any = true;
    }
    if (!any)
        return;
    model_.forget_blocks();
    for (Slot& slot : slots_)
        if (slot.place.block != nullptr && !frames_.contains(slot.place.page))
            slot = {};
}

} // namespace forkscope
