#include "mmu/walker.hpp"

#include <algorithm>

namespace forkscope {

namespace {

constexpr unsigned kMinTxSZ = 16; // 48-bit addresses: no FEAT_LVA
constexpr unsigned kMaxTxSZ = 39; // 25-bit addresses: no FEAT_TTST

constexpr u8 kDevice_nGnRnE = 0x00;
constexpr u8 kNormalWriteThrough = 0xaa; // inner and outer, read-allocate
constexpr u8 kNormalNonCacheable = 0x44;

// One half of the address space: the TTBR in use and its TCR fields.
struct Half {
    u64 ttbr;
    unsigned size; // TxSZ
    bool disabled; // EPDx
    u64 above;     // what VA bits over the range must be: all zero or all one
};

Half half_of(const TranslationRegime& regime, u64 va) {
    if (Field<u64, 63>::test(va))
        return {regime.ttbr1, static_cast<unsigned>(Tcr::T1SZ::get(regime.tcr)),
                Tcr::EPD1::test(regime.tcr), ~u64{0}};
    return {regime.ttbr0, static_cast<unsigned>(Tcr::T0SZ::get(regime.tcr)),
            Tcr::EPD0::test(regime.tcr), 0};
}

// Bits of an output address: TCR_EL1.IPS, but no more than the CPU has.
unsigned output_bits(const TranslationRegime& regime) {
    constexpr std::array<u8, 8> kBits{32, 36, 40, 42, 44, 48, 48, 48}; // 6, 7: reserved, as 5
    return std::min<unsigned>(kBits[Tcr::IPS::get(regime.tcr)], regime.physical_bits);
}

bool exceeds(u64 address, unsigned bits) {
    return (address & ~low_mask(bits)) != 0;
}

// The attributes of table descriptors on the way, which limit what lies below.
// Arm ARM, "Hierarchical control of data access permissions" and "of instruction fetching".
struct TableLimits {
    bool no_user = false, read_only = false, uxn = false, pxn = false;

    void add(Descriptor table) {
        const u64 ap = Descriptor::APTable::get(table.raw());
        no_user |= (ap & 1) != 0;
        read_only |= (ap & 2) != 0;
        uxn |= Descriptor::UXNTable::test(table.raw());
        pxn |= Descriptor::PXNTable::test(table.raw());
    }

    [[nodiscard]] Permissions apply(Descriptor leaf) const {
        unsigned ap = static_cast<unsigned>(leaf.access_permission());
        if (no_user)
            ap &= ~1u;
        if (read_only)
            ap |= 2u;
        return {static_cast<AccessPermission>(ap), uxn || Descriptor::UXN::test(leaf.raw()),
                pxn || Descriptor::PXN::test(leaf.raw())};
    }
};

WalkResult failed(WalkResult result, FaultKind kind, unsigned level, u64 descriptor = 0,
                  u64 address = 0) {
    result.fault = Fault{kind, static_cast<u8>(level), descriptor, address};
    return result;
}

// Arm ARM pseudocode AArch64.TranslateAddressS1Off: addresses are physical, and
// only their size is checked.
WalkResult walk_off(const TranslationRegime& regime, u64 va, WalkFor purpose) {
    WalkResult result;
    const u64 address = regime.tagged(va) ? va & low_mask(56) : va;
    if (exceeds(address, regime.physical_bits))
        return failed(result, FaultKind::AddressSize, 0);
    Translation& out = result.translation;
    out.physical = align_down(address, kPageSize);
    out.shift = kPageShift;
    out.permissions = Permissions::all();
    out.shareability = Shareability::Outer;
    out.attributes = kDevice_nGnRnE;
    if (purpose == WalkFor::Instruction)
        out.attributes = Sctlr::I::test(regime.sctlr) ? kNormalWriteThrough : kNormalNonCacheable;
    return result;
}

Translation leaf_translation(const TranslationRegime& regime, const TableLimits& limits,
                             Descriptor leaf, unsigned level, u64 address) {
    Translation out;
    out.physical = leaf.output_address(level);
    out.shift = static_cast<u8>(level_shift(level));
    out.level = static_cast<u8>(level);
    out.permissions = limits.apply(leaf);
    out.global = leaf.global();
    out.asid = regime.asid();
    out.attributes = static_cast<u8>(regime.mair >> (8 * leaf.attr_index()));
    out.shareability = leaf.shareability();
    out.descriptor = leaf.raw();
    out.descriptor_address = address;
    return out;
}

} // namespace

WalkResult walk(const TranslationRegime& regime, DescriptorSource& memory, u64 va,
                WalkFor purpose) {
    if (!regime.enabled())
        return walk_off(regime, va, purpose);

    WalkResult result;
    const u64 input = regime.untag(va);
    const Half half = half_of(regime, input);
    // A size out of range: Arm ARM lets an implementation fault or clamp; this faults.
    if (half.disabled || half.size < kMinTxSZ || half.size > kMaxTxSZ ||
        ((input ^ half.above) >> (64 - half.size)) != 0)
        return failed(result, FaultKind::Translation, 0);

    const unsigned input_bits = 64 - half.size;
    const unsigned out_bits = output_bits(regime);
    unsigned level = 3 - (input_bits - kPageShift - 1) / kTableBits;

    // BADDR is aligned to the first table, which may hold fewer than 512 descriptors.
    const unsigned table_shift = 3 + input_bits - level_shift(level);
    u64 table = align_down(half.ttbr & low_mask(48), u64{1} << table_shift);
    u64 index_mask = low_mask(input_bits - level_shift(level));
    if (exceeds(table, out_bits))
        return failed(result, FaultKind::AddressSize, 0);

    result.first_level = static_cast<i32>(level);
    result.last_level = result.first_level - 1;
    TableLimits limits;
    for (;; ++level) {
        const u64 address = table | (((input >> level_shift(level)) & index_mask) << 3);
        const std::optional<u64> read = memory.read_descriptor(address);
        if (!read)
            return failed(result, FaultKind::ExternalOnWalk, level, 0, address);
        result.step[level] = {address, *read};
        result.last_level = static_cast<i32>(level);

        const Descriptor descriptor(*read);
        const DescriptorType type = descriptor.type(level);
        if (type == DescriptorType::Invalid)
            return failed(result, FaultKind::Translation, level, *read, address);
        if (exceeds(descriptor.address(), out_bits))
            return failed(result, FaultKind::AddressSize, level, *read, address);
        if (type != DescriptorType::Table) {
            if (!descriptor.accessed())
                return failed(result, FaultKind::AccessFlag, level, *read, address);
            result.translation = leaf_translation(regime, limits, descriptor, level, address);
            return result;
        }
        limits.add(descriptor);
        table = descriptor.address();
        index_mask = low_mask(kTableBits);
    }
}

} // namespace forkscope
