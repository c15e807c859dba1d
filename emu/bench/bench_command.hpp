// `forkscope bench`: wall time of whole runs, from the start of the program to
// its exit, against QEMU on the same guest images where QEMU is installed.
#pragma once

#include <filesystem>
#include <optional>

namespace forkscope {

struct BenchOptions {
    std::optional<std::filesystem::path> json; // where to write the report as JSON
    bool cycle = true;                         // measure cycle timing too
    unsigned runs = 5;                         // timed runs of each workload on each engine
};

// Runs every workload on forkscope and QEMU in turns, prints the table, writes
// the JSON. Ends with 1 if a run ends with another status than 0, or if the
// guest's console is not the same on both. Returns the exit status.
int bench_command(const BenchOptions& options);

} // namespace forkscope
