#include "timing/branch_predictor.hpp"

namespace forkscope::timing {

BranchPredictor::BranchPredictor(const BranchModel& model)
    : model_(model), history_mask_((u64{1} << model.history_bits) - 1),
      counter_mask_(model.counters - 1) {
    state_.counters.assign(model.counters, 1);
    state_.btb_tags.assign(model.btb_entries, 0);
    state_.btb_targets.assign(model.btb_entries, 0);
    state_.returns.assign(model.return_entries, 0);
}

bool BranchPredictor::resolve_other(BranchKind kind, u64 pc, u64 fall_through, u64 next) {
    switch (kind) {
    case BranchKind::DirectCall:
        push_return(fall_through);
        return true;
    case BranchKind::IndirectCall: {
        const bool right = predict_target(pc, next);
        push_return(fall_through);
        return right;
    }
    case BranchKind::Indirect:
        return predict_target(pc, next);
    case BranchKind::Return:
        return pop_return(next);
    default:
        return true;
    }
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
