// Fields and constants of GICv2's registers, for the device's own sources.
// IHI 0048B, chapter 4.
#pragma once

#include "base/field.hpp"

namespace forkscope::gic {

// GICD_CTLR and GICC_CTLR, 4.3.1 and 4.4.1
using EnableGroup0 = Field<u32, 0>;
using EnableGroup1 = Field<u32, 1>;
// GICC_CTLR only
using AckCtl = Field<u32, 2>;
using FiqEnable = Field<u32, 3>;
using Cbpr = Field<u32, 4>;
using EoiMode = Field<u32, 9>;

// GICC_IAR, GICC_EOIR, GICC_HPPIR, GICC_DIR, 4.4.4, 4.4.5, 4.4.7 and 4.4.15
using IarIntid = Field<u32, 9, 0>;
using IarCpuid = Field<u32, 12, 10>;

// GICD_TYPER, 4.3.2
using TyperLines = Field<u32, 4, 0>; // interrupts / 32 - 1
using TyperCpus = Field<u32, 7, 5>;  // CPUs - 1

// GICD_SGIR, 4.3.15
using SgirFilter = Field<u32, 25, 24>;
using SgirTargets = Field<u32, 23, 16>;
using SgirIntid = Field<u32, 3, 0>;

inline constexpr u32 kSgiMask = 0xffff; // the SGIs in a word of 32 interrupts
inline constexpr u32 kMinimumAbpr = 1;
// The smallest binary point, 0, leaves bits 7:1 for the group priority.
inline constexpr u32 kPriorityShift = 1;

} // namespace forkscope::gic
