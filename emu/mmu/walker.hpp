// The stage 1 translation table walk of EL1&0, as a pure function.
// Arm ARM DDI 0487, D8.2 "Translation process"; pseudocode
// AArch64.TranslateAddressS1Off and AArch64.TranslationTableWalk.
//
// Only the 4 KiB granule exists (ID_AA64MMFR0_EL1.TGran16 and TGran64 say so);
// TCR_EL1.TG0 and TG1 are not looked at, as the architecture lets an
// implementation choose a granule it has in place of one it lacks.
#pragma once

#include "mmu/fault.hpp"

#include <array>
#include <optional>

namespace forkscope {

// TCR_EL1 by field.
struct Tcr {
    using T0SZ = Field<u64, 5, 0>;
    using EPD0 = Field<u64, 7>;
    using TG0 = Field<u64, 15, 14>;
    using T1SZ = Field<u64, 21, 16>;
    using A1 = Field<u64, 22>; // 1: TTBR1_EL1 holds the ASID
    using EPD1 = Field<u64, 23>;
    using TG1 = Field<u64, 31, 30>;
    using IPS = Field<u64, 34, 32>;
    using AS = Field<u64, 36>; // 1: 16-bit ASIDs
    using TBI0 = Field<u64, 37>;
    using TBI1 = Field<u64, 38>;
};

// The SCTLR_EL1 bits that concern memory accesses.
struct Sctlr {
    using M = Field<u64, 0>; // stage 1 translation on
    using A = Field<u64, 1>; // alignment checked for every access
    using C = Field<u64, 2>;
    using SA = Field<u64, 3>;  // SP alignment checked at EL1
    using SA0 = Field<u64, 4>; // and at EL0
    using I = Field<u64, 12>;
    using WXN = Field<u64, 19>;
};

// TTBRn_EL1 by field.
struct Ttbr {
    using ASID = Field<u64, 63, 48>;
    using BADDR = Field<u64, 47, 1>; // low bits are RES0, by the table's size
};

// Everything a walk depends on besides memory.
struct TranslationRegime {
    u64 ttbr0 = 0;
    u64 ttbr1 = 0;
    u64 tcr = 0;
    u64 sctlr = 0;
    u64 mair = 0;
    u8 physical_bits = 40; // ID_AA64MMFR0_EL1.PARange: 32, 36, 40, 42, 44 or 48
    u8 asid_bits = 16;     // ID_AA64MMFR0_EL1.ASIDBits: 8 or 16

    [[nodiscard]] bool enabled() const { return Sctlr::M::test(sctlr); }
    [[nodiscard]] bool wxn() const { return Sctlr::WXN::test(sctlr); }

    // 0xff, or 0xffff with TCR_EL1.AS set where the CPU has 16 bits.
    [[nodiscard]] u16 asid_mask() const {
        return asid_bits == 16 && Tcr::AS::test(tcr) ? 0xffff : 0xff;
    }
    // The current ASID, from the TTBR that TCR_EL1.A1 names.
    [[nodiscard]] u16 asid() const {
        const u64 ttbr = Tcr::A1::test(tcr) ? ttbr1 : ttbr0;
        return static_cast<u16>(Ttbr::ASID::get(ttbr) & asid_mask());
    }

    // True if bits [63:56] of `va` are a tag that translation ignores
    // (TCR_EL1.TBI0, TBI1; the same for data and instructions without FEAT_PAuth).
    [[nodiscard]] bool tagged(u64 va) const {
        return Field<u64, 55>::test(va) ? Tcr::TBI1::test(tcr) : Tcr::TBI0::test(tcr);
    }
    // `va` with the tag, if it has one, replaced by copies of bit 55.
    [[nodiscard]] u64 untag(u64 va) const {
        return tagged(va) ? static_cast<u64>(sign_extend(va, 56)) : va;
    }
};

// Reads descriptors from physical memory.
class DescriptorSource {
public:
    virtual ~DescriptorSource() = default;
    // The doubleword at `physical` (8-byte aligned); nothing if no memory is
    // there, which makes a synchronous external abort on the walk.
    [[nodiscard]] virtual std::optional<u64> read_descriptor(u64 physical) = 0;
};

// A successful walk's result. Attributes are the MAIR_EL1 byte they name.
struct Translation {
    u64 physical = 0; // base of the page or block
    u8 shift = 0;     // log2 of its size: 12, 21 or 30
    u8 level = 0;     // of its descriptor
    Permissions permissions;
    bool global = true;
    u16 asid = 0; // the current ASID at the walk; not used by global pages
    u8 attributes = 0;
    Shareability shareability = Shareability::None;
    u64 descriptor = 0;
    u64 descriptor_address = 0;

    // Where `va` of this page or block lies in physical memory.
    [[nodiscard]] u64 physical_of(u64 va) const { return physical | (va & low_mask(shift)); }
};

// One descriptor that a walk read.
struct WalkStep {
    u64 address = 0;
    u64 descriptor = 0;
};

struct WalkResult {
    std::optional<Fault> fault;
    Translation translation; // if there is no fault
    // What was read: step[i] at level i, from first_level to last_level.
    // With nothing read, last_level < first_level.
    std::array<WalkStep, 4> step{};
    i32 first_level = 0;
    i32 last_level = -1;
};

// Instruction fetches and data accesses differ only with translation off.
enum class WalkFor : u8 { Data, Instruction };

// Translates `va` without looking at permissions and without a TLB.
[[nodiscard]] WalkResult walk(const TranslationRegime& regime, DescriptorSource& memory, u64 va,
                              WalkFor purpose = WalkFor::Data);

// True for Device memory: bits [7:4] of the MAIR_EL1 byte are zero.
// Arm ARM, MAIR_EL1.
[[nodiscard]] constexpr bool is_device_memory(u8 attributes) {
    return (attributes & 0xf0) == 0;
}

} // namespace forkscope
