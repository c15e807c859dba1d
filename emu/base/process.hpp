// Runs another program and measures it from outside.
#pragma once

#include "base/result.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace forkscope {

struct ProcessRun {
    double seconds = 0;     // wall time from start to exit
    int status = 0;         // exit status, or 128 + signal
    bool timed_out = false; // it was killed after `most_seconds`
};

// Runs `argv` (argv[0] is looked up in PATH) with an empty standard input, and
// standard output and error in the file `output`. Fails if it can't be started.
Result<ProcessRun> run_process(const std::vector<std::string>& argv,
                               const std::filesystem::path& output, double most_seconds);

} // namespace forkscope
