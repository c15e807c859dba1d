// Core files: kern/kern_core.cpp
#pragma once

#include "sys/proc.hpp"

// Writes what p is to `path`, as the caller, or where it is null to "NAME.core" in
// p's working directory.
// => p is stopped, or the caller is its only LWP; may sleep
// => EFBIG: it would be larger than RLIMIT_CORE; EPERM: p had other privileges;
//    EACCES: the path is not a file of the caller's own
[[nodiscard]] Errno coredump(proc* p, const char* path);
