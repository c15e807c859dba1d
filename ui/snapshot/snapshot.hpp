// One moment of a run, as the panel sees it: immutable, made on the machine's
// thread from the event record and the machine's own memory, and handed over
// whole. Text models (ui/model) are pure functions of it.
#pragma once

#include "event/event.hpp"
#include "event/spans.hpp"
#include "event/totals.hpp"
#include "snapshot/shared_log.hpp"
#include "ui/page_action.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace forkscope {

// --- Control

enum class RunPhase : u8 { Ready, Running, Paused, Ended };

struct ControlView {
    RunPhase phase = RunPhase::Ready;
    Cycle cycle = 0;
    u64 instructions = 0;
    u64 os_events = 0; // so far; see is_os_event
    std::string why;   // why it stopped, one sentence; empty while it runs
    u64 commands = 0;  // obeyed so far
    u64 arrivals = 0;  // of RunTo commands, so far
    double speed = 0;  // OS events in a second of the user's time; 0: unlimited
    u64 cpu_hz = 1'000'000'000;
    bool cycle_timing = false;
};

// --- Processes

// Letters as ps(1) shows them.
enum class ProcessState : u8 {
    Embryo,   // I: being made
    OnCpu,    // O
    Runnable, // R
    Sleeping, // S
    Stopped,  // T
    Zombie,   // Z
    Gone,     // -: reaped
};
char state_letter(ProcessState state);

struct AddressSpaceView;

struct ProcessView {
    u32 pid = 0;
    u32 parent = 0;       // as it is now: 1 for an orphan
    u32 first_parent = 0; // that it was born to
    std::string name;
    ProcessState state = ProcessState::Embryo;
    std::string wait_channel; // what it sleeps on; empty if it does not
    Cycle born = 0;
    std::optional<Cycle> exited;
    std::optional<Cycle> reaped;
    u64 wait_status = 0; // once it has exited; wait(2)
    u64 cycles = 0;
    u64 instructions = 0;
    u64 faults = 0;
    u64 copies = 0; // cow_copy events
    u64 syscalls = 0;
    u64 private_pages = 0; // resident, mapped by this space only
    u64 shared_pages = 0;  // resident, mapped by another space too
    // Null once it has none: zombies. A vfork child and its parent have the same one.
    std::shared_ptr<const AddressSpaceView> space;
};

// --- Address spaces and frames

enum class Backing : u8 { Anonymous, File, Device };

// A map entry as the kernel reports it. uvm_map(9)
struct RegionView {
    u64 start = 0;
    u64 end = 0;        // first address after it
    u8 protection = 0;  // 1 read, 2 write, 4 execute: VM_PROT_*
    u8 inheritance = 1; // MAP_INHERIT_SHARE 0, COPY 1, NONE 2, ZERO 4: minherit(2)
    Backing backing = Backing::Anonymous;
    bool shared = false;     // MAP_SHARED: writes are seen by all
    bool needs_copy = false; // its amap is shared until the first write
    bool wired = false;
    u64 offset = 0; // in the file

    bool operator==(const RegionView&) const = default;
};

struct TableEntry {
    u16 index = 0;
    u64 descriptor = 0;

    bool operator==(const TableEntry&) const = default;
};

// One translation table, without its zero entries.
struct TableView {
    u64 physical = 0;
    u8 level = 0;
    u64 va = 0;                      // first address that it translates
    std::vector<TableEntry> entries; // in ascending order of index

    // Zero where there is no entry.
    [[nodiscard]] u64 descriptor(unsigned index) const;
    bool operator==(const TableView&) const = default;
};

struct AddressSpaceView {
    u64 root = 0; // physical address of the first table
    u16 asid = 0;
    std::vector<RegionView> regions; // in ascending order
    std::vector<TableView> tables;   // in ascending order of (level, va); the root is first
    unsigned first_level = 1;

    [[nodiscard]] const TableView* table(unsigned level, u64 va) const;
    [[nodiscard]] const RegionView* region(u64 va) const;
    bool operator==(const AddressSpaceView&) const = default;
};

// What a frame holds, as far as the machine and its probes tell.
enum class FrameUse : u8 {
    Unmapped,  // free, or the kernel's own: no process maps it
    Kernel,    // the kernel's image
    Table,     // a translation table of a process
    Anonymous, // zero-filled or copied memory of processes
    File,      // a file's page
};

struct FrameMapping {
    u32 pid = 0;
    u64 va = 0;
    bool writable = false; // by its descriptor
};

struct FrameView {
    u64 physical = 0;
    FrameUse use = FrameUse::Unmapped;
    PageAction origin = PageAction::None; // the last thing that filled it, if a probe told
    u32 owner = 0;         // pid that maps it, or whose table it is; of several, the oldest
    u32 first_mapping = 0; // index in FrameTable::mappings
    u32 mappings = 0;      // sharers: mappings by different spaces
};

struct FrameTable {
    u64 ram_base = 0;
    u64 ram_bytes = 0;
    std::vector<FrameView> frames; // in ascending order; Unmapped ones are left out
    std::vector<FrameMapping> mappings;

