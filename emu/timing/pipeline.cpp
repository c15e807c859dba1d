#include "timing/pipeline.hpp"

#include <algorithm>

namespace forkscope::timing {

namespace {

constexpr std::array<std::string_view, kPorts> kPortNames = {
    "alu", "mac", "divide", "load", "store", "branch", "fp_alu", "fp_mac", "fp_divide"};

std::size_t index(InstructionClass c) {
    return static_cast<std::size_t>(c);
}
std::size_t index(ReadRole r) {
    return static_cast<std::size_t>(r);
}
std::size_t index(Port p) {
    return static_cast<std::size_t>(p);
}

u64 minus(u64 a, u64 b) {
    return a > b ? a - b : 0;
}

bool writes_address(const TimedInstruction& t) {
    const auto written = t.written();
    return std::any_of(written.begin(), written.end(),
                       [](const RegisterWrite& w) { return w.address; });
}

} // namespace

std::string_view port_name(Port port) {
    return kPortNames[index(port)];
}

// `skew`: cycles after the issue at which plain operands are taken.
u64 Pipeline::operands_ready(const TimedInstruction& t, u64 skew) const {
    u64 ready = 0;
    for (const RegisterRead& read : t.read()) {
        u64 early = model_->advance_always[index(read.role)];
        if (const u8 most = state_.forwarded[read.reg]; most > 0) {
            early = std::max<u64>(early, std::min(most, model_->advance[index(read.role)]));
            // Results that come through the whole network reach the skewed ALU too.
            if (read.role == ReadRole::Operand && most >= model_->advance[index(read.role)])
                early += skew;
        }
        ready = std::max(ready, minus(state_.ready[read.reg], early));
    }
    return ready;
}

u64 Pipeline::units_ready(const ClassTiming& c, u64 from) const {
    const auto first = state_.unit_free[index(c.port)].begin();
    return std::max(from, *std::min_element(first, first + model_->units[index(c.port)]));
}

// Cycles from the issue until the register is ready.
u64 Pipeline::latency_of(const RegisterWrite& w, const TimedInstruction& t,
                         const ClassTiming& c) const {
    const bool structure =
        t.kind >= InstructionClass::LoadStructure1 && t.kind <= InstructionClass::LoadStructure4;
    bool address = w.address;
    if (structure && model_->structure_latencies_swapped && writes_address(t))
        address = !address;
    if (address)
        return model_->address_latency;
    return w.index == 1 && !structure ? c.latency_second : c.latency;
}

// The earliest write-back of the instruction, in cycles from its issue.
u64 Pipeline::first_write_back(const TimedInstruction& t, const ClassTiming& c) const {
    u64 first = c.latency;
    for (const RegisterWrite& w : t.written()) {
        const u64 latency = latency_of(w, t, c);
        first = std::min(first, latency);
    }
    return first;
}

void Pipeline::take_units(const ClassTiming& c, u64 at) {
    const auto first = state_.unit_free[index(c.port)].begin();
    *std::min_element(first, first + model_->units[index(c.port)]) = at + c.occupancy;
}

void Pipeline::take_slots(unsigned micro_ops, u64 at) {
    if (at > state_.cycle) {
        state_.cycle = at;
        state_.slots_used = 0;
    }
    state_.slots_used += micro_ops;
    // What does not fit takes the slots of the following cycles.
    while (state_.slots_used >= model_->issue_width) {
        state_.slots_used -= model_->issue_width;
        ++state_.cycle;
    }
}

void Pipeline::write_results(const TimedInstruction& t, const ClassTiming& c, u64 at, u64 skew) {
    u64 last = at + c.latency;
    for (const RegisterWrite& w : t.written()) {
        const u64 latency = latency_of(w, t, c);
        state_.ready[w.reg] = at + latency + (w.address ? 0 : skew);
        state_.forwarded[w.reg] = w.address ? u8{0} : c.forwards;
        last = std::max(last, at + latency);
    }
    state_.last_result = std::max(state_.last_result, last);
    if (!c.retires_out_of_order)
        state_.last_write_back = last;
}

unsigned Pipeline::slots(const TimedInstruction& t, const ClassTiming& c) const {
    return c.micro_ops + (writes_address(t) ? model_->address_micro_ops : 0u);
}

IssueResult Pipeline::issue(const TimedInstruction& t) {
    const ClassTiming& c = model_->classes[index(t.kind)];
    const unsigned micro_ops = slots(t, c);
    u64 earliest = state_.cycle;
    const bool fits = state_.slots_used + micro_ops <= model_->issue_width;
    if ((!fits && micro_ops <= model_->issue_width) || (c.first_in_cycle && state_.slots_used > 0))
        ++earliest;
    u64 structural = units_ready(c, earliest);
    if (model_->in_order_write_back && !c.retires_out_of_order)
        structural = std::max(structural, minus(state_.last_write_back, first_write_back(t, c)));
    u64 at = units_ready(c, std::max(structural, operands_ready(t, 0)));
    u64 skew = 0;
    if (c.skewed && at > structural) {
        const u64 skewed_at = units_ready(c, std::max(structural, operands_ready(t, 1)));
        skew = at - skewed_at;
        at = skewed_at;
    }
    take_slots(micro_ops, at);
    take_units(c, at);
    write_results(t, c, at, skew);
    return {at, at - structural};
}

} // namespace forkscope::timing
