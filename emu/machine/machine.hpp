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
};

struct RunResult {
    RunEndReason reason = RunEndReason::Stopped;
    u64 guest_status = 0;   // what the guest's last GuestStatus probe said; 0 without one
    std::string detail;     // a sentence for Stopped: why nothing more can happen; else empty
    Cycle cycles = 0;       // since reset, idle ones included
    Cycle idle_cycles = 0;  // of these, spent in WFI
    u64 instructions = 0;   // executed since reset
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
