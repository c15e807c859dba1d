// The fake machine: some MiB of memory at a made-up physical address, a pmap
// with a TLB that remembers until it is told otherwise, and records of what the
// kernel said. Tests build on it; see tests/guestos.
#pragma once

#include "abi/probe.hpp"
#include "sys/types.hpp"
#include "uvm/uvm_extern.hpp"

#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

namespace host {

// What panic() throws.
struct Panic : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// A kernel just after uvm_init, with so many frames of memory; gone with the
// object.
class Kernel {
public:
    explicit Kernel(unsigned frames = 1024);
    ~Kernel();
    Kernel(const Kernel&) = delete;
    Kernel& operator=(const Kernel&) = delete;

    // Frames that are neither free nor held back by caches.
    [[nodiscard]] u64 frames_used() const;
    // Takes all frames but `n` away, so that allocations fail.
    void leave_frames(u64 n);
    void give_frames_back();
};

// The probes that fired since the last call of take_probes().
std::vector<abi::ProbeRecord> take_probes();
// Is called as each probe fires; null ends that.
void watch_probes(std::function<void(const abi::ProbeRecord&)> watcher);
// How many of them were `id`, without taking them.
unsigned count_probes(abi::ProbeId id);
// Everything printed since the Kernel was made.
const std::string& console();

// What a CPU does with a user's access: TLB, then tables; a fault goes to
// uvm_fault, and the access is made again. The byte read, or Errno of the fault.
struct Access {
    Errno error;
    u8 value;
    unsigned faults; // that it took
};
Access load(vmspace* vm, vaddr_t va);
Access store(vmspace* vm, vaddr_t va, u8 value);
// Only TLB and tables, no fault: would the access be made?
bool would_load(vmspace* vm, vaddr_t va);
bool would_store(vmspace* vm, vaddr_t va);

// Invalidations since the Kernel was made: whole spaces, and single pages.
struct TlbCounts {
    u64 spaces;
    u64 pages;
};
TlbCounts tlb_counts();

} // namespace host
