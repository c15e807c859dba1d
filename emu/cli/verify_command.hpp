// `forkscope verify`: holds the timing model against independent judges.
#pragma once

#include "base/result.hpp"

namespace forkscope {

struct VerifyOptions {
    unsigned generated = 400; // blocks made up for the pipeline comparison
    unsigned compiled = 200;  // blocks cut from each kind of program
};

// Compares the pipeline with llvm-mca and the data cache with QEMU's cache
// plugin, and prints the table that docs/accuracy.md holds. Ends with
// GuestFailure if a goal is missed, Internal if a judge can't be asked.
Result<ExitStatus> verify_command(const VerifyOptions& options);

} // namespace forkscope
