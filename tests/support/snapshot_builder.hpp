// Builds snapshots for tests of the panel's models, without a machine.
#pragma once

#include "mmu/descriptor.hpp"
#include "snapshot/snapshot.hpp"
#include "support/event_script.hpp"

#include <map>

namespace forkscope::test {

// Page descriptors: UXN PXN nG AF SH=inner, AP user read-only or read-write.
inline constexpr u64 kReadOnlyPage = 0x0060'0000'0000'0fc3;
inline constexpr u64 kReadWritePage = 0x0060'0000'0000'0f43;
inline constexpr u64 kCodePage = 0x0020'0000'0000'0fc3;

// Data abort from EL0, write, level 3: permission and translation fault. ESR_EL1
inline constexpr u64 kWritePermissionFault = 0x9200'004f;
inline constexpr u64 kWriteTranslationFault = 0x9200'0047;

class SnapshotBuilder {
public:
    Snapshot snapshot; // what is not derived; complete after build()

    SnapshotBuilder() {
        snapshot.control.phase = RunPhase::Paused;
        snapshot.control.cycle = 10'000;
        snapshot.cpu.mair = 0x04ff; // 0 normal, write-back; 1 device nGnRE
    }

    ProcessView& process(u32 pid, u32 parent, const std::string& name) {
        ProcessView view;
        view.pid = pid;
        view.parent = view.first_parent = parent;
        view.name = name;
        view.state = ProcessState::Runnable;
        view.born = 100 * snapshot.processes.size() + 100;
        snapshot.processes.push_back(view);
        return snapshot.processes.back();
    }

    RegionView& region(u32 pid, u64 start, u64 end, u8 protection) {
        auto& regions = space(pid).regions;
        RegionView view;
        view.start = start;
        view.end = end;
        view.protection = protection;
        regions.push_back(view);
        return regions.back();
    }

    // Maps the page at `va` by `frame` and the attributes of `descriptor`.
    void map(u32 pid, u64 va, u64 frame, u64 descriptor, FrameUse use = FrameUse::Anonymous,
             PageAction origin = PageAction::None) {
        enter(space(pid), 3, va, frame | descriptor);
        frames_[frame] = {use, origin};
    }
    void unmap(u32 pid, u64 va) { enter(space(pid), 3, va, 0); }

    // `child` gets the regions and pages of `parent`, all read-only in both.
    void fork(u32 parent, u32 child) {
        space(child).regions = space(parent).regions;
        const std::vector<TableView> tables = space(parent).tables;
        for (const TableView& table : tables) {
            for (const TableEntry& entry : table.entries) {
                if (table.level == 3) {
                    const u64 va = table.va + (u64{entry.index} << kPageShift);
                    const u64 read_only = entry.descriptor | Descriptor::AP::make(2);
                    enter(space(parent), 3, va, read_only);
                    enter(space(child), 3, va, read_only);
                }
            }
        }
    }

    // Both have one space: vfork.
    void share_space(u32 pid, u32 with) { twins_[pid] = with; }

    void event(const Event& event) { events_.append(event); }
    void events(const EventScript& script) {
        for (const Event& event : script.events) {
            events_.append(event);
        }
    }
    void fault(const FaultCard& card) { faults_.append(card); }
    void span(u32 pid, Cycle begin, Cycle end, Cycle idle = 0) {
        spans_.append({begin, end, pid, idle});
    }
    void mark(u32 pid, MarkKind kind, Cycle cycle, u32 other = 0, u64 event = ~u64{0}) {
        marks_.append({cycle, pid, kind, other, event});
    }

    const Snapshot& build() {
        for (ProcessView& process : snapshot.processes) {
            const auto twin = twins_.find(process.pid);
            const auto found = spaces_.find(twin != twins_.end() ? twin->second : process.pid);
            const bool has = process.state != ProcessState::Zombie &&
                             process.state != ProcessState::Gone && found != spaces_.end();
            process.space = has ? publish(found->first) : nullptr;
        }
        build_frames();
        snapshot.events = events_.view();
        snapshot.faults = faults_.view();
        snapshot.spans = spans_.view();
        snapshot.marks = marks_.view();
        ++snapshot.serial;
        return snapshot;
    }

private:
    struct Use {
        FrameUse use = FrameUse::Unmapped;
        PageAction origin = PageAction::None;
    };

