// Reading the kernel's probes out of events.
#pragma once

#include "abi/probe.hpp"
#include "event/event.hpp"

#include <string>

namespace forkscope {

// The kind of the event that carries `probe`.
constexpr u16 kind_of(abi::ProbeId probe) {
    return static_cast<u16>(static_cast<u32>(EventKind::ProbeBase) + static_cast<u32>(probe));
}

// The probe that `event` carries; its kind is at least ProbeBase.
constexpr abi::ProbeId probe_of(const Event& event) {
    return static_cast<abi::ProbeId>(event.kind - static_cast<u32>(EventKind::ProbeBase));
}

// Text packed into arguments, first byte lowest, up to the first NUL. What is not
// printable ASCII becomes '?'.
std::string text_of(std::span<const u64> words);

} // namespace forkscope
