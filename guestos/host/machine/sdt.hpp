// Probes are kept for the tests to look at.
#pragma once

#include "machine/cpu.hpp"

inline abi::ProbeRecord* sdt_record(cpu_info* ci) {
    return &ci->ci_probe[0];
}
void sdt_doorbell(const abi::ProbeRecord* record); // host.cpp
