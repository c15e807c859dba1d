// The guest's numbers by their names: system calls, errors, signals of NetBSD.
#pragma once

#include "base/types.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace forkscope {

// "fork", "__vfork14", or "syscall 600" for one that has no name.
std::string syscall_name(u64 number);

// The number of the call of this name; also without the underscores and the
// version that NetBSD gives to newer ones: "wait4" is __wait450.
std::optional<u64> syscall_number(std::string_view name);

// errno(2): "EAGAIN", or "errno 171".
std::string describe_errno(u64 error);

// signal(7): "SIGSEGV", or "signal 40".
std::string signal_name(u64 number);

} // namespace forkscope
