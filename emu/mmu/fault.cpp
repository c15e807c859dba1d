#include "mmu/fault.hpp"

namespace forkscope {

// Arm ARM, ESR_EL1, "Data Fault Status Code": the level is in bits [1:0].
u8 fault_status(FaultKind kind, unsigned level) {
    const u8 in_level = static_cast<u8>(level & 3);
    switch (kind) {
    case FaultKind::AddressSize:
        return 0x00 | in_level;
    case FaultKind::Translation:
        return 0x04 | in_level;
    case FaultKind::AccessFlag:
        return 0x08 | in_level;
    case FaultKind::Permission:
        return 0x0c | in_level;
    case FaultKind::External:
        return 0x10;
    case FaultKind::ExternalOnWalk:
        return 0x14 | in_level;
    case FaultKind::Alignment:
        return 0x21;
    }
    return 0;
}

std::string_view fault_name(FaultKind kind) {
    switch (kind) {
    case FaultKind::AddressSize:
        return "address size";
    case FaultKind::Translation:
        return "translation";
    case FaultKind::AccessFlag:
        return "access flag";
    case FaultKind::Permission:
        return "permission";
    case FaultKind::External:
        return "external abort";
    case FaultKind::ExternalOnWalk:
        return "external abort on walk";
    case FaultKind::Alignment:
        return "alignment";
    }
    return "unknown";
}

u64 data_abort_syndrome(const Fault& fault, AccessType type, bool from_lower_el) {
    const bool maintenance =
        type == AccessType::CacheMaintenance || type == AccessType::CacheInvalidate;
    const u64 iss = Syndrome::CM::make(maintenance) |
                    Syndrome::WnR::make(maintenance || type == AccessType::Write) |
                    Syndrome::FSC::make(fault_status(fault.kind, fault.level));
    return Syndrome::make(
        from_lower_el ? ExceptionClass::DataAbortLower : ExceptionClass::DataAbortSame, iss);
}

u64 instruction_abort_syndrome(const Fault& fault, bool from_lower_el) {
    return Syndrome::make(from_lower_el ? ExceptionClass::InstructionAbortLower
                                        : ExceptionClass::InstructionAbortSame,
                          Syndrome::FSC::make(fault_status(fault.kind, fault.level)));
}

u64 address_translation_abort_syndrome(const Fault& fault, bool from_lower_el) {
    return data_abort_syndrome(fault, AccessType::CacheMaintenance, from_lower_el);
}

namespace {

// PAR_EL1 by field. Arm ARM, PAR_EL1.
struct Par {
    using F = Field<u64, 0>;
    using FST = Field<u64, 6, 1>; // if F = 1
    using SH = Field<u64, 8, 7>;  // if F = 0, as are the rest
    using NS = Field<u64, 9>;     // UNKNOWN in Non-secure state; 1 as on QEMU
    using Res1 = Field<u64, 11>;  // in both forms
    using PA = Field<u64, 47, 12>;
    using ATTR = Field<u64, 63, 56>;
};

constexpr u8 kNormalNonCacheable = 0x44; // MAIR_EL1 encoding, inner and outer

} // namespace

u64 par_fault(const Fault& fault) {
    return Par::Res1::make(1) | Par::FST::make(fault_status(fault.kind, fault.level)) |
           Par::F::make(1);
}

u64 par_success(u64 physical, u8 attributes, Shareability shareability) {
    const bool forced_outer = (attributes & 0xf0) == 0 || attributes == kNormalNonCacheable;
    const Shareability shown = forced_outer ? Shareability::Outer : shareability;
    return Par::ATTR::make(attributes) | (physical & Par::PA::mask) | Par::Res1::make(1) |
           Par::NS::make(1) | Par::SH::make(static_cast<u64>(shown));
}

} // namespace forkscope
