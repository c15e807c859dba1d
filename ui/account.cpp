#include "ui/account.hpp"

#include "base/text.hpp"
#include "event/probe_text.hpp"
#include "ui/columns.hpp"
#include "ui/sentences.hpp"
#include "ui/words.hpp"

namespace forkscope {

namespace {

constexpr std::size_t kCycleColumns = 13;
constexpr std::size_t kNameColumns = 50;
constexpr std::size_t kNumberColumns = 14;
constexpr std::size_t kDeepest = 30; // columns before a branch; deeper ones stand at this depth
constexpr std::size_t kCopyColumns = 8;

std::string headline(const Totals& totals, const std::string& panic, u64 cpu_hz, Cycle booted) {
    const double milliseconds =
        static_cast<double>(totals.cycles) * 1e3 / static_cast<double>(cpu_hz);
    std::string text = describe_end(totals, panic) + " at cycle " + grouped(totals.cycles) + " (" +
                       decimal(milliseconds, 3) + " ms of its time), after " +
                       grouped(totals.instructions) + " instructions.";
    if (booted != 0) {
        text += " Init's first instruction came at cycle " + grouped(booted) + ".";
    }
    return wrap("", text);
}

std::string process_row(const std::string& name, const std::string& born, const std::string& cycles,
                        const std::string& copies, const std::string& end) {
    return "  " + pad_right(name, kNameColumns) + pad_left(born, kNumberColumns) +
           pad_left(cycles, kNumberColumns) + pad_left(copies, kCopyColumns) + "  " + end + "\n";
}

// The life at `index` and those below it. `lead` is what stands before the
// branches of its children.
void add_branch(const std::vector<ProcessLife>& lives, std::size_t index, const std::string& branch,
                const std::string& lead, std::string& text) {
    const ProcessLife& life = lives[index];
    text += process_row(branch + life.name + " (" + std::to_string(life.pid) + ")",
                        grouped(life.born), grouped(life.cycles), grouped(life.copies),
                        life.wait_status ? short_wait_status(*life.wait_status) : "alive");
    std::vector<std::size_t> children;
    for (std::size_t i = index + 1; i < lives.size(); ++i) {
        if (lives[i].parent == index) {
            children.push_back(i);
        }
    }
    for (const std::size_t child : children) {
        const bool last = child == children.back();
        const bool deeper = width_of(lead) < kDeepest;
        add_branch(lives, child, lead + (last ? "└─ " : "├─ "),
                   deeper ? lead + (last ? "   " : "│  ") : lead, text);
    }
}

std::string process_tree(const Chronicle& chronicle) {
    const std::vector<ProcessLife>& lives = chronicle.lives();
    if (lives.empty()) {
        return "  The guest rang no probe of a process: who ran is not known.\n";
    }
    std::string text = process_row("process", "born at cycle", "cycles", "copies", "end");
    for (std::size_t i = 0; i < lives.size(); ++i) {
        if (lives[i].parent == i) {
            add_branch(lives, i, "", "", text);
        }
    }
    if (chronicle.untold_lives() != 0) {
        text += "  ... and " + grouped(chronicle.untold_lives()) + " more processes\n";
    }
    return text;
}

std::string entry_lines(const ChronicleEntry& entry) {
    const std::string blank(kCycleColumns + 2, ' ');
    std::string text;
    for (const std::string& line : tell_entry(entry)) {
        const bool is_detail_table = line.starts_with("descriptor ");
        text += is_detail_table ? blank + line + "\n"
                : text.empty()  ? wrap(pad_left(grouped(entry.cycle), kCycleColumns) + "  ", line)
                                : wrap(blank, line);
    }
    return text;
}

std::string story(const Chronicle& chronicle, const std::string& full_record) {
    std::string text;
    for (const ChronicleEntry& entry : chronicle.entries()) {
        text += entry_lines(entry);
    }
    if (text.empty()) {
        text = "  Nothing: no fault, no fork, no exit.\n";
    }
    const u64 untold = chronicle.untold_copies() + chronicle.untold_others();
    if (untold != 0) {
        text += wrap(std::string(kCycleColumns + 2, ' '),
                     "... and " + grouped(chronicle.untold_copies()) + " more copies and " +
                         grouped(chronicle.untold_others()) +
                         " more events. What is not told here is " + full_record + ".");
    }
    return text;
}

u64 failures(const ForkCounts& forks) {
    u64 sum = 0;
    for (const auto& [error, count] : forks.failed) {
        sum += count;
    }
    return sum;
}

std::string fork_totals(const ForkCounts& forks, const Chronicle& chronicle) {
    std::string text = grouped(forks.fork) + " fork, " + grouped(forks.vfork) + " vfork, " +
                       grouped(forks.vfork14) + " __vfork14, " + grouped(forks.clone) +
                       " __clone, " + grouped(failures(forks)) + " refused";
    if (chronicle.forks_timed() != 0) {
        text += "; a fork took " + grouped(chronicle.fork_cycles() / chronicle.forks_timed()) +
                " cycles on average";
    }
    return wrap("  forks   ", text);
}

std::string totals_text(const Totals& totals, const Chronicle& chronicle) {
    const FaultCounts& faults = totals.faults;
    const VmCounts& vm = totals.vm;
    const u64 user = totals.spent[0][0];
    const u64 kernel = totals.spent[1][0];
    const u64 idle = totals.spent[0][1] + totals.spent[1][1];
    const u64 all = user + kernel + idle;
    std::string text;
    text += fork_totals(totals.forks, chronicle);
    text += wrap("  faults  ", grouped(faults.all()) + ": " + grouped(faults.translation) +
                                   " translation, " + grouped(faults.permission) + " permission, " +
                                   grouped(faults.access_flag) + " access flag, " +
                                   grouped(faults.alignment) + " alignment, " +
                                   grouped(faults.address_size + faults.other) + " other");
    text += wrap("  pages   ", grouped(vm.cow_copy) + " copied on write, " + grouped(vm.cow_reuse) +
                                   " left to the last sharer, " + grouped(vm.zero_fill) +
                                   " filled with zeros, " + grouped(vm.file_fill) + " from files");
    if (vm.frames_total != 0) {
        const std::string end = vm.frames_free_at_end == 0
                                    ? ""
                                    : ", " + grouped(vm.frames_free_at_end) + " free at the end";
        text += wrap("  frames  ", grouped(vm.frames_total) + " in all, " +
                                       grouped(vm.frames_free_at_boot) + " free after boot" + end);
    }
    text += wrap("  cycles  ", percent(user, all) + " user, " + percent(kernel, all) + " kernel, " +
                                   percent(idle, all) + " idle");
    return text;
}

} // namespace

std::string describe_end(const Totals& totals, const std::string& panic) {
    switch (totals.reason) {
    case RunEndReason::PowerOff:
        return "The guest powered off with status " + std::to_string(totals.guest_status);
    case RunEndReason::Panic:
        return "The kernel panicked" + (panic.empty() ? "" : " (" + panic + ")");
    case RunEndReason::Limit:
        return "The run reached its limit";
    case RunEndReason::Stopped:
        break;
    }
    return "The run was stopped";
}

void Account::on_event(const Event& event) {
    totals_.on_event(event);
    chronicle_.on_event(event);
    if (event.kind == kind_of(abi::ProbeId::BootDone)) {
        booted_ = event.cycle;
    } else if (event.kind == kind_of(abi::ProbeId::Panic)) {
        panic_ = text_of(event.arg);
    }
}

std::string Account::text() {
    chronicle_.finish();
    return headline(totals_, panic_, options_.cpu_hz, booted_) + "\nProcesses\n" +
           process_tree(chronicle_) + "\nWhat happened\n" +
           story(chronicle_, options_.full_record) + "\nTotals\n" +
           totals_text(totals_, chronicle_);
}

} // namespace forkscope
