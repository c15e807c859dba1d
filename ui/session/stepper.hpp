// One run of a machine under control, on the caller's thread: runs it, steps,
// stops at breakpoints, says why, takes snapshots.
//
// Determinism: steps from OS event to OS event, pauses and snapshots stop the
// machine where it would have been between two blocks anyway, and leave no trace:
// the run ends as one that nobody watched. Stops at addresses and single
// instructions divide blocks (Machine::set_stops), so that an interrupt may come
// some instructions earlier than it would have, and cycle timing may see another
// grouping: such a run is a possible one, but not the same.
#pragma once

#include "machine/machine.hpp"
#include "session/breakpoint.hpp"
#include "session/code_lines.hpp"
#include "snapshot/take_snapshot.hpp"

#include <functional>

namespace forkscope {

enum class Progress : u8 {
    Going,   // what was asked for has not come yet
    Stopped, // it has, or something else stopped the run: why() says what
    Ended,   // the run has ended: result() says how
};

class Stepper final : public EventSink {
public:
    struct Options {
        u64 cpu_hz = 1'000'000'000;
        bool cycle_timing = false;
        Cycle last_cycle = ~Cycle{0}; // the run ends there
        Symbols symbols;
        std::string favourite;          // program whose symbols need no name before them
        ConsoleSink* console = nullptr; // gets what the guest prints, too
    };
    explicit Stepper(Options options);

    // The machine's console output; its event sink is the Stepper itself. Both
    // must be told it before attach(), which comes before everything below.
    [[nodiscard]] ConsoleSink& console() { return console_; }
    void attach(Machine& machine) { machine_ = &machine; }
    void on_event(const Event& event) override;

    // Begin something; advance() carries it out.
    void run();
    void step_event();
    void step_over(); // an instruction, and what it calls
    void step_out();  // to the address in x30
    // Until an event that `wanted` is true of.
    void run_until(std::function<bool(const Event&)> wanted);

    // Runs for about `most` cycles; not at all once it has stopped.
    [[nodiscard]] Progress advance(Cycle most);
    // Runs until it is not Going any more.
    Progress complete();
    // Runs until `cycle`, unless something stops it before.
    Progress run_to_cycle(Cycle cycle);
    Progress step_instruction();
    // Gives up what was begun.
    void pause();

    // The number of the breakpoint, for remove_breakpoint.
    Result<u32> add_breakpoint(const std::string& text);
    void remove_breakpoint(u32 id);
    [[nodiscard]] u64 hits(u32 id) const;

    // Why it stopped: a sentence. Where it did is in the snapshot.
    [[nodiscard]] const std::string& why() const { return why_; }
    // Of what advance() did last.
    [[nodiscard]] const RunResult& result() const { return result_; }
    [[nodiscard]] RunPhase phase() const { return phase_; }
    [[nodiscard]] bool ended() const { return phase_ == RunPhase::Ended; }
    // The last stop was a breakpoint's.
    [[nodiscard]] bool at_breakpoint() const { return at_breakpoint_; }
    [[nodiscard]] u64 cpu_hz() const { return options_.cpu_hz; }
    // The CPU is in WFI.
    [[nodiscard]] bool idle() const { return result_.waiting; }
    [[nodiscard]] const World& world() const { return world_; }
    // Grows with all that the guest does but let time pass: OS events, output.
    [[nodiscard]] u64 doings() const { return world_.os_events() + console_.written(); }

    // Now; without code while the run goes on.
    [[nodiscard]] std::shared_ptr<Snapshot> snapshot();

private:
    struct Armed {
        u32 id = 0;
        Breakpoint breakpoint;
        u64 hits = 0;
    };
    // An address at which step_over and step_out end.
    struct Target {
        u64 address = 0;
        u32 pid = 0;
        u8 el = 0;
        u64 sp = 0;           // at least
        const char* why = ""; // the sentence for it
    };

    void annotate(FaultCard& card);
    void begin();
    void stop(std::string why);
    void end(const RunResult& result);
    void request_stop(std::string why);
    [[nodiscard]] Progress follow(const RunResult& result);
    [[nodiscard]] bool stops_here();
    void aim(const Target& target);
    void arm();
    [[nodiscard]] bool matches(const Breakpoint& breakpoint, const Event& event) const;
    [[nodiscard]] std::string_view program(u64 pid) const;
    [[nodiscard]] RunLimits limits(Cycle most) const;

    Options options_;
    Machine* machine_ = nullptr;
    World world_;
    ConsoleText console_;
    SnapshotTaker taker_;
    Disassembler disassembler_;
    // Code and symbol by place: programs fault in the same places again and again.
    struct Note {
        std::string program;
        u32 word = 0;
        std::string code;
        std::string symbol;
    };
    std::unordered_map<u64, Note> notes_; // by PC

    RunPhase phase_ = RunPhase::Ready;
    std::string why_;
    std::string pending_why_; // of the stop that was requested; empty: none was
    RunResult result_;
    bool at_breakpoint_ = false;
    bool at_next_event_ = false;
    std::function<bool(const Event&)> wanted_;
    std::optional<Target> target_;
    std::vector<Armed> breakpoints_;
    u32 last_id_ = 0;
    std::optional<u64> unhindered_; // the stop here was told: the next run may leave it
    CpuView stopped_cpu_;           // at the last stop
    CpuView earlier_cpu_;           // and the one before
};

} // namespace forkscope
