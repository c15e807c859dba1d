#include "model/fault_inspector.hpp"

#include "base/text.hpp"
#include "event/esr.hpp"
#include "model/fault_note.hpp"
#include "model/focus.hpp"
#include "model/names.hpp"
#include "model/space_walk.hpp"
#include "ui/columns.hpp"
#include "ui/descriptor_text.hpp"
#include "ui/guest_names.hpp"
#include "ui/sentences.hpp"
#include "ui/text_table.hpp"
#include "ui/words.hpp"

#include <algorithm>

namespace forkscope {

namespace {

// What the account says after its first line, but for the descriptors.
std::string outcome(const FaultCard& fault, const std::vector<std::string>& told) {
    if (is_undecided(fault)) {
        return "The kernel has not decided yet.";
    }
    if (fault.error != 0) {
        return "Refused with " + describe_errno(fault.error) + ".";
    }
    if (fault.action == PageAction::None) {
        return "Resolved without a new frame.";
    }
    std::string text = told.size() > 1 ? told[1] : fault_note(fault);
    text[0] = static_cast<char>(text[0] >= 'a' && text[0] <= 'z' ? text[0] - 'a' + 'A' : text[0]);
    return text + ".";
}

std::string far_words(const Snapshot& snapshot, const FaultCard& fault) {
    const std::string page = "page " + hex(align_down(fault.far, kPageSize));
    if (is_upper(fault.far)) {
        return page + ", in the kernel's half";
    }
    const ProcessView* process = snapshot.process(fault.pid);
    const RegionView* region = process != nullptr && process->space != nullptr
                                   ? process->space->region(fault.far)
                                   : nullptr;
    if (region == nullptr) {
        return page;
    }
    const u8 may = region->protection;
    return page + " of the region " + hex(region->start) + " to " + hex(region->end) + ", " +
           ((may & 1) != 0 ? "r" : "-") + ((may & 2) != 0 ? "w" : "-") +
           ((may & 4) != 0 ? "x" : "-");
}

const char* vector_words(const FaultCard& fault) {
    return fault.el == 0 ? "to VBAR_EL1 + 0x400: synchronous, from EL0"
                         : "to VBAR_EL1 + 0x200: synchronous, from EL1";
}

void set_descriptors(const FaultCard& fault, u64 mair, FaultInspectorModel& model) {
    model.before = fault.descriptor_before;
    model.level_before = static_cast<unsigned>(fault_level(fault.esr));
    model.before_words = describe_descriptor(model.before, model.level_before);
    model.before_fields = descriptor_fields(model.before, model.level_before, mair);
    model.level_after = fault.level_after;
    if (fault.descriptor_after != 0) {
        model.after = fault.descriptor_after;
        model.after_words = describe_descriptor(*model.after, model.level_after);
        model.after_fields = descriptor_fields(*model.after, model.level_after, mair);
        mark_changes(model.after_fields, model.before_fields);
        model.changed = describe_changes(model.before, model.after_fields);
    }
}

FaultFrame frame_words(const Snapshot& snapshot, u64 physical, const std::string& was) {
    const FrameView* frame =
        snapshot.frames != nullptr ? snapshot.frames->frame(physical) : nullptr;
    const std::string now = frame == nullptr || frame->mappings == 0
                                ? "no space maps it now"
                                : plural(frame->mappings, "space") +
                                      (frame->mappings == 1 ? " maps it now" : " map it now");
    return {physical, was.empty() ? now : was + "; " + now};
}

void set_frames(const Snapshot& snapshot, const FaultCard& fault, FaultInspectorModel& model) {
    model.references = fault.references;
    const u64 old = old_frame(fault);
    const bool kept = old != 0 && fault.new_frame == old;
    std::string had = fault.references == 0 ? "" : "had " + plural(fault.references, "reference");
    if (kept) {
        had += had.empty() ? "kept" : ", kept";
    }
    if (old != 0) {
        model.old_frame = frame_words(snapshot, old, had);
    }
    if (fault.new_frame != 0 && !kept) {
        model.new_frame = frame_words(snapshot, fault.new_frame, "");
    }
}

const char* decision_words(PageAction action) {
    switch (action) {
    case PageAction::Copy:
        return "uvm:::cow_copy: the page is copied";
    case PageAction::Reuse:
        return "uvm:::cow_reuse: nobody else has it, no copy";
    case PageAction::ZeroFill:
        return "uvm:::zero_fill: a frame of zeros";
    case PageAction::FileFill:
        return "uvm:::file_fill: the file's page";
    case PageAction::Share:
        return "uvm:::anon_map: a resident page";
    case PageAction::EagerCopy:
        return "uvm:::eager_copy: wired, copied at once";
    case PageAction::None:
        break;
    }
    return "no probe told of a page";
}

void set_path(const FaultCard& fault, FaultInspectorModel& model) {
    const auto moment = [](Cycle cycle) {
        return cycle != 0 ? std::optional(cycle) : std::nullopt;
    };
    const std::string refused = fault.error == 0 ? "" : ": " + describe_errno(fault.error);
    const char* words = is_undecided(fault) ? "not yet" : decision_words(fault.action);
    const FaultStep decision = {"kernel decides", words, moment(fault.decided), {}};
    if (!model.faulted) {
        model.path = {decision};
        return;
    }
    model.path = {
        {"hardware", "the MMU refuses: " + fault_words(fault.esr), moment(fault.taken), {}},
        {"vector", vector_words(fault), moment(fault.taken), {}},
        decision,
        {"kernel is done", "uvm:::fault_return" + refused, moment(fault.resolved), {}},
        {"return", "ERET: the instruction runs again", moment(fault.returned), {}}};
    std::optional<Cycle> last;
    for (FaultStep& step : model.path) {
        if (step.cycle && last && *step.cycle >= *last) {
            step.cycles = *step.cycle - *last;
        }
        last = step.cycle ? step.cycle : last;
    }
    if (fault.returned > fault.taken) {
        model.took = fault.returned - fault.taken;
    }
}

std::string descriptor_line(const char* name, u64 raw, unsigned level, const std::string& words) {
    return wrap("  ", "Descriptor " + std::string(name) + " " + hex16(raw) + ", level " +
                          std::to_string(level) + ": " + words + ".");
}

std::string registers_text(const FaultInspectorModel& model) {
    const std::string in = model.symbol.empty() ? "" : " (" + model.symbol + ")";
    return wrap("  ", "Instruction at " + hex(model.pc) + in + ": " + model.code) + "  ESR_EL1 " +
           hex(model.esr) + ":\n" + fields_text(model.esr_fields) +
           wrap("  ", "FAR_EL1 " + hex(model.far) + ": " + model.far_words + ".");
}

std::string descriptors_text(const FaultInspectorModel& model) {
    std::string text =
        descriptor_line("before", model.before, model.level_before, model.before_words);
    if (!model.after) {
        return text + "  Descriptor after: not seen" + (model.open ? " yet.\n" : ".\n");
    }
    text += descriptor_line("after ", *model.after, model.level_after, model.after_words);
    text += fields_text(model.after_fields);
    return text + wrap("  ", "Changed: " + model.changed + ".");
}

std::string frames_text(const FaultInspectorModel& model) {
    std::string text;
    if (model.old_frame) {
        text +=
            wrap("  ", (model.new_frame ? "Old frame " : "Frame ") +
                           hex(model.old_frame->physical) + ": " + model.old_frame->words + ".");
    }
    if (model.new_frame) {
        text += wrap("  ", "New frame " + hex(model.new_frame->physical) + ": " +
                               model.new_frame->words + ".");
    }
    return text;
}

std::string path_text(const FaultInspectorModel& model) {
    TextTable table({{"step"}, {"at cycle", true}, {"cycles", true}, {"what"}});
    for (const FaultStep& step : model.path) {
        table.add({step.name, step.cycle ? grouped(*step.cycle) : "-",
                   step.cycles ? "+" + grouped(*step.cycles) : "", step.words});
    }
    return table.text() + (model.took ? "  " + plural(*model.took, "cycle") + " in all.\n" : "");
}

} // namespace

FaultInspectorModel model_fault_inspector(const Snapshot& snapshot, const Selection& selection) {
    FaultInspectorModel model;
    const FaultCard* fault = picked_fault(snapshot, selection, &model.number);
    const u64 last = snapshot.faults.end() + (snapshot.open_fault ? 1 : 0); // beyond
    if (model.number > snapshot.faults.begin() && model.number <= last) {
        model.previous = model.number - 1;
    }
    if (model.number + 1 < last) {
        model.next = std::max(model.number + 1, snapshot.faults.begin());
    }
    model.dropped = snapshot.faults.begin();
    if (fault == nullptr) {
        return model;
    }
    const ChronicleEntry entry{fault->taken,
                               {fault->pid, std::string(Names(snapshot).name(fault->pid))},
                               story_of(*fault)};
    const std::vector<std::string> told = tell_entry(entry);
    model.present = true;
    model.open = model.number == snapshot.faults.end();
    model.faulted = fault->taken != 0;
    model.pid = fault->pid;
    model.action = fault->action;
    model.headline = told.front();
    model.outcome = outcome(*fault, told);
    set_frames(snapshot, *fault, model);
    set_path(*fault, model);
    model.far = fault->far;
    model.far_words = far_words(snapshot, *fault);
    if (!model.faulted) {
        return model;
    }
    model.pc = fault->pc;
    model.instruction = fault->instruction;
    model.code = is_instruction_abort(fault->esr) ? "not fetched, the fetch itself faulted"
                 : fault->code.empty()            ? ".word " + hex(fault->instruction)
                                                  : printable(fault->code);
    model.symbol = printable(fault->symbol);
    model.esr = fault->esr;
    model.esr_fields = esr_fields(fault->esr);
    set_descriptors(*fault, snapshot.cpu.mair, model);
    return model;
}

std::string text(const FaultInspectorModel& model) {
    if (!model.present) {
        return "  No page fault is known.\n";
    }
    std::string text = wrap("  ", "Fault " + grouped(model.number) + ": " + model.headline + ".");
    text += wrap("  ", model.outcome);
    if (model.faulted) {
        text += registers_text(model) + descriptors_text(model);
    }
    text += frames_text(model) + path_text(model);
    return text + (model.dropped == 0
                       ? ""
                       : wrap("  ", "Older faults dropped: " + grouped(model.dropped) + "."));
}

} // namespace forkscope
