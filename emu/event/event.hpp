// The event record: what happened in the machine, in cycle order. It is the
// only source for statistics, traces and the panel.
//
// Events come from two places. The machine reports what it sees itself (faults,
// descriptor changes, interrupts, console lines); the kernel reports through
// its SDT-style probes (guestos/abi/probe.hpp). Neither can change the other's
// account, so each checks the other.
#pragma once

#include "base/types.hpp"

#include <array>
#include <span>
#include <string_view>

namespace forkscope {

// Kinds below 256 are the machine's own; a kernel probe with number N is kind
// 256 + N. Numbers are part of the trace format: append, never renumber.
enum class EventKind : u16 {
    RunStart = 1,         // RAM bytes, boot seed, cycle timing (0/1)
    RunEnd = 2,           // RunEndReason, guest status
    Fault = 3,            // FAR, PC, ESR, descriptor at fault, instruction word, ASID
    DescriptorChange = 4, // VA, PC, descriptor before, descriptor after, level, ASID
    Exception = 5,        // PC, ESR, vector offset: synchronous, neither abort nor SVC
    InterruptTaken = 6,   // INTID acknowledged, PC interrupted
    HypervisorCall = 7,   // PSCI function id, arg1, arg2, arg3, return value
    BusError = 8,         // physical address, size, write (0/1), PC
    Text = 9,             // 48 bytes of text that belongs to the event before it
    ConsoleLine = 10,     // length in bytes; the text follows in Text events
    ProbeMalformed = 11,  // doorbell value, probe id
    CyclesSpent = 12,     // exception level, CycleCause, cycles, instructions, Work; see CycleLedger
    TimingTotal = 13,     // TimingUnit, uses, misses, L1D's line splits: before RunEnd
    ProbeBase = 256,
};

// What cycle timing counts uses of.
enum class TimingUnit : u64 { L1i, L1d, L2, Tlb, Branches, UnknownInstructions };
inline constexpr std::size_t kTimingUnits = 6;

// What cycles were spent on. Functional timing knows the first two only.
enum class CycleCause : u64 {
    Base = 0,             // issue: one cycle an instruction, or as the pipeline issues them
    Idle = 1,             // in WFI, until the next interrupt
    Dependency = 2,       // waiting for the result of an earlier instruction
    InstructionMiss = 3,  // fetching from beyond L1I
    DataMiss = 4,         // waiting for data from beyond L1D, or for the store buffer
    TlbWalk = 5,          // translating an address that the micro-TLBs miss
    Misprediction = 6,    // refilling the pipeline after a mispredicted branch
    ExceptionEntry = 7,
    ExceptionReturn = 8,  // ERET
    DeviceAccess = 9,
    Barrier = 10,         // DSB, ISB
    TlbMaintenance = 11,  // TLBI
};
inline constexpr std::size_t kCycleCauses = 12;

// What the CPU was doing. Functional timing tells user, kernel and idle only.
enum class Work : u64 {
    User,      // EL0
    Syscall,   // kernel, for a system call of the process
    Fault,     // kernel, for an exception of the process other than a system call
    Interrupt, // kernel, from an IRQ's entry to its ERET
    Kernel,    // kernel on its own account: boot, kernel threads, a new process's start
    Idle,      // in WFI
};
inline constexpr std::size_t kWorks = 6;

// "user", "syscall", ...; "unknown" beyond the last.
std::string_view work_name(u64 work);

// "base", "data_miss", ...; "unknown" beyond the last.
std::string_view cycle_cause_name(u64 cause);

enum class RunEndReason : u64 { PowerOff, Panic, Limit, Stopped };

// One event, 64 bytes, the same in memory and in the native trace file
// (little endian).
struct Event {
    Cycle cycle = 0;          // cycles since reset
    u16 kind = 0;             // EventKind
    u8 cpu = 0;               // index of the CPU
    u8 el = 0;                // exception level the event came from
    u32 pid = 0;              // process on that CPU as the last on-cpu probe said, 0 before
    std::array<u64, 6> arg{}; // meaning by kind; see event_info()
};
static_assert(sizeof(Event) == 64);

// Receives events in cycle order. Called from the machine's thread only and
// must not change the machine.
class EventSink {
public:
    virtual ~EventSink() = default;
    virtual void on_event(const Event& event) = 0;
};

// Name and argument names of an event kind, for printers and converters.
struct EventInfo {
    u16 kind;
    std::string_view name;                     // "fault", "proc:::create", ...
    std::array<std::string_view, 6> arg_names; // empty where unused
};

// All kinds, in ascending order.
std::span<const EventInfo> event_infos();

// The entry for `kind`, or nullptr if the kind is unknown.
const EventInfo* event_info(u16 kind);

} // namespace forkscope
