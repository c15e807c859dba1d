// The probe device's programming interface, shared by the guest kernel (which
// writes) and the emulator (which reads). Compiled by both.
//
// A probe is a 64-byte record in RAM and one 32-bit store: the kernel fills a
// per-CPU ProbeRecord and writes the record's physical address, shifted right
// by six, to the DOORBELL register. The device reads the record at once; the
// kernel may reuse it after the store.
//
// Names follow SDT's provider:module:function:name, as in `proc:::create`
// (SDT(9), dtrace(1) of NetBSD). The device is described to the kernel by the
// device-tree node with compatible = "forkscope,probe"; without the node the
// kernel does the same work and rings no bell.
#pragma once

#include <stdint.h>

namespace abi {

inline constexpr uint64_t kProbeMaxArgs = 6;

// Register offsets in the device's 4 KiB page. All are 32 bits wide.
enum class ProbeRegister : uint32_t {
    Identification = 0x00, // RO: 0x464b5343 ("FKSC")
    Version = 0x04,        // RO: kProbeVersion
    Doorbell = 0x08,       // WO: physical address of a ProbeRecord >> 6
};

inline constexpr uint32_t kProbeIdentification = 0x464b5343;
inline constexpr uint32_t kProbeVersion = 1;

// Every probe of the kernel. The comment gives the SDT name and the arguments
// in order; addresses are bytes, frames are physical addresses of 4 KiB pages.
// Numbers are part of the trace format: append, never renumber.
enum class ProbeId : uint32_t {
    // proc provider
    ProcCreate = 1,     // proc:::create         child pid, parent pid, fork flags, forker pid
    ProcExecSuccess = 2, // proc:::exec-success  pid, name[0..7], name[8..15] (p_comm, NUL padded)
    ProcExecFailure = 3, // proc:::exec-failure  pid, errno
    ProcExit = 4,       // proc:::exit           pid, wait status (as wait4 reports it)
    ProcReap = 5,       // proc:::reap           pid, pid of the reaper
    ProcReparent = 6,   // proc:::reparent       pid, new parent pid
    ForkFailure = 7,    // proc:::fork-failure   pid of caller, errno, fork flags
    LwpCreate = 8,      // proc:::lwp-create     pid, lid, of-pid (creator)
    LwpExit = 9,        // proc:::lwp-exit       pid, lid
    SignalSend = 10,    // proc:::signal-send    sender pid (0 kernel), target pid, signal
    SignalHandle = 11,  // proc:::signal-handle  pid, signal, handler address (0 default)
    ProcStop = 12,      // proc:::stop           pid, signal (0: born stopped)
    ProcContinue = 13,  // proc:::continue       pid

    // sched provider
    OnCpu = 20,         // sched:::on-cpu        pid, lid, ASID (0: kernel space kept), is-idle (0/1)
    Sleep = 21,         // sched:::sleep         pid, lid, wmesg[0..7]
    Wakeup = 22,        // sched:::wakeup        pid, lid

    // syscall provider
    SyscallEntry = 30,  // syscall:::entry       pid, number, arg0, arg1, arg2, arg3
    SyscallReturn = 31, // syscall:::return      pid, number, errno, retval0, retval1

    // uvm provider
    CowCopy = 40,       // uvm:::cow_copy        pid, va, old frame, new frame, references before (>= 2)
    CowReuse = 41,      // uvm:::cow_reuse       pid, va, frame
    ZeroFill = 42,      // uvm:::zero_fill       pid, va, frame
    FileFill = 43,      // uvm:::file_fill       pid, va, frame, offset in file, writable (0/1)
    AnonMap = 44,       // uvm:::anon_map        pid, va, frame, references, writable (0/1): a resident anon mapped, no copy
    FaultDone = 45,     // uvm:::fault_return    pid, va, access (1 r, 2 w, 4 x), errno
    SpaceFork = 46,     // uvm:::space_fork      parent pid, child pid, shared (0/1), entries, pages write-protected, child's vm_map
    FrameCount = 47,    // uvm:::frames          frames in all, free or filled by caches, moment (0 init begins, 1 end)
    EagerCopy = 48,     // uvm:::eager_copy      pid, va, old frame, new frame: wired entry copied at fork
    SpaceExec = 49,     // uvm:::space_exec      pid, vm_map: its address space is now this one, empty
    SpaceExit = 50,     // uvm:::space_exit      pid: it has no address space any more

    // machine
    Panic = 60,         // kernel:::panic        message[0..47], NUL padded
    GuestStatus = 61,   // kernel:::poweroff     exit status of init: what the run reports
    Invariant = 62,     // kernel:::leak-check   frames leaked, anons, amaps, ASIDs, files
    BootDone = 63,      // kernel:::boot-done    (no arguments): init's first instruction is next
    Mark = 64,          // user:::mark           pid, value: a program's own mark (benchmarks)
    Layout = 65,        // kernel:::layout       address of a KernelLayout (abi/layout.hpp)
};

struct alignas(64) ProbeRecord {
    uint32_t id;    // ProbeId
    uint32_t count; // arguments that are valid, at most kProbeMaxArgs
    uint64_t arg[kProbeMaxArgs];
    uint64_t reserved; // write zero
};
static_assert(sizeof(ProbeRecord) == 64);

} // namespace abi
