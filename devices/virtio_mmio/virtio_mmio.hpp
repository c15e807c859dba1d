// An empty virtio-mmio slot: identifies itself and says that no device is
// behind it. Virtual I/O Device (VIRTIO) Version 1.1, 4.2.2 and 4.2.4 (legacy).
#pragma once

#include "devices/device.hpp"
#include "devices/register_table.hpp"

namespace forkscope {

class VirtioMmioSlot final : public Device {
public:
    static constexpr u64 kWindowSize = 0x200;

    struct State {}; // an empty slot remembers nothing

    [[nodiscard]] u64 read(u64 offset, unsigned size) override;
    void write(u64 offset, unsigned size, u64 value) override;
    void reset() override {}

private:
    friend class RegisterTable<VirtioMmioSlot>;
    static const RegisterTable<VirtioMmioSlot>& registers();

    State state_;
};

} // namespace forkscope
