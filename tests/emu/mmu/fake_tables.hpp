// A small physical memory with translation tables, built address by address.
#pragma once

#include "mmu/walker.hpp"

#include <map>

namespace forkscope::test {

// Descriptor bits, spelled out apart from the code under test.
inline constexpr u64 kTable = 3, kBlock = 1, kPage = 3;
inline constexpr u64 kAf = u64{1} << 10, kNg = u64{1} << 11;
inline constexpr u64 kEl0 = u64{1} << 6, kReadOnly = u64{1} << 7;
inline constexpr u64 kPxn = u64{1} << 53, kUxn = u64{1} << 54;
inline constexpr u64 kPxnTable = u64{1} << 59, kUxnTable = u64{1} << 60;
inline constexpr u64 kNoEl0Table = u64{1} << 61, kReadOnlyTable = u64{1} << 62;

// Doublewords by physical address, from 0x4000'0000 to 0x5000'0000; elsewhere
// is no memory. `reads` counts what walks read.
class FakeTableMemory : public DescriptorSource {
public:
    std::optional<u64> read_descriptor(u64 physical) override {
        ++reads;
        if (physical < 0x4000'0000 || physical >= 0x5000'0000)
            return std::nullopt;
        const auto found = words.find(physical);
        return found == words.end() ? 0 : found->second;
    }

    std::map<u64, u64> words;
    unsigned reads = 0;
};

// Tables for one half. `bits` is the size of its address range.
class FakeTables {
public:
    FakeTables(FakeTableMemory& memory, unsigned bits, u64 root, u64 first_free)
        : memory_(memory), bits_(bits), root_(root), free_(first_free) {}

    // First level of a walk: 0 for 40 to 48 bits, 1 for 31 to 39, 2 for 25 to 30.
    unsigned first_level() const { return bits_ > 39 ? 0 : bits_ > 30 ? 1 : 2; }

    // Physical address of the descriptor for `va` at `level`, making tables on the way.
    u64 slot(u64 va, unsigned level) {
        u64 table = root_;
        va &= (u64{1} << bits_) - 1;
        for (unsigned at = first_level();; ++at) {
            const unsigned shift = 39 - 9 * at;
            const u64 index = at == first_level() ? va >> shift : (va >> shift) & 511;
            const u64 address = table + index * 8;
            if (at == level)
                return address;
            u64& word = memory_.words[address];
            if (word == 0) {
                word = free_ | kTable;
                free_ += 0x1000;
            }
            table = word & 0x0000'ffff'ffff'f000;
        }
    }

    void set(u64 va, unsigned level, u64 descriptor) {
        memory_.words[slot(va, level)] = descriptor;
    }

private:
    FakeTableMemory& memory_;
    unsigned bits_;
    u64 root_;
    u64 free_;
};

inline constexpr u64 kRoot0 = 0x4000'0000, kRoot1 = 0x4800'0000;

// Translation on, both halves `bits` wide, 48-bit output, MAIR: 0 = Device-nGnRnE,
// 1 = Normal write-back, 2 = Normal Non-cacheable.
inline TranslationRegime regime_of(unsigned bits) {
    TranslationRegime regime;
    regime.ttbr0 = kRoot0;
    regime.ttbr1 = kRoot1;
    const u64 size = 64 - bits;
    regime.tcr = size | (size << 16) | (u64{5} << 32) | (u64{1} << 36);
    regime.sctlr = 1;
    regime.mair = 0x44ff00;
    regime.physical_bits = 48;
    return regime;
}

} // namespace forkscope::test
