#include "session/stepper.hpp"

#include "base/text.hpp"
#include "event/probe_text.hpp"
#include "event/process_name.hpp"
#include "session/why.hpp"

#include <algorithm>
#include <utility>

namespace forkscope {

using abi::ProbeId;

namespace {

// Instruction words. Arm ARM, C4.1 "Branches, Exception Generating and System
// instructions".
bool is_call(u32 word) {
    const bool bl = (word & 0xfc00'0000) == 0x9400'0000;
    const bool blr = (word & 0xffff'fc1f) == 0xd63f'0000;
    const bool svc = (word & 0xffe0'001f) == 0xd400'0001;
    return bl || blr || svc;
}

constexpr Cycle kLongest = 50'000'000; // of one advance() of complete()

} // namespace

Stepper::Stepper(Options options) : options_(std::move(options)), console_(options_.console) {
    world_.annotate_faults([this](FaultCard& card) { annotate(card); });
}

void Stepper::annotate(FaultCard& card) {
    constexpr std::size_t kMostNotes = 4096;
    if (notes_.size() >= kMostNotes)
        notes_.clear();
    Note& note = notes_[card.pc];
    const std::string_view runs = program(card.pid);
    if (note.program.empty() || note.program != runs || note.word != card.instruction)
        note = {std::string(runs), card.instruction,
                card.instruction == 0 ? "" : disassembler_.text(card.pc, card.instruction),
                options_.symbols.describe(card.pc, runs)};
    card.code = note.code;
    card.symbol = note.symbol;
}

// --- What stops a run

void Stepper::on_event(const Event& event) {
    world_.on_event(event);
    if (phase_ != RunPhase::Running)
        return;
    for (Armed& armed : breakpoints_) {
        if (!matches(armed.breakpoint, event))
            continue;
        ++armed.hits;
        at_breakpoint_ = true;
        request_stop("Stopped at " + name_event(world_, event) + " (breakpoint " +
                     std::to_string(armed.id) + ": " + armed.breakpoint.text + ").");
    }
    if ((at_next_event_ && is_os_event(event.kind)) || (wanted_ && wanted_(event)))
        request_stop("Stopped at " + name_event(world_, event) + ".");
}

bool Stepper::matches(const Breakpoint& breakpoint, const Event& event) const {
    const bool probe = event.kind >= static_cast<u16>(EventKind::ProbeBase);
    u64 pid = event.pid;
    switch (breakpoint.kind) {
    case Breakpoint::Kind::Address:
        return false;
    case Breakpoint::Kind::Syscall:
        if (!probe || probe_of(event) != ProbeId::SyscallEntry ||
            (breakpoint.syscall && *breakpoint.syscall != event.arg[1]))
            return false;
        break;
    case Breakpoint::Kind::Fork:
        if (!probe || probe_of(event) != ProbeId::ProcCreate)
            return false;
        pid = event.arg[3];
        break;
    case Breakpoint::Kind::Fault:
        if (event.kind != static_cast<u16>(EventKind::Fault) ||
            (breakpoint.fault && *breakpoint.fault != fault_class(event.arg[2])))
            return false;
        break;
    }
    return !breakpoint.pid || *breakpoint.pid == pid;
}

// The first reason counts: the machine stops at the end of the block.
void Stepper::request_stop(std::string why) {
    if (!pending_why_.empty())
        return;
    pending_why_ = std::move(why);
    machine_->request_stop();
}

// The machine is at a stop address: is it one for this process?
bool Stepper::stops_here() {
    const Inspection machine = machine_->inspect();
    const u64 pc = machine.registers.pc;
    for (Armed& armed : breakpoints_) {
        const Breakpoint& breakpoint = armed.breakpoint;
        if (breakpoint.kind != Breakpoint::Kind::Address || breakpoint.address != pc ||
            (breakpoint.pid && *breakpoint.pid != machine.pid) ||
            (!breakpoint.program.empty() &&
             (!is_name_of(program(machine.pid), breakpoint.program) || machine.registers.el != 0)))
            continue;
        ++armed.hits;
        stop("Stopped at breakpoint " + std::to_string(armed.id) + ": " + breakpoint.text + ".");
        at_breakpoint_ = true;
        unhindered_ = pc;
        return true;
    }
    if (target_ && target_->address == pc && target_->pid == machine.pid &&
        target_->el == machine.registers.el && machine.registers.sp >= target_->sp) {
        stop(target_->why);
        unhindered_ = pc;
        return true;
    }
    return false;
}

// --- Beginning and stopping

void Stepper::begin() {
    at_next_event_ = false;
    wanted_ = nullptr;
    if (target_) {
        target_.reset();
        arm();
    }
    if (phase_ == RunPhase::Ended)
        return;
    phase_ = RunPhase::Running;
    at_breakpoint_ = false;
    why_.clear();
}

void Stepper::run() {
    begin();
}

void Stepper::step_event() {
    begin();
    at_next_event_ = true;
}

void Stepper::run_until(std::function<bool(const Event&)> wanted) {
    begin();
    wanted_ = std::move(wanted);
}

void Stepper::step_over() {
    begin();
    const Inspection machine = machine_->inspect();
    const RegisterFile& file = machine.registers;
    if (is_call(instruction_at(machine, file.pc).value_or(0)))
        aim({file.pc + 4, machine.pid, file.el, file.sp, "Stepped over a call."});
    else
        step_instruction();
}

void Stepper::step_out() {
    begin();
    const Inspection machine = machine_->inspect();
    const RegisterFile& file = machine.registers;
    aim({file.x[30], machine.pid, file.el, file.sp, "Stepped out of a function."});
}

void Stepper::aim(const Target& target) {
    target_ = target;
    arm();
}

// Tells the machine where to stop.
void Stepper::arm() {
    std::vector<u64> stops;
    for (const Armed& armed : breakpoints_)
        if (armed.breakpoint.kind == Breakpoint::Kind::Address)
            stops.push_back(armed.breakpoint.address);
    if (target_)
        stops.push_back(target_->address);
    machine_->set_stops(std::move(stops));
}

void Stepper::pause() {
    if (phase_ == RunPhase::Running)
        stop("Paused on request.");
}

void Stepper::stop(std::string why) {
    const bool at_breakpoint = at_breakpoint_;
    begin();
    at_breakpoint_ = at_breakpoint;
    phase_ = RunPhase::Paused;
    why_ = std::move(why);
    earlier_cpu_ = std::exchange(stopped_cpu_, cpu_view(machine_->inspect()));
}

void Stepper::end(const RunResult& result) {
    begin();
    switch (result.reason) {
    case RunEndReason::PowerOff:
        why_ = "The guest powered off with status " + std::to_string(result.guest_status) + ".";
        break;
    case RunEndReason::Panic:
        why_ = "The guest's kernel panicked.";
        break;
    case RunEndReason::Limit:
        why_ = "The limit of " + grouped(options_.last_cycle) + " cycles was reached.";
        break;
    case RunEndReason::Stopped:
        why_ = "The run cannot go on: " + result.detail + ".";
        break;
    }
    phase_ = RunPhase::Ended;
    earlier_cpu_ = std::exchange(stopped_cpu_, cpu_view(machine_->inspect()));
}

std::string_view Stepper::program(u64 pid) const {
    const ProcessFold::Process* process = world_.processes().find(pid);
    return process == nullptr ? std::string_view{} : process->view.name;
}

// --- Running

RunLimits Stepper::limits(Cycle most) const {
    const Cycle now = result_.cycles;
    return {.last_cycle = options_.last_cycle,
            .slice_end = most < ~Cycle{0} - now ? now + most : ~Cycle{0}};
}

Progress Stepper::advance(Cycle most) {
    if (phase_ == RunPhase::Ended)
        return Progress::Ended;
    if (phase_ == RunPhase::Paused)
        return Progress::Stopped;
    if (phase_ == RunPhase::Ready)
        run();
    const RunLimits until = limits(most);
    for (;;) {
        const std::optional<u64> unhindered = std::exchange(unhindered_, std::nullopt);
        const bool leave = machine_->at_stop() && unhindered == machine_->inspect().registers.pc;
        const RunResult result = leave ? machine_->step(until) : machine_->run(until);
        if (leave && result.pause == Pause::Address && pending_why_.empty())
            continue;
        const Progress progress = follow(result);
        if (progress != Progress::Going || result.pause == Pause::Slice)
            return progress;
    }
}

// What the machine's coming back means.
Progress Stepper::follow(const RunResult& result) {
    result_ = result;
    if (result.pause == Pause::None) {
        pending_why_.clear();
        end(result);
        return Progress::Ended;
    }
    if (!pending_why_.empty()) {
        stop(std::exchange(pending_why_, {}));
        return Progress::Stopped;
    }
    if (result.pause == Pause::StopRequest) {
        stop("Stopped on request.");
        return Progress::Stopped;
    }
    if (result.pause == Pause::Address) {
        if (stops_here())
            return Progress::Stopped;
        unhindered_ = machine_->inspect().registers.pc;
    }
    return Progress::Going;
}

Progress Stepper::complete() {
    for (;;)
        if (const Progress progress = advance(kLongest); progress != Progress::Going)
            return progress;
}

Progress Stepper::run_to_cycle(Cycle cycle) {
    run();
    for (;;) {
        const Cycle now = result_.cycles;
        if (phase_ == RunPhase::Running && now >= cycle) {
            stop("Stopped at cycle " + grouped(now) + ".");
            return Progress::Stopped;
        }
        if (const Progress progress = advance(cycle - now); progress != Progress::Going)
            return progress;
    }
}

Progress Stepper::step_instruction() {
    if (phase_ == RunPhase::Ended)
        return Progress::Ended;
    begin();
    const RunResult result = machine_->step(limits(~Cycle{0}));
    if (result.pause == Pause::Address && pending_why_.empty()) {
        result_ = result;
        if (!stops_here())
            stop("Stepped one instruction.");
        return Progress::Stopped;
    }
    return follow(result);
}

// --- Breakpoints

Result<u32> Stepper::add_breakpoint(const std::string& text) {
    Result<Breakpoint> breakpoint = parse_breakpoint(text, options_.symbols, options_.favourite);
    if (!breakpoint)
        return breakpoint.error();
    breakpoints_.push_back({++last_id_, std::move(*breakpoint)});
    arm();
    return last_id_;
}

void Stepper::remove_breakpoint(u32 id) {
    std::erase_if(breakpoints_, [id](const Armed& armed) { return armed.id == id; });
    arm();
}

u64 Stepper::hits(u32 id) const {
    const auto armed = std::ranges::find(breakpoints_, id, &Armed::id);
    return armed == breakpoints_.end() ? 0 : armed->hits;
}

// --- Snapshots

std::shared_ptr<Snapshot> Stepper::snapshot() {
    const Inspection machine = machine_->inspect();
    std::shared_ptr<Snapshot> snapshot = taker_.take(world_, machine, &console_);
    snapshot->control.phase = phase_;
    snapshot->control.why = why_;
    snapshot->control.cpu_hz = options_.cpu_hz;
    snapshot->control.cycle_timing = options_.cycle_timing;
    snapshot->cpu_before = phase_ == RunPhase::Running ? stopped_cpu_ : earlier_cpu_;
    if (phase_ != RunPhase::Running)
        snapshot->code = disassembler_.around(machine, options_.symbols, program(machine.pid));
    for (const Armed& armed : breakpoints_)
        snapshot->breakpoints.push_back({armed.id, armed.breakpoint.text, armed.hits});
    return snapshot;
}

} // namespace forkscope