    AddressSpaceView& space(u32 pid) {
        AddressSpaceView& space = spaces_[pid];
        if (space.tables.empty()) {
            space.asid = static_cast<u16>(pid);
            space.root = next_table_;
            space.tables.push_back(new_table(1, 0));
        }
        return space;
    }

    TableView new_table(unsigned level, u64 va) {
        TableView table;
        table.physical = next_table_;
        table.level = static_cast<u8>(level);
        table.va = va;
        next_table_ += kPageSize;
        return table;
    }

    // Sets the descriptor of `va` at `level`, tables above it included.
    void enter(AddressSpaceView& space, unsigned level, u64 va, u64 descriptor) {
        TableView& table = table_for(space, level, va);
        const auto index = static_cast<u16>(va >> level_shift(level) & 511);
        const auto at = std::ranges::lower_bound(table.entries, index, {}, &TableEntry::index);
        if (at != table.entries.end() && at->index == index) {
            descriptor != 0 ? void(at->descriptor = descriptor) : void(table.entries.erase(at));
        } else if (descriptor != 0) {
            table.entries.insert(at, {index, descriptor});
        }
    }

    TableView& table_for(AddressSpaceView& space, unsigned level, u64 va) {
        const u64 first = level == 1 ? 0 : align_down(va, u64{1} << level_shift(level - 1));
        for (TableView& table : space.tables) {
            if (table.level == level && table.va == first) {
                return table;
            }
        }
        const TableView made = new_table(level, first);
        enter(space, level - 1, va, made.physical | 3);
        const auto key = [](const TableView& table) {
            return std::pair(unsigned{table.level}, table.va);
        };
        const auto at = std::ranges::lower_bound(space.tables, std::pair(level, first), {}, key);
        return *space.tables.insert(at, made);
    }

    std::shared_ptr<const AddressSpaceView> publish(u32 pid) {
        auto& shared = published_[pid];
        if (shared == nullptr || serial_ != snapshot.serial) {
            published_.clear();
            serial_ = snapshot.serial;
        }
        auto& made = published_[pid];
        if (made == nullptr) {
            made = std::make_shared<AddressSpaceView>(spaces_[pid]);
        }
        return made;
    }

    void build_frames() {
        std::map<u64, std::vector<FrameMapping>> mappings;
        std::map<u64, u32> tables;
        std::vector<const AddressSpaceView*> seen;
        for (const ProcessView& process : snapshot.processes) {
            if (process.space == nullptr ||
                std::ranges::find(seen, process.space.get()) != seen.end()) {
                continue;
            }
            seen.push_back(process.space.get());
            for (const TableView& table : process.space->tables) {
                tables[table.physical] = process.pid;
                for (const TableEntry& entry : table.entries) {
                    if (table.level == 3) {
                        const Descriptor page(entry.descriptor);
                        mappings[page.address()].push_back(
                            {process.pid, table.va + (u64{entry.index} << kPageShift),
                             page.access_permission() == AccessPermission::BothReadWrite});
                    }
                }
            }
        }
        snapshot.frames = frame_table(mappings, tables);
        count_pages();
    }

    std::shared_ptr<const FrameTable>
    frame_table(const std::map<u64, std::vector<FrameMapping>>& mappings,
                const std::map<u64, u32>& tables) {
        auto table = std::make_shared<FrameTable>();
        table->ram_base = 0x4000'0000;
        table->ram_bytes = u64{256} << 20;
        for (const auto& [physical, owner] : tables) {
            table->frames.push_back({physical, FrameUse::Table, PageAction::None, owner, 0, 0});
        }
        for (const auto& [physical, of] : mappings) {
            const Use use = frames_[physical];
            table->frames.push_back({physical, use.use, use.origin, of.front().pid,
                                     static_cast<u32>(table->mappings.size()),
                                     static_cast<u32>(of.size())});
            table->mappings.insert(table->mappings.end(), of.begin(), of.end());
        }
        std::ranges::sort(table->frames, {}, &FrameView::physical);
        return table;
    }

