// What `forkscope bench` found, and how it is written down.
#pragma once

#include "base/types.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace forkscope {

// Wall times of the runs of one thing, in seconds.
class Samples {
public:
    void add(double seconds) { seconds_.push_back(seconds); }

    [[nodiscard]] const std::vector<double>& all() const { return seconds_; }
    [[nodiscard]] bool empty() const { return seconds_.empty(); }
    [[nodiscard]] double median() const;  // only if not empty
    [[nodiscard]] double minimum() const; // only if not empty

private:
    std::vector<double> seconds_;
};

struct WorkloadResult {
    std::string name;
    std::string about;    // what the guest does, in a few words
    std::string append;   // the kernel command line
    u64 instructions = 0; // executed by forkscope from reset to power off
    Samples ours;
    Samples qemu; // empty without QEMU
};

// What one fork, exit and wait cost in the guest. guestos/user/programs/bench-cow.c
struct ForkCost {
    std::string kind; // resident, cow, written, eager
    u64 pages = 0;
    u64 instructions = 0;
};

// The compute program in cycle timing, with and without the event record, and on
// QEMU with its cache plugin.
struct CycleResult {
    u64 instructions = 0;
    Samples functional;
    Samples cycle;
    Samples traced;
    Samples qemu_cache;  // empty: not measured
    std::string why_not; // the plugin can't be had, or QEMU is not installed
};

struct BenchReport {
    std::string host; // CPU model and number
    std::string qemu; // its version line; empty if it is not installed
    std::string ram;  // of the guest, as given to both
    // The first is the boot alone: what the others' net times leave out.
    std::vector<WorkloadResult> workloads;
    std::vector<ForkCost> forks = {};
    std::optional<CycleResult> cycle;
};

// bench-cow's lines out of a console transcript.
std::vector<ForkCost> fork_costs(std::string_view console);

// A table in text, lines of at most 100 columns.
std::string bench_table(const BenchReport& report);

// The same and every single time, as JSON (schema_version 1).
std::string bench_json(const BenchReport& report);

} // namespace forkscope
