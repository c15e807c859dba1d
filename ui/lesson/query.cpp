#include "lesson/query.hpp"

#include "event/esr.hpp"
#include "event/probe_text.hpp"
#include "event/process_name.hpp"
#include "model/space_walk.hpp"
#include "session/breakpoint.hpp"
#include "ui/guest_names.hpp"

#include <algorithm>
#include <charconv>

namespace forkscope {

namespace {

Error absent(const std::string& what) {
    return {what + " at this moment"};
}

// --- Processes

const ProcessView* nth_child(const Snapshot& now, u32 parent, u32 birth) {
    for (const ProcessView& process : now.processes)
        if (process.first_parent == parent && --birth == 0)
            return &process;
    return nullptr;
}

Result<const ProcessView*> find_process(const Snapshot& now, const ProcessPath& path) {
    using From = ProcessPath::From;
    const ProcessView* process = nullptr;
    switch (path.from) {
    case From::Init:
        process = now.process(1);
        break;
    case From::Self:
        process = now.process(now.cpu.pid);
        break;
    case From::Job:
        process = nth_child(now, 1, 1);
        break;
    case From::Pid:
        process = now.process(path.pid);
        break;
    }
    for (const u32 birth : path.births)
        if (process != nullptr)
            process = nth_child(now, process->pid, birth);
    if (process == nullptr)
        return absent("there is no process " + path.text);
    return process;
}

bool is_alive(const ProcessView& process) {
    return process.state != ProcessState::Zombie && process.state != ProcessState::Gone;
}

Result<const AddressSpaceView*> find_space(const Snapshot& now, const ProcessPath& path) {
    const auto process = find_process(now, path);
    if (!process)
        return process.error();
    if ((*process)->space == nullptr)
        return absent("process " + path.text + " has no address space");
    return (*process)->space.get();
}

Result<Leaf> leaf_of(const Query& query, const Snapshot& now, const ProcessPath& path) {
    const auto space = find_space(now, path);
    if (!space)
        return space.error();
    const auto leaf = find_leaf(**space, query.address);
    if (!leaf)
        return absent("process " + path.text + " maps no frame at the address");
    return *leaf;
}

u64 frame_of(const Query& query, const Leaf& leaf) {
    return leaf.physical_of(query.address) & ~(kPageSize - 1);
}

Result<u64> frame_in(const Query& query, const Snapshot& now, const ProcessPath& path) {
    const auto leaf = leaf_of(query, now, path);
    if (!leaf)
        return leaf.error();
    return frame_of(query, *leaf);
}

template <class F> Result<Answer> of_process(const Query& query, const Snapshot& now, F f) {
    const auto process = find_process(now, *query.process);
    if (!process)
        return process.error();
    return f(**process);
}

Result<Answer> processes_alive(const Query& query, const Snapshot& now, const Moments&) {
    return number_answer(
        static_cast<u64>(std::ranges::count_if(now.processes, [&](const ProcessView& process) {
            return is_alive(process) &&
                   (query.name.empty() || is_name_of(process.name, query.name));
        })));
}

Result<Answer> processes_zombies(const Query&, const Snapshot& now, const Moments&) {
    return number_answer(static_cast<u64>(
        std::ranges::count(now.processes, ProcessState::Zombie, &ProcessView::state)));
}

std::string tree_below(const Snapshot& now, const ProcessView& process) {
    std::string children;
    for (const ProcessView& child : now.processes)
        if (child.parent == process.pid && child.state != ProcessState::Gone)
            children += (children.empty() ? "" : " ") + tree_below(now, child);
    return std::to_string(process.pid) + (children.empty() ? "" : "(" + children + ")");
}

Result<Answer> processes_tree(const Query& query, const Snapshot& now, const Moments&) {
    return of_process(query, now, [&](const ProcessView& process) {
        return Answer{AnswerKind::Tree, tree_below(now, process)};
    });
}

Result<Answer> process_pid(const Query& query, const Snapshot& now, const Moments&) {
    return of_process(query, now, [](const ProcessView& p) { return number_answer(p.pid); });
}

Result<Answer> process_parent(const Query& query, const Snapshot& now, const Moments&) {
    return of_process(query, now, [](const ProcessView& p) { return number_answer(p.parent); });
}

Result<Answer> process_name(const Query& query, const Snapshot& now, const Moments&) {
    return of_process(query, now, [](const ProcessView& p) {
        return Answer{AnswerKind::Word, p.name};
    });
}

Result<Answer> process_state(const Query& query, const Snapshot& now, const Moments&) {
    return of_process(query, now, [](const ProcessView& p) {
        return Answer{AnswerKind::Word, std::string(1, state_letter(p.state))};
    });
}

// wait(2): WEXITSTATUS
Result<Answer> process_exit_status(const Query& query, const Snapshot& now, const Moments&) {
    return of_process(query, now, [&](const ProcessView& p) -> Result<Answer> {
        if (!p.exited || (p.wait_status & 0x7f) != 0)
            return absent("process " + query.process->text + " has not ended by exit");
        return number_answer(p.wait_status >> 8 & 0xff);
    });
}

Result<Answer> process_same_space(const Query& query, const Snapshot& now, const Moments&) {
    const auto one = find_space(now, *query.process);
    const auto two = find_space(now, *query.other);
    if (!one || !two)
        return one ? two.error() : one.error();
    return yes_no_answer((*one)->root == (*two)->root);
}

Result<Answer> pages_private(const Query& query, const Snapshot& now, const Moments&) {
    return of_process(query, now,
                      [](const ProcessView& p) { return number_answer(p.private_pages); });
}

Result<Answer> pages_shared(const Query& query, const Snapshot& now, const Moments&) {
    return of_process(query, now,
                      [](const ProcessView& p) { return number_answer(p.shared_pages); });
}

// --- Frames and descriptors

Result<Answer> frame_address(const Query& query, const Snapshot& now, const Moments&) {
    const auto frame = frame_in(query, now, *query.process);
    return frame ? Result<Answer>(address_answer(*frame)) : frame.error();
}

Result<Answer> frame_sharers(const Query& query, const Snapshot& now, const Moments&) {
    const auto frame = frame_in(query, now, *query.process);
    if (!frame)
        return frame.error();
    const FrameView* view = now.frames->frame(*frame);
    return number_answer(view == nullptr ? 0 : view->mappings);
}

Result<Answer> frame_same(const Query& query, const Snapshot& now, const Moments&) {
    const auto one = frame_in(query, now, *query.process);
    const auto two = frame_in(query, now, *query.other);
    if (!one || !two)
        return one ? two.error() : one.error();
    return yes_no_answer(*one == *two);
}

Result<Answer> frame_kept(const Query& query, const Snapshot& now, const Moments& moments) {
    const auto before = frame_in(query, *moments.at(query.since), *query.process);
    const auto after = frame_in(query, now, *query.process);
    if (!before || !after)
        return before ? after.error() : before.error();
    return yes_no_answer(*before == *after);
}

template <class F> Result<Answer> of_leaf(const Query& query, const Snapshot& now, F f) {
    const auto leaf = leaf_of(query, now, *query.process);
    return leaf ? Result<Answer>(f(*leaf)) : leaf.error();
}

Result<Answer> descriptor_writable(const Query& query, const Snapshot& now, const Moments&) {
    return of_leaf(query, now, [](const Leaf& leaf) { return yes_no_answer(leaf.writable()); });
}

template <class Bits>
Result<Answer> descriptor_bits(const Query& query, const Snapshot& now, const Moments&) {
    return of_leaf(query, now,
                   [](const Leaf& leaf) { return number_answer(Bits::get(leaf.descriptor)); });
}

// --- Faults and events

Result<FaultCard> last_fault(const Query& query, const Snapshot& now) {
    const auto process = find_process(now, *query.process);
    if (!process)
        return process.error();
    const auto fits = [&](const FaultCard& card) {
        return card.pid == (*process)->pid && same_page(card.far, query.address);
    };
    if (now.open_fault && fits(*now.open_fault))
        return *now.open_fault;
    for (u64 i = now.faults.end(); i > now.faults.begin(); --i)
        if (fits(now.faults[i - 1]))
            return now.faults[i - 1];
    return absent("process " + query.process->text + " has had no fault on the page");
}

Result<Answer> fault_kind(const Query& query, const Snapshot& now, const Moments&) {
    const auto card = last_fault(query, now);
    if (!card)
        return card.error();
    return Answer{AnswerKind::Word, std::string(fault_word(fault_class(card->esr)))};
}

std::string action_word(PageAction action) {
    switch (action) {
    case PageAction::Copy:
        return "copied";
    case PageAction::Reuse:
        return "reused";
    case PageAction::ZeroFill:
        return "zero-filled";
    case PageAction::FileFill:
        return "file-filled";
    case PageAction::Share:
        return "mapped";
    case PageAction::EagerCopy:
    case PageAction::None:
        break;
    }
    return "none";
}

Result<Answer> fault_action(const Query& query, const Snapshot& now, const Moments&) {
    const auto card = last_fault(query, now);
    if (!card)
        return card.error();
    return Answer{AnswerKind::Word, action_word(card->action)};
}

std::optional<u64> argument(const Event& event, const EventInfo& info, std::string_view name) {
    const auto found = std::ranges::find(info.arg_names, name);
    if (found == info.arg_names.end())
        return std::nullopt;
    return event.arg[static_cast<std::size_t>(found - info.arg_names.begin())];
}

bool counts(const Query& query, const EventInfo& info, const Event& event,
            const ProcessView* process) {
    if (event.kind != info.kind)
        return false;
    if (process != nullptr && argument(event, info, "pid").value_or(event.pid) != process->pid)
        return false;
    const auto va = argument(event, info, info.name == "fault" ? "far" : "va");
    return !query.has_address || (va && same_page(*va, query.address));
}

Result<Answer> events_count(const Query& query, const Snapshot& now, const Moments& moments) {
    const ProcessView* process = nullptr;
    if (query.process) {
        const auto found = find_process(now, *query.process);
        if (!found)
            return found.error();
        process = *found;
    }
    const u64 begin = query.since.empty() ? 0 : moments.at(query.since)->events.end();
    if (begin < now.events.begin())
        return absent("events since then are not all known any more");
    const EventInfo& info = *std::ranges::find(event_infos(), query.event, &EventInfo::name);
    u64 count = 0;
    for (u64 i = begin; i < now.events.end(); ++i)
        count += counts(query, info, now.events[i], process) ? 1 : 0;
    return number_answer(count);
}

template <abi::ProbeId Probe>
Result<Answer> last_errno(const Query&, const Snapshot& now, const Moments&) {
    for (u64 i = now.events.end(); i > now.events.begin(); --i)
        if (now.events[i - 1].kind == kind_of(Probe))
            return Answer{AnswerKind::Word, describe_errno(now.events[i - 1].arg[1])};
    return absent("no such call has failed");
}

Result<Answer> register_value(const Query& query, const Snapshot& now, const Moments&) {
    return number_answer(now.cpu.x[*register_number(query.name)]);
}

using abi::ProbeId;
using enum AnswerKind;

constexpr unsigned kPage = kProcess | kAddress;

constexpr std::array kQueries = {
    QueryInfo{"processes.alive", Number, 0, kName, processes_alive},
    QueryInfo{"processes.zombies", Number, 0, 0, processes_zombies},
    QueryInfo{"processes.tree", Tree, kProcess, 0, processes_tree},
    QueryInfo{"process.pid", Number, kProcess, 0, process_pid},
    QueryInfo{"process.parent", Number, kProcess, 0, process_parent},
    QueryInfo{"process.name", Word, kProcess, 0, process_name},
    QueryInfo{"process.state", Word, kProcess, 0, process_state},
    QueryInfo{"process.exit_status", Number, kProcess, 0, process_exit_status},
    QueryInfo{"process.same_space", YesNo, kProcess | kOther, 0, process_same_space},
    QueryInfo{"pages.private", Number, kProcess, 0, pages_private},
    QueryInfo{"pages.shared", Number, kProcess, 0, pages_shared},
    QueryInfo{"frame.address", Address, kPage, 0, frame_address},
    QueryInfo{"frame.sharers", Number, kPage, 0, frame_sharers},
    QueryInfo{"frame.same", YesNo, kPage | kOther, 0, frame_same},
    QueryInfo{"frame.kept", YesNo, kPage | kSince, 0, frame_kept},
    QueryInfo{"descriptor.writable", YesNo, kPage, 0, descriptor_writable},
    QueryInfo{"descriptor.ap", Number, kPage, 0, descriptor_bits<Descriptor::AP>},
    QueryInfo{"descriptor.af", Number, kPage, 0, descriptor_bits<Descriptor::AF>},
    QueryInfo{"descriptor.ng", Number, kPage, 0, descriptor_bits<Descriptor::NG>},
    QueryInfo{"fault.kind", Word, kPage, 0, fault_kind},
    QueryInfo{"fault.action", Word, kPage, 0, fault_action},
    QueryInfo{"events.count", Number, kEvent, kPage | kSince, events_count},
    QueryInfo{"fork.errno", Word, 0, 0, last_errno<ProbeId::ForkFailure>},
    QueryInfo{"exec.errno", Word, 0, 0, last_errno<ProbeId::ProcExecFailure>},
    QueryInfo{"register", Number, kName, 0, register_value},
};

std::optional<u32> whole_number(std::string_view text) {
    u32 value = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = error == std::errc() && stop == text.data() + text.size();
    return whole ? std::optional(value) : std::nullopt;
}

} // namespace

std::optional<ProcessPath> parse_process_path(const std::string& text) {
    ProcessPath path;
    path.text = text;
    std::string_view rest = text;
    const std::string_view first = rest.substr(0, rest.find('/'));
    rest.remove_prefix(first.size());
    if (first == "init")
        path.from = ProcessPath::From::Init;
    else if (first == "self")
        path.from = ProcessPath::From::Self;
    else if (first != "job") {
        const auto pid = whole_number(first);
        if (!pid)
            return std::nullopt;
        path.from = ProcessPath::From::Pid;
        path.pid = *pid;
    }
    while (!rest.empty()) {
        rest.remove_prefix(1);
        const std::string_view birth = rest.substr(0, rest.find('/'));
        const auto number = whole_number(birth);
        if (!number || *number == 0)
            return std::nullopt;
        path.births.push_back(*number);
        rest.remove_prefix(birth.size());
    }
    return path;
}

std::span<const QueryInfo> query_infos() {
    return kQueries;
}

const QueryInfo* find_query(std::string_view name) {
    const auto found = std::ranges::find(kQueries, name, &QueryInfo::name);
    return found == kQueries.end() ? nullptr : &*found;
}

std::optional<unsigned> register_number(std::string_view name) {
    if (!name.starts_with('x'))
        return std::nullopt;
    const auto number = whole_number(name.substr(1));
    return number && *number <= 30 ? number : std::nullopt;
}

} // namespace forkscope
