#include "snapshot/snapshot.hpp"

#include "abi/probe.hpp"

#include <algorithm>
#include <functional>

namespace forkscope {

namespace {

// The entry of a vector in ascending order whose `key` is `value`, or null.
template <class T, class Key, class Value>
const T* find_sorted(const std::vector<T>& entries, const Value& value, Key key) {
    const auto found = std::ranges::lower_bound(entries, value, {}, key);
    return found != entries.end() && std::invoke(key, *found) == value ? &*found : nullptr;
}

} // namespace

char state_letter(ProcessState state) {
    return "IORSTZ-"[static_cast<std::size_t>(state)];
}

u64 TableView::descriptor(unsigned index) const {
    const TableEntry* entry = find_sorted(entries, index, &TableEntry::index);
    return entry != nullptr ? entry->descriptor : 0;
}

const TableView* AddressSpaceView::table(unsigned level, u64 va) const {
    const unsigned shift = 12 + 9 * (4 - level); // of what a whole table translates
    const u64 first = shift < 64 ? va >> shift << shift : 0;
    const auto key = [](const TableView& table) {
        return std::pair(unsigned{table.level}, table.va);
    };
    if (level == first_level)
        return tables.empty() ? nullptr : &tables.front();
    return find_sorted(tables, std::pair(level, first), key);
}

const RegionView* AddressSpaceView::region(u64 va) const {
    const auto after = std::ranges::upper_bound(regions, va, {}, &RegionView::start);
    if (after == regions.begin() || va >= std::prev(after)->end)
        return nullptr;
    return &*std::prev(after);
}

const FrameView* FrameTable::frame(u64 physical) const {
    return find_sorted(frames, physical & ~u64{0xfff}, &FrameView::physical);
}

const ProcessView* Snapshot::process(u32 pid) const {
    // Pids are used again: the last one of the name is the one that is there.
    const auto found =
        std::find_if(processes.rbegin(), processes.rend(),
                     [pid](const ProcessView& process) { return process.pid == pid; });
    return found != processes.rend() ? &*found : nullptr;
}

bool is_os_event(u16 kind) {
    if (kind < static_cast<u16>(EventKind::ProbeBase))
        return kind == static_cast<u16>(EventKind::Fault);
    using enum abi::ProbeId;
    switch (static_cast<abi::ProbeId>(kind - static_cast<u16>(EventKind::ProbeBase))) {
    case ProcCreate:
    case ProcExecSuccess:
    case ProcExecFailure:
    case ProcExit:
    case ProcReap:
    case ProcReparent:
    case ForkFailure:
    case LwpCreate:
    case LwpExit:
    case SignalSend:
    case SignalHandle:
    case OnCpu:
    case Sleep:
    case Wakeup:
    case SyscallEntry:
    case SyscallReturn:
    case CowCopy:
    case CowReuse:
    case ZeroFill:
    case FileFill:
    case AnonMap:
    case FaultDone:
    case SpaceFork:
    case EagerCopy:
    case Panic:
        return true;
    default:
        return false;
    }
}

} // namespace forkscope
