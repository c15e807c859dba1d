// What a translation lets each exception level do, and what an access needs.
// Arm ARM DDI 0487, D8.4 "Memory access control"; pseudocode
// AArch64.CheckPermission.
#pragma once

#include "mmu/descriptor.hpp"

namespace forkscope {

// What an access asks of a translation.
enum class AccessType : u8 {
    Read,
    Write, // also DC ZVA, and both halves of an atomic or exclusive store
    Execute,
    // DC CVAC, CVAU, CIVAC, IC IVAU: from EL0 they need read permission; from
    // EL1 nothing but a valid translation. Arm ARM, "Effects of instructions
    // that operate by VA on permission faults" in "A64 cache maintenance".
    CacheMaintenance,
    // DC IVAC needs write permission.
    CacheInvalidate,
};

struct Access {
    AccessType type = AccessType::Read;
    // As EL1; false for EL0 and for LDTR/STTR of EL1.
    bool privileged = true;
};

// What one exception level may do.
struct Rights {
    bool read = false;
    bool write = false;
    bool execute = false;
    bool operator==(const Rights&) const = default;
};

// Permissions of one translation, tables' limits included, SCTLR_EL1.WXN not:
// that is applied when an access is checked, so that a change of it shows at once.
class Permissions {
public:
    constexpr Permissions() = default;

    // As the architecture has them after a walk: AP[2:1], UXN and PXN.
    constexpr Permissions(AccessPermission ap, bool uxn, bool pxn)
        : bits_(static_cast<u8>(static_cast<u8>(ap) | (uxn ? kUxn : 0) | (pxn ? kPxn : 0))) {}

    // Everything allowed: stage 1 translation is off.
    [[nodiscard]] static constexpr Permissions all() {
        Permissions permissions;
        permissions.bits_ = kUnchecked;
        return permissions;
    }

    // Rights of EL1 (`privileged`) or EL0. What EL0 may write EL1 never executes.
    [[nodiscard]] constexpr Rights rights(bool privileged, bool wxn) const {
        if (bits_ == kUnchecked)
            return {true, true, true};
        const bool user_read = (bits_ & 1) != 0;
        const bool writable = (bits_ & 2) == 0;
        const bool user_write = user_read && writable;
        if (!privileged)
            return {user_read, user_write, !(bits_ & kUxn) && !(user_write && wxn)};
        return {true, writable, !(bits_ & kPxn) && !(writable && wxn) && !user_write};
    }

    // True if `access` raises no permission fault.
    [[nodiscard]] constexpr bool allows(Access access, bool wxn) const {
        const Rights can = rights(access.privileged, wxn);
        switch (access.type) {
        case AccessType::Read:
            return can.read;
        case AccessType::Write:
        case AccessType::CacheInvalidate:
            return can.write;
        case AccessType::Execute:
            return can.execute;
        case AccessType::CacheMaintenance:
            return access.privileged || can.read;
        }
        return false;
    }

    bool operator==(const Permissions&) const = default;

private:
    static constexpr u8 kUxn = 4, kPxn = 8, kUnchecked = 0x80;
    u8 bits_ = 0; // [1:0] AP[2:1], then kUxn, kPxn; or kUnchecked alone
};

} // namespace forkscope
