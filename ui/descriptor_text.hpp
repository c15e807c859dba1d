// Translation table descriptors in words.
#pragma once

#include "base/types.hpp"

#include <string>

namespace forkscope {

// "user read-only, no execute", "kernel read-write, global", "absent", ... for a
// block or page descriptor of `level`.
std::string describe_descriptor(u64 descriptor, unsigned level);

} // namespace forkscope
