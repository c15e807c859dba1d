// Names of the addresses in the guest that a config boots.
#pragma once

#include "config/config.hpp"
#include "lesson/lesson.hpp"

namespace forkscope {

// Symbols of the kernel, of its programs and of the user's own; what is not there, or
// is no ELF file, has none. The favourite is the job's program.
LessonNames guest_symbols(const Config& config);

} // namespace forkscope
