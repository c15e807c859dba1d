// `forkscope run` and `forkscope check`.
#pragma once

#include "cli/command_line.hpp"
#include "cli/panel_host.hpp"

namespace forkscope {

// Runs a machine to its end and writes what was asked for. The error is of
// what kept it from running or writing.
Result<ExitStatus> run_command(const RunOptions& options, const Program& program);

// Checks a config and all files it names.
Result<ExitStatus> check_command(const CheckOptions& options);

} // namespace forkscope
