// The program `forkscope`.
#pragma once

namespace forkscope {

// Runs the command that the arguments name. Returns the exit status
// (ExitStatus); throws nothing.
int cli_main(int argc, const char* const* argv);

} // namespace forkscope
