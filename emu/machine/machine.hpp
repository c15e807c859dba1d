// The whole machine: one CPU, RAM, reset ROM and devices, wired up as
// docs/machine.md says, and the loop that runs it.
#pragma once

#include "base/result.hpp"
#include "devices/console.hpp"
#include "event/event.hpp"
#include "machine/boot.hpp"
#include "machine/inspection.hpp"
#include "timing/timing_model.hpp"

#include <memory>
#include <string>

namespace forkscope {

struct MachineSettings {
    u64 cpu_hz = 1'000'000'000; // cycles in a second of the machine's time
    u32 rtc_epoch = 0;          // PL031 at reset, seconds since 1970
    u64 seed = 1;               // recorded; everything random in a run derives from it
    std::optional<timing::TimingModel> timing; // none: one cycle an instruction

    // All three are borrowed and may be null.
    EventSink* events = nullptr;
    ConsoleSink* console_output = nullptr;
    ConsoleSource* console_input = nullptr;
};

struct RunLimits {
    Cycle last_cycle = ~Cycle{0}; // the run stops at the first block boundary at or after it
    Cycle slice_end = ~Cycle{0};  // it pauses there; what follows is as if it had not
};

// Why a run that can go on came back.
enum class Pause : u8 {
    None,        // it can't: it has ended, or met its limit
    StopRequest, // request_stop
    Slice,       // RunLimits::slice_end
    Address,     // set_stops; or step() has done its work
};

struct RunResult {
    RunEndReason reason = RunEndReason::Stopped;
    Pause pause = Pause::None;
    bool waiting = false;  // in WFI
    u64 guest_status = 0;  // what the guest's last GuestStatus probe said; 0 without one
    std::string detail;    // a sentence for Stopped: why nothing more can happen; else empty
    Cycle cycles = 0;      // since reset, idle ones included
    Cycle idle_cycles = 0; // of these, spent in WFI
    u64 instructions = 0;  // executed since reset
};

class Machine {
public:
    // Builds the machine with `plan` in its RAM, at reset. Fails if the host
    // lacks the memory or the engine can't be set up.
    static Result<std::unique_ptr<Machine>> create(const BootPlan& plan,
                                                   const MachineSettings& settings);
    ~Machine();
    Machine(const Machine&) = delete;
    Machine& operator=(const Machine&) = delete;

    // Runs until the guest ends, a limit is met, a stop is requested or nothing
    // more can happen. Reports RunStart before the first instruction. After a
    // limit or a stop request, run goes on where it was.
    [[nodiscard]] RunResult run(const RunLimits& limits);

    // As run(), for one instruction, or the exception that is taken in its place.
    [[nodiscard]] RunResult step(const RunLimits& limits);

    // Virtual addresses before which run() pauses, at once if it is there already: go
    // on with step(). A run with stops may differ from one without, in when
    // interrupts come and in cycle timing (Engine::set_stops).
    void set_stops(std::vector<u64> addresses);
    [[nodiscard]] bool at_stop() const; // the next instruction is at one

    // Ends the run soon, at a block boundary; callable from an event sink and
    // from a signal handler of the same thread. `run` then returns Stopped.
    void request_stop();

    // What the machine looks like between two runs. On the thread that runs it.
    [[nodiscard]] Inspection inspect() const;

    // Reports what is left to report, and RunEnd with the last run's reason. No
    // run after it.
    void finish();

private:
    struct Parts;
    explicit Machine(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

} // namespace forkscope
