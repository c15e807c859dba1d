#include "model/names.hpp"

#include "ui/sentences.hpp"
#include "ui/words.hpp"

#include <algorithm>

namespace forkscope {

Names::Names(const Snapshot& snapshot) {
    names_.reserve(snapshot.processes.size());
    for (const ProcessView& process : snapshot.processes) {
        names_.emplace_back(process.pid, printable(process.name));
    }
    std::ranges::stable_sort(names_, {}, &std::pair<u32, std::string>::first);
}

std::string_view Names::name(u32 pid) const {
    // Of several that had this pid, the last.
    const auto after =
        std::ranges::upper_bound(names_, pid, {}, &std::pair<u32, std::string>::first);
    return after != names_.begin() && std::prev(after)->first == pid
               ? std::string_view(std::prev(after)->second)
               : std::string_view();
}

std::string Names::who(u32 pid) const {
    if (pid == kFormerProcesses) {
        return "processes gone for long";
    }
    return describe_actor({pid, std::string(name(pid))});
}

} // namespace forkscope
