// The parts of ESR_EL1 that tell what a fault was, for those who read events.
// Arm ARM DDI 0487, ESR_EL1; ISS encodings of Instruction Abort and Data Abort.
#pragma once

#include "base/types.hpp"

namespace forkscope {

enum class FaultClass { Translation, Permission, AccessFlag, Alignment, AddressSize, Other };

constexpr u64 exception_class(u64 esr) {
    return (esr >> 26) & 0x3f;
}

constexpr bool is_instruction_abort(u64 esr) {
    return (exception_class(esr) & ~u64{1}) == 0x20;
}

constexpr bool is_data_abort(u64 esr) {
    return (exception_class(esr) & ~u64{1}) == 0x24;
}

// PC or SP alignment fault, which are exception classes of their own.
constexpr bool is_alignment_exception(u64 esr) {
    return exception_class(esr) == 0x22 || exception_class(esr) == 0x26;
}

// WnR: the access was a write.
constexpr bool is_write_fault(u64 esr) {
    return is_data_abort(esr) && ((esr >> 6) & 1) != 0;
}

constexpr FaultClass fault_class(u64 esr) {
    if (is_alignment_exception(esr)) {
        return FaultClass::Alignment;
    }
    const u64 status = esr & 0x3f; // DFSC or IFSC
    switch (status >> 2) {
    case 0b0000:
        return FaultClass::AddressSize;
    case 0b0001:
        return FaultClass::Translation;
    case 0b0010:
        return FaultClass::AccessFlag;
    case 0b0011:
        return FaultClass::Permission;
    default:
        return status == 0x21 ? FaultClass::Alignment : FaultClass::Other;
    }
}

// Level of the translation table whose descriptor faulted; only for translation,
// access flag, permission and address size faults.
constexpr u64 fault_level(u64 esr) {
    return esr & 3;
}

} // namespace forkscope
