// The flattened device tree that describes the machine to its kernel: the
// nodes of QEMU's `virt` board for the devices that are there (docs/machine.md),
// and the probe device.
#pragma once

#include "base/types.hpp"

#include <string>
#include <vector>

namespace forkscope {

struct DeviceTreeInputs {
    u64 ram_bytes = 0;
    u32 cpus = 1;
    std::string bootargs;
    u64 initrd_start = 0; // physical; no initrd if start == end
    u64 initrd_end = 0;
    u64 seed = 0; // rng-seed and kaslr-seed derive from it
};

// A device tree blob, at most 2 MiB.
std::vector<u8> make_device_tree(const DeviceTreeInputs& inputs);

} // namespace forkscope
