// The program `forkscope`.
#pragma once

#include "cli/panel_host.hpp"

namespace forkscope {

// Runs the command that the arguments name. Returns the exit status
// (ExitStatus); throws nothing. `panel` is null in a program without one.
int cli_main(int argc, const char* const* argv, PanelHost* panel = nullptr);

} // namespace forkscope