    [[nodiscard]] const FrameView* frame(u64 physical) const;
};

// --- Faults

// One page fault from the exception to the instruction's second try; or a page that
// the kernel saw to without a fault: then `taken` is 0. Cards are numbered as in
// Snapshot::faults; the open one has the number that comes next.
struct FaultCard {
    u64 event = 0; // number in the event log
    u32 pid = 0;
    u64 far = 0;
    u64 pc = 0;
    u64 esr = 0;
    u32 instruction = 0;
    std::string code{};   // the instruction, disassembled; empty if it was not
    std::string symbol{}; // of the PC: "copy_page+0x24"; empty if none is known
    u16 asid = 0;
    u8 el = 0;                 // that the access came from
    u64 descriptor_before = 0; // at the fault
    u64 descriptor_after = 0;  // once handled
    u8 level_after = 3;        // of the descriptor after
    PageAction action = PageAction::None;
    u64 old_frame = 0;
    u64 new_frame = 0;
    u64 references = 0; // before the copy
    u64 offset = 0;     // in the file, of FileFill
    u64 error = 0;      // errno; 0 if resolved
    // The path, each with its moment; zero if it was not (yet) seen.
    Cycle taken = 0;    // exception entry, to the vector
    Cycle decided = 0;  // the kernel's probe: copied, filled, ...
    Cycle resolved = 0; // fault_return of the kernel
    Cycle returned = 0; // ERET to the process
};

// --- Timeline

enum class MarkKind : u8 { Fork, Exec, Exit, Reap, Fault, Copy, Reuse, Signal };

struct TimelineMark {
    Cycle cycle = 0;
    u32 pid = 0; // lane
    MarkKind kind = MarkKind::Fork;
    u32 other = 0; // child of a fork, target of a signal
    u64 event = 0; // number in the event log
};

// A process on the CPU; pid 0 is the kernel's own lane (kernel threads, idle).
struct TimelineSpan {
    Cycle begin = 0;
    Cycle end = 0;
    u32 pid = 0;
    Cycle idle = 0; // of them in WFI
};

// --- CPU

struct CpuView {
    std::array<u64, 31> x{};
    u64 sp = 0;
    u64 pc = 0;
    u64 pstate = 0;
    u8 el = 0;
    u32 pid = 0;
    u64 ttbr0 = 0, ttbr1 = 0, tcr = 0, mair = 0, sctlr = 0, vbar = 0;
    u64 esr = 0, far = 0, elr = 0, spsr = 0, sp_el0 = 0;
};

struct CodeLine {
    u64 address = 0;
    u32 word = 0;
    std::string text;   // disassembled
    std::string symbol; // "fork1+0x24"; empty if none is known
};

// --- Cycles

// The pid of those cycles whose processes are gone for long.
inline constexpr u32 kFormerProcesses = ~u32{0};

struct CycleSlice {
    u32 pid = 0;
    u8 el = 0;
    CycleCause cause = CycleCause::Base;
    Work work = Work::User;
    Cycle cycles = 0;
    u64 instructions = 0;
};

// Faults and copies in one interval of the run.
struct FaultBucket {
    Cycle begin = 0;
    u32 translation = 0, permission = 0, other = 0;
    u32 copies = 0;
};

// --- Breakpoints

struct BreakpointView {
    u32 id = 0;
    std::string text; // as given: "fork1", "syscall fork", "fault permission pid 3"
    u64 hits = 0;
};

// --- All of it

struct Snapshot {
    u64 serial = 0; // rises with each snapshot of a run
    ControlView control;
    std::vector<ProcessView> processes; // in order of birth; those gone for long are left out
    u64 dropped_processes = 0;          // so many
    std::shared_ptr<const FrameTable> frames;
    std::shared_ptr<const AddressSpaceView> kernel; // TTBR1's tables; no regions
    SharedLog<Event>::View events;
    SharedLog<FaultCard>::View faults; // finished ones
    std::optional<FaultCard> open_fault;
    SharedLog<TimelineSpan>::View spans; // finished ones; who is on the CPU now is cpu.pid
    Cycle span_began = 0;                // of the one that is open
    Cycle span_idle = 0;                 // likewise
    SharedLog<TimelineMark>::View marks;
    CpuView cpu;
    CpuView cpu_before;         // at the stop before this one
    std::vector<CodeLine> code; // around the PC, in ascending order
    Totals totals;
    std::vector<CycleSlice> cycles;
    std::vector<FaultBucket> fault_history; // equal intervals, in order
    std::string console;                    // the last 64 KiB of what the guest printed
    std::vector<BreakpointView> breakpoints;

    // Null if no such process is in `processes`.
    [[nodiscard]] const ProcessView* process(u32 pid) const;
};

// True for the events that "next OS event" stops at: what the operating system
// does (process life, faults and their outcome, switches, system calls, signals),
// not what the machine counts.
[[nodiscard]] bool is_os_event(u16 kind);

} // namespace forkscope
