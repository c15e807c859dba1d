#include "timing/branch_predictor.hpp"

namespace forkscope::timing {

BranchPredictor::BranchPredictor(const BranchModel& model) : model_(model) {
    state_.counters.assign(model.counters, 1);
    state_.btb_tags.assign(model.btb_entries, 0);
    state_.btb_targets.assign(model.btb_entries, 0);
    state_.returns.assign(model.return_entries, 0);
}

bool BranchPredictor::resolve(BranchKind kind, u64 pc, u64 fall_through, u64 direct_target,
                              u64 next) {
    if (kind == BranchKind::None)
        return true;
    ++state_.executed;
    bool right = true;
    switch (kind) {
    case BranchKind::Conditional: right = predict_direction(pc, next == direct_target); break;
    case BranchKind::DirectCall: push_return(fall_through); break;
    case BranchKind::IndirectCall:
        right = predict_target(pc, next);
        push_return(fall_through);
        break;
    case BranchKind::Indirect: right = predict_target(pc, next); break;
    case BranchKind::Return: right = pop_return(next); break;
    default: break;
    }
    state_.mispredicted += static_cast<u64>(!right);
    return right;
}

bool BranchPredictor::predict_direction(u64 pc, bool taken) {
    const u64 history = state_.history & ((u64{1} << model_.history_bits) - 1);
    u8& counter = state_.counters[((pc >> 2) ^ history) & (model_.counters - 1)];
    const bool right = (counter >= 2) == taken;
    if (taken && counter < 3)
        ++counter;
    else if (!taken && counter > 0)
        --counter;
    state_.history = state_.history << 1 | static_cast<u64>(taken);
    return right;
}

bool BranchPredictor::predict_target(u64 pc, u64 next) {
    const u64 slot = (pc >> 2) & (model_.btb_entries - 1);
    const bool right = state_.btb_tags[slot] == pc && state_.btb_targets[slot] == next;
    state_.btb_tags[slot] = pc;
    state_.btb_targets[slot] = next;
    return right;
}

void BranchPredictor::push_return(u64 address) {
    state_.return_top = (state_.return_top + 1) & (model_.return_entries - 1);
    state_.returns[state_.return_top] = address;
}

bool BranchPredictor::pop_return(u64 next) {
    const bool right = state_.returns[state_.return_top] == next;
    state_.return_top = (state_.return_top - 1) & (model_.return_entries - 1);
    return right;
}

} // namespace forkscope::timing
