#include "mmu/translate.hpp"

namespace forkscope {

namespace {

WalkFor purpose_of(Access access) {
    return access.type == AccessType::Execute ? WalkFor::Instruction : WalkFor::Data;
}

// False if the address lies in neither half, whatever bits [55:0] are.
bool is_canonical(u64 untagged) {
    return static_cast<u64>(sign_extend(untagged, 56)) == untagged;
}

Translated refused(u8 level, u64 descriptor, u64 descriptor_address) {
    Translated result;
    result.fault = Fault{FaultKind::Permission, level, descriptor, descriptor_address};
    return result;
}

} // namespace

Translated translate(const TranslationRegime& regime, Tlb& tlb, DescriptorSource& memory, u64 va,
                     Access access) {
    const u64 address = regime.untag(va);
    if (regime.enabled() && is_canonical(address)) {
        if (TlbEntry* entry = tlb.lookup(address, regime.asid())) {
            if (!entry->permissions.allows(access, regime.wxn()))
                return refused(entry->level, entry->descriptor, entry->descriptor_address);
            return {{},   entry->physical_of(address), entry->permissions, entry->attributes, entry,
                    false};
        }
    }

    const WalkResult walked = walk(regime, memory, va, purpose_of(access));
    const Translation& found = walked.translation;
    if (walked.fault) {
        Translated result;
        result.fault = walked.fault;
        return result;
    }
    if (!found.permissions.allows(access, regime.wxn()))
        return refused(found.level, found.descriptor, found.descriptor_address);
    TlbEntry* entry = regime.enabled() ? &tlb.insert(address, found) : nullptr;
    return {{},
            found.physical_of(address),
            found.permissions,
            found.attributes,
            entry,
            entry != nullptr};
}

AddressTranslation address_translate(const TranslationRegime& regime, DescriptorSource& memory,
                                     u64 va, Access access) {
    const WalkResult walked = walk(regime, memory, va, purpose_of(access));
    std::optional<Fault> fault = walked.fault;
    const Translation& found = walked.translation;
    if (!fault && !found.permissions.allows(access, regime.wxn()))
        fault =
            Fault{FaultKind::Permission, found.level, found.descriptor, found.descriptor_address};
    if (fault)
        return {par_fault(*fault), fault};
    return {par_success(found.physical_of(regime.untag(va)), found.attributes, found.shareability),
            {}};
}

} // namespace forkscope
