// What happened, in sentences.
#pragma once

#include "ui/chronicle.hpp"

#include <string>
#include <vector>

namespace forkscope {

// The first line is a sentence, those after it are details. Not wrapped.
std::vector<std::string> tell_entry(const ChronicleEntry& entry);

// "exit status 0", "killed by signal 11". wait(2)
std::string describe_wait_status(u64 status);

// "exit 0", "signal 11"
std::string short_wait_status(u64 status);

// "init (1)", "the kernel" for process 0, "process 5" without a name.
std::string describe_actor(const Actor& actor);

} // namespace forkscope
