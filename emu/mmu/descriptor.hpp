// VMSAv8-64 stage 1 translation table descriptors, 4 KiB granule.
// Arm ARM DDI 0487, D8.3 "Translation table descriptor formats"
// (D5.3 in issues before H.a).
#pragma once

#include "base/field.hpp"

namespace forkscope {

inline constexpr unsigned kPageShift = 12;
inline constexpr u64 kPageSize = u64{1} << kPageShift;
inline constexpr unsigned kTableBits = 9; // address bits that one level resolves

enum class DescriptorType : u8 { Invalid, Table, Block, Page };

// AP[2:1]: who may read and write. Arm ARM, "Data access permissions".
enum class AccessPermission : u8 {
    El1ReadWrite = 0,
    BothReadWrite = 1,
    El1ReadOnly = 2,
    BothReadOnly = 3,
};

// SH[1:0]; 1 is reserved. Arm ARM, "Shareability attributes".
enum class Shareability : u8 { None = 0, Reserved = 1, Outer = 2, Inner = 3 };

// Log2 of the bytes that one descriptor of `level` (0 to 3) covers: 39, 30, 21, 12.
[[nodiscard]] constexpr unsigned level_shift(unsigned level) {
    return kPageShift + kTableBits * (3 - level);
}

class Descriptor {
public:
    // Fields of every descriptor.
    using Valid = Field<u64, 0>;
    using IsTableOrPage = Field<u64, 1>; // 0 at levels 0 to 2: block; 0 at level 3: invalid

    // Block and page descriptors, "Stage 1 attribute fields".
    using AttrIndx = Field<u64, 4, 2>; // index into MAIR_EL1
    using NS = Field<u64, 5>;          // only means something in Secure state
    using AP = Field<u64, 7, 6>;       // AP[2:1]
    using SH = Field<u64, 9, 8>;
    using AF = Field<u64, 10>;         // 0: the first access faults (no FEAT_HAFDBS)
    using NG = Field<u64, 11>;         // 1: belongs to one ASID
    using Contiguous = Field<u64, 52>; // a hint; ignored
    using PXN = Field<u64, 53>;
    using UXN = Field<u64, 54>;
    using Software = Field<u64, 58, 55>;

    // Table descriptors, "Table descriptor attribute fields": limits on what
    // the levels below may grant.
    using PXNTable = Field<u64, 59>;
    using UXNTable = Field<u64, 60>;
    using APTable = Field<u64, 62, 61>; // bit 0: no EL0 access; bit 1: no writes
    using NSTable = Field<u64, 63>;     // only means something in Secure state

    using Address = Field<u64, 47, 12>;

    constexpr explicit Descriptor(u64 raw) : raw_(raw) {}

    [[nodiscard]] constexpr u64 raw() const { return raw_; }

    // Arm ARM, "VMSAv8-64 descriptor formats": with the 4 KiB granule level 0
    // has no blocks, and bits [1:0] = 0b01 are reserved at level 3.
    [[nodiscard]] constexpr DescriptorType type(unsigned level) const {
        if (!Valid::test(raw_))
            return DescriptorType::Invalid;
        if (level == 3)
            return IsTableOrPage::test(raw_) ? DescriptorType::Page : DescriptorType::Invalid;
        if (IsTableOrPage::test(raw_))
            return DescriptorType::Table;
        return level == 0 ? DescriptorType::Invalid : DescriptorType::Block;
    }

    // The address field with nothing cut: what the output size check looks at.
    [[nodiscard]] constexpr u64 address() const { return raw_ & Address::mask; }

    // First byte that a block or page descriptor of `level` maps; its low bits are RES0.
    [[nodiscard]] constexpr u64 output_address(unsigned level) const {
        return align_down(address(), u64{1} << level_shift(level));
    }

    [[nodiscard]] constexpr unsigned attr_index() const {
        return static_cast<unsigned>(AttrIndx::get(raw_));
    }
    [[nodiscard]] constexpr AccessPermission access_permission() const {
        return static_cast<AccessPermission>(AP::get(raw_));
    }
    [[nodiscard]] constexpr Shareability shareability() const {
        return static_cast<Shareability>(SH::get(raw_));
    }
    [[nodiscard]] constexpr bool accessed() const { return AF::test(raw_); }
    [[nodiscard]] constexpr bool global() const { return !NG::test(raw_); }

private:
    u64 raw_;
};

} // namespace forkscope
