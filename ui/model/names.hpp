// Processes of a snapshot by name, quickly and for longer than the snapshot lives.
#pragma once

#include "snapshot/snapshot.hpp"

namespace forkscope {

class Names {
public:
    Names() = default;
    explicit Names(const Snapshot& snapshot);

    // Printable; empty if the process is not known.
    [[nodiscard]] std::string_view name(u32 pid) const;
    // "init (1)", "the kernel" for 0, "process 5" for one that is not known; see
    // kFormerProcesses, too.
    [[nodiscard]] std::string who(u32 pid) const;

private:
    std::vector<std::pair<u32, std::string>> names_; // in ascending order of pid
};

} // namespace forkscope
