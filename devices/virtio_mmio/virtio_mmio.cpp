#include "devices/virtio_mmio/virtio_mmio.hpp"

#include <array>

namespace forkscope {

const RegisterTable<VirtioMmioSlot>& VirtioMmioSlot::registers() {
    using enum RegisterAccess;
    static constexpr std::array<Register<VirtioMmioSlot>, 4> kEntries{{
        {.offset = 0x000, .name = "MagicValue", .access = ReadOnly, .reset = 0x7472'6976}, // "virt"
        {.offset = 0x004, .name = "Version", .access = ReadOnly, .reset = 1},              // legacy
        {.offset = 0x008, .name = "DeviceID", .access = ReadOnly, .reset = 0}, // no device
        {.offset = 0x00c, .name = "VendorID", .access = ReadOnly, .reset = 0x554d'4551}, // "QEMU"
    }};
    static constexpr RegisterTable<VirtioMmioSlot> kTable{kEntries};
    return kTable;
}

u64 VirtioMmioSlot::read(u64 offset, unsigned size) {
    return registers().read(*this, offset, size);
}

void VirtioMmioSlot::write(u64 offset, unsigned size, u64 value) {
    registers().write(*this, offset, size, value);
}

} // namespace forkscope