    void count_pages() {
        for (ProcessView& process : snapshot.processes) {
            process.private_pages = process.shared_pages = 0;
            if (process.space == nullptr) {
                continue;
            }
            for (const TableView& table : process.space->tables) {
                for (const TableEntry& entry : table.entries) {
                    if (table.level == 3) {
                        const u64 address = Descriptor(entry.descriptor).address();
                        const bool shared = snapshot.frames->frame(address)->mappings > 1;
                        ++(shared ? process.shared_pages : process.private_pages);
                    }
                }
            }
        }
    }

    std::map<u32, AddressSpaceView> spaces_;
    std::map<u32, u32> twins_;
    std::map<u32, std::shared_ptr<const AddressSpaceView>> published_;
    u64 serial_ = ~u64{0};
    std::map<u64, Use> frames_;
    u64 next_table_ = 0x4800'0000;
    SharedLog<Event> events_{1 << 20};
    SharedLog<FaultCard> faults_{1 << 20};
    SharedLog<TimelineSpan> spans_{1 << 20};
    SharedLog<TimelineMark> marks_{1 << 20};
};

// A parent (2) and its child (3), which share a page of anonymous memory and one
// of code; init (1) has a page of its own. The child writes to the shared page.
class CowScene : public SnapshotBuilder {
public:
    static constexpr u64 kPage = 0x7f'ffff'e000;
    static constexpr u64 kAddress = kPage + 0x10;
    static constexpr u64 kCode = 0x40'0000;
    static constexpr u64 kOldFrame = 0x4130'0000;
    static constexpr u64 kNewFrame = 0x4130'2000;

    CowScene() {
        process(1, 0, "init");
        process(2, 1, "fork-demo");
        process(3, 2, "fork-demo").cycles = 2'500;
        region(1, kPage, kPage + 0x2000, 3);
        map(1, kPage + 0x1000, 0x4131'0000, kReadWritePage, FrameUse::Anonymous,
            PageAction::ZeroFill);
        region(2, kCode, kCode + 0x3000, 5).backing = Backing::File;
        region(2, kPage - 0xe000, kPage + 0x2000, 3);
        map(2, kCode, 0x4120'0000, kCodePage, FrameUse::File);
        map(2, kPage, kOldFrame, kReadWritePage, FrameUse::Anonymous, PageAction::ZeroFill);
        fork(2, 3);
        snapshot.cpu.pid = 3;
        snapshot.cpu.pc = kCode + 0x120;
    }

    // The fault has been taken; the kernel has not done anything yet.
    void take_fault() {
        FaultCard card;
        card.pid = 3;
        card.asid = 3;
        card.event = 0;
        card.far = kAddress;
        card.pc = kCode + 0x120;
        card.esr = kWritePermissionFault;
        card.instruction = 0xb900'0020;
        card.code = "str w0, [x1]";
        card.symbol = "main+0x20";
        card.descriptor_before = kOldFrame | kReadOnlyPage;
        card.taken = 9'000;
        snapshot.open_fault = card;
        mark(3, MarkKind::Fault, 9'000, 0, 0);
        EventScript script;
        script.now = 9'000;
        script.step = 150;
        script.pid = 3;
        script.machine(EventKind::Fault,
                       {kAddress, kCode + 0x120, kWritePermissionFault, card.descriptor_before,
                        card.instruction, 3},
                       0);
        events(script);
    }

    // The kernel has copied the page, and the child goes on.
    void finish_copy() {
        FaultCard card = *snapshot.open_fault;
        snapshot.open_fault.reset();
        card.action = PageAction::Copy;
        card.old_frame = kOldFrame;
        card.new_frame = kNewFrame;
        card.references = 2;
        card.decided = 9'150;
        card.resolved = 9'300;
        card.returned = 9'400;
        card.descriptor_after = kNewFrame | kReadWritePage;
        fault(card);
        mark(3, MarkKind::Copy, 9'150, 0, 1);
        EventScript script;
        script.now = 9'150;
        script.step = 150;
        script.pid = 3;
        script.probe(abi::ProbeId::CowCopy, {3, kPage, kOldFrame, kNewFrame, 2});
        script.probe(abi::ProbeId::FaultDone, {3, kPage, 2, 0});
        events(script);
        map(3, kPage, kNewFrame, kReadWritePage, FrameUse::Anonymous, PageAction::Copy);
    }
};

} // namespace forkscope::test
