// Small guest programs, written as assembly in the tests that run them.
#pragma once

#include "base/types.hpp"

#include <string>
#include <vector>

namespace forkscope::test {

inline constexpr u64 kProgramBase = 0x4008'0000;

// Assembles and links `source` at `base` with the cross tools, and returns the
// bytes. Fails the test with the assembler's words if it does not assemble.
std::vector<u8> assemble(const std::string& source, u64 base = kProgramBase);

} // namespace forkscope::test
