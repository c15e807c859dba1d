// Memory faults, and the register values that report them: ESR_EL1, FAR_EL1,
// PAR_EL1. Arm ARM DDI 0487, ESR_EL1 "ISS encoding for an exception from a
// Data Abort" and "... an Instruction Abort"; PAR_EL1.
#pragma once

#include "mmu/permission.hpp"

#include <string_view>

namespace forkscope {

// Why an access failed.
enum class FaultKind : u8 {
    AddressSize,
    Translation,
    AccessFlag,
    Permission,
    ExternalOnWalk, // the physical read of a descriptor failed
    External,       // the access itself found nothing at its physical address
    Alignment,
};

struct Fault {
    FaultKind kind = FaultKind::Translation;
    u8 level = 0; // of the descriptor that decided; 0 for External and Alignment
    // The deciding descriptor, and where it was read; 0 where none was.
    u64 descriptor = 0;
    u64 descriptor_address = 0;
};

// ESR_EL1.EC. Arm ARM, "ESR_EL1, Exception class".
enum class ExceptionClass : u8 {
    Unknown = 0x00,
    Wfx = 0x01,
    FpAccess = 0x07,
    IllegalState = 0x0e,
    Svc = 0x15,
    Hvc = 0x16,
    Smc = 0x17,
    SystemRegister = 0x18,
    InstructionAbortLower = 0x20,
    InstructionAbortSame = 0x21,
    PcAlignment = 0x22,
    DataAbortLower = 0x24,
    DataAbortSame = 0x25,
    SpAlignment = 0x26,
    BreakpointLower = 0x30,
    StepLower = 0x32,
    Brk = 0x3c,
};

// ESR_EL1 by field.
struct Syndrome {
    using EC = Field<u64, 31, 26>;
    using IL = Field<u64, 25>;
    using ISS = Field<u64, 24, 0>;
    // ISS of data aborts. ISV and the fields it guards (SAS, SSE, SRT, SF, AR)
    // stay 0: they describe stage 2 aborts, taken to EL2.
    using ISV = Field<u64, 24>;
    using FnV = Field<u64, 10>;  // FAR not valid
    using EA = Field<u64, 9>;    // IMPLEMENTATION DEFINED kind of external abort
    using CM = Field<u64, 8>;    // cache maintenance or address translation instruction
    using S1PTW = Field<u64, 7>; // stage 2 fault of a stage 1 walk: never without EL2
    using WnR = Field<u64, 6>;
    using FSC = Field<u64, 5, 0>; // DFSC or IFSC

    // EC, IL = 1 (every A64 instruction is 32 bits) and the ISS.
    [[nodiscard]] static constexpr u64 make(ExceptionClass ec, u64 iss = 0) {
        return EC::make(static_cast<u64>(ec)) | IL::make(1) | ISS::make(iss);
    }
};

// DFSC/IFSC of a fault: kind and level.
[[nodiscard]] u8 fault_status(FaultKind kind, unsigned level);

// "translation", "permission", ...: for events and logs.
[[nodiscard]] std::string_view fault_name(FaultKind kind);

// ESR_EL1 of a data abort. WnR is 1 for writes and for every cache
// maintenance instruction; CM is 1 for those too, but not for DC ZVA, which
// counts as a store.
[[nodiscard]] u64 data_abort_syndrome(const Fault& fault, AccessType type, bool from_lower_el);

// ESR_EL1 of an instruction abort.
[[nodiscard]] u64 instruction_abort_syndrome(const Fault& fault, bool from_lower_el);

// ESR_EL1 of an AT instruction whose walk met an external abort: the one fault
// of AT that is taken as an exception. CM and WnR are 1.
[[nodiscard]] u64 address_translation_abort_syndrome(const Fault& fault, bool from_lower_el);

// PAR_EL1 after a failed AT: F = 1 and the fault status.
[[nodiscard]] u64 par_fault(const Fault& fault);

// PAR_EL1 after AT found `physical`, with the MAIR_EL1 byte of its attributes.
// SH reads as outer shareable for Device and Normal Non-cacheable memory.
[[nodiscard]] u64 par_success(u64 physical, u8 attributes, Shareability shareability);

} // namespace forkscope
