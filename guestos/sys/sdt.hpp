// Statically defined probes: sdt(9). A probe fills this CPU's record and rings
// the probe device's doorbell (abi/probe.hpp). Without the device the same
// work is done and no bell rings.
#pragma once

#include "abi/probe.hpp"
#include "machine/cpu.hpp"
#include "machine/sdt.hpp"

// Eight bytes of a string as one argument, NUL padded.
u64 sdt_string_arg(const char* s, unsigned word);

template <typename T> inline u64 sdt_arg(T value) {
    return static_cast<u64>(value);
}
template <typename T> inline u64 sdt_arg(T* address) {
    return reinterpret_cast<u64>(address);
}

// Fires probe `id` with up to six arguments, in the order abi::ProbeId gives.
// => any context; never sleeps
template <typename... Args> inline void sdt_probe(abi::ProbeId id, Args... args) {
    static_assert(sizeof...(Args) <= abi::kProbeMaxArgs);
    abi::ProbeRecord* record = sdt_record(curcpu());
    record->id = static_cast<uint32_t>(id);
    record->count = sizeof...(Args);
    unsigned i = 0;
    ((record->arg[i++] = sdt_arg(args)), ...);
    sdt_doorbell(record);
}
