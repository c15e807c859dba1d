// Names of processes, as the kernel's probes carry them.
#pragma once

#include <string_view>

namespace forkscope {

inline constexpr std::size_t kProcessNameBytes = 16; // abi::ProbeId::ProcExecSuccess

// A process of this name runs `program`: longer names are cut.
constexpr bool is_name_of(std::string_view process, std::string_view program) {
    return process == program.substr(0, kProcessNameBytes);
}

} // namespace forkscope
