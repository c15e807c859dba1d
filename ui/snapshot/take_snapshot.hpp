// Makes snapshots of a stopped machine.
#pragma once

#include "snapshot/frames.hpp"
#include "snapshot/world.hpp"

namespace forkscope {

[[nodiscard]] CpuView cpu_view(const Inspection& machine);

// Keeps what did not change from one snapshot to the next.
class SnapshotTaker {
public:
    // Everything but what the one in control of the run knows: phase, reason and
    // speed, code, the registers before, breakpoints.
    [[nodiscard]] std::shared_ptr<Snapshot> take(const World& world, const Inspection& machine,
                                                 const ConsoleText* console);

private:
    void add_processes(const World& world, const Inspection& machine, KernelMemory& memory,
                       Snapshot& snapshot);
    std::shared_ptr<const AddressSpaceView> keep(u64 key, AddressSpaceView space);

    u64 serial_ = 0;
    std::unordered_map<u64, std::shared_ptr<const AddressSpaceView>>
        spaces_;                    // by vm_map; 0: kernel
    std::vector<OwnedSpace> owned_; // of the last snapshot
    u64 origins_ = 0;               // World::origins().changes() then
    std::shared_ptr<const FrameTable> frames_;
    std::vector<PageCounts> counts_; // of owned_
};

} // namespace forkscope
