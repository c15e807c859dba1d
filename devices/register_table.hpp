// Register tables: each memory-mapped device declares its registers in one
// table, and all accesses go through it.
//
//   * An access of 8 bytes is two of 4, the lower address first.
//   * An access wider than the registers it meets (GICv2's byte registers) is
//     one access to each, lowest address first.
//   * A read narrower than its register reads the register once and returns
//     the bytes asked for.
//   * A narrow write at a register's first byte writes its value zero-extended;
//     at any other byte it is ignored.
//   * What no register covers, misaligned accesses, reads of write-only and
//     writes of read-only registers: reads as zero, writes ignored.
#pragma once

#include "base/types.hpp"

#include <span>
#include <string_view>

namespace forkscope {

enum class RegisterAccess : u8 { ReadOnly, WriteOnly, ReadWrite };

// A run of a register's bits with its name in the specification.
struct RegisterBits {
    enum class Kind : u8 {
        Implemented,
        Unimplemented, // defined by the specification, without effect here
        Reserved,
    };
    u8 high;
    u8 low;
    std::string_view name;
    Kind kind = Kind::Implemented;
};

// One register, or `count` like ones in a row. Without handlers it is a plain
// word in the owner's State; a handler replaces the plain access in its
// direction and is given the index in the row.
template <class Owner> struct Register {
    u32 offset;
    std::string_view name;
    RegisterAccess access = RegisterAccess::ReadWrite;
    u8 width = 4; // bytes, 1 or 4
    u32 count = 1;
    u32 reset = 0;          // what it reads after reset
    u32 mask = 0xffff'ffff; // bits that exist; the others are RAZ/WI
    u32 Owner::State::*storage = nullptr;
    u32 (Owner::*on_read)(u32 index) = nullptr;
    void (Owner::*on_write)(u32 index, u32 value) = nullptr;
    std::span<const RegisterBits> bits = {};
};

template <class Owner> class RegisterTable {
public:
    using Entry = Register<Owner>;

    constexpr explicit RegisterTable(std::span<const Entry> entries) : entries_(entries) {}

    [[nodiscard]] constexpr std::span<const Entry> entries() const { return entries_; }

    [[nodiscard]] u64 read(Owner& owner, u64 offset, unsigned size) const {
        if (!well_formed(offset, size)) {
            return 0;
        }
        const Entry* entry = find(offset);
        const unsigned step = step_of(entry, size);
        u64 value = 0;
        for (unsigned done = 0; done < size; done += step) {
            value |= read_one(owner, offset + done, step) << (8 * done);
        }
        return value;
    }

    void write(Owner& owner, u64 offset, unsigned size, u64 value) const {
        if (!well_formed(offset, size)) {
            return;
        }
        const Entry* entry = find(offset);
        const unsigned step = step_of(entry, size);
        for (unsigned done = 0; done < size; done += step) {
            write_one(owner, offset + done, step, value >> (8 * done));
        }
    }

    // Gives every plain register its reset value.
    void reset(typename Owner::State& state) const {
        for (const Entry& entry : entries_) {
            if (entry.storage != nullptr) {
                state.*entry.storage = entry.reset;
            }
        }
    }

private:
    static bool well_formed(u64 offset, unsigned size) {
        return (size == 1 || size == 2 || size == 4 || size == 8) && offset % size == 0;
    }

    // The unit in which an access is made: whole registers, or less.
    static unsigned step_of(const Entry* entry, unsigned size) {
        const unsigned width = entry != nullptr ? entry->width : 4U;
        return size < width ? size : width;
    }

    const Entry* find(u64 offset) const {
        for (const Entry& entry : entries_) {
            if (offset >= entry.offset && offset - entry.offset < u64{entry.count} * entry.width) {
                return &entry;
            }
        }
        return nullptr;
    }

    u64 read_one(Owner& owner, u64 offset, unsigned size) const {
        const Entry* entry = find(offset);
        if (entry == nullptr || entry->access == RegisterAccess::WriteOnly) {
            return 0;
        }
        const u32 distance = static_cast<u32>(offset - entry->offset);
        const u32 lane = distance % entry->width;
        u32 value = entry->reset;
        if (entry->on_read != nullptr) {
            value = (owner.*entry->on_read)(distance / entry->width);
        } else if (entry->storage != nullptr) {
            value = owner.state_.*entry->storage;
        }
        return ((value & entry->mask) >> (8 * lane)) & ones(size);
    }

    void write_one(Owner& owner, u64 offset, unsigned size, u64 value) const {
        const Entry* entry = find(offset);
        if (entry == nullptr || entry->access == RegisterAccess::ReadOnly) {
            return;
        }
        const u32 distance = static_cast<u32>(offset - entry->offset);
        if (distance % entry->width != 0) {
            return;
        }
        const u32 kept = static_cast<u32>(value & ones(size)) & entry->mask;
        if (entry->on_write != nullptr) {
            (owner.*entry->on_write)(distance / entry->width, kept);
        } else if (entry->storage != nullptr) {
            owner.state_.*entry->storage = kept;
        }
    }

    static constexpr u64 ones(unsigned bytes) { return ~u64{0} >> (64 - 8 * bytes); }

    std::span<const Entry> entries_;
};

} // namespace forkscope
