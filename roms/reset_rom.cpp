#include "roms/reset_rom.hpp"

#include <algorithm>
#include <cassert>

namespace forkscope {

namespace {

// reset.S, assembled.
constexpr u8 kCode[] = {
#include "reset_rom.inc"
};
static_assert(sizeof(kCode) == kResetRomDeviceTree + 8 && sizeof(kCode) <= kResetRomSize);

void put_u64(std::vector<u8>& rom, u64 offset, u64 value) {
    for (unsigned i = 0; i < 8; i++) {
        rom[offset + i] = static_cast<u8>(value >> (8 * i));
    }
}

} // namespace

std::vector<u8> make_reset_rom(u64 entry, u64 device_tree) {
    std::vector<u8> rom(std::begin(kCode), std::end(kCode));
    put_u64(rom, kResetRomEntry, entry);
    put_u64(rom, kResetRomDeviceTree, device_tree);
    return rom;
}

} // namespace forkscope
