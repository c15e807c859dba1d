#include "model/fault_note.hpp"

#include "base/text.hpp"
#include "event/esr.hpp"
#include "model/space_walk.hpp"
#include "ui/guest_names.hpp"

namespace forkscope {

namespace {

std::string undecided_note(const FaultCard& fault, const std::string& page) {
    const char* access = is_instruction_abort(fault.esr) ? "fetch from "
                         : is_write_fault(fault.esr)     ? "write to "
                                                         : "read of ";
    const u64 frame = old_frame(fault);
    const char* refusal = is_write_fault(fault.esr) ? ", is read-only" : ", does not allow it";
    const std::string state = frame == 0 ? " is not there" : ", frame " + hex(frame) + refusal;
    return access + hex(fault.far) + " faults: " + page + state;
}

} // namespace

PageStory story_of(const FaultCard& fault) {
    PageStory story;
    if (fault.taken != 0) {
        story.esr = fault.esr;
    }
    story.address = fault.far;
    story.el = fault.el;
    story.action = fault.action;
    story.old_frame = fault.old_frame;
    story.frame = fault.new_frame;
    story.references = fault.references;
    story.offset = fault.offset;
    story.error = fault.error;
    story.handled = fault.resolved != 0;
    if (fault.descriptor_after != 0) {
        story.before = fault.descriptor_before;
        story.after = fault.descriptor_after;
        story.level = fault.level_after;
    }
    if (fault.taken != 0 && fault.resolved > fault.taken) {
        story.took = fault.resolved - fault.taken;
    }
    return story;
}

bool is_undecided(const FaultCard& fault) {
    return fault.action == PageAction::None && fault.error == 0 && fault.resolved == 0;
}

std::string fault_note(const FaultCard& fault) {
    const std::string page = "page " + hex(align_down(fault.far, kPageSize));
    const std::string frame = "frame " + hex(fault.new_frame);
    const std::string change = "frame " + hex(fault.old_frame) + " -> " + hex(fault.new_frame);
    if (fault.error != 0) {
        return page + " refused with " + describe_errno(fault.error);
    }
    switch (fault.action) {
    case PageAction::Copy:
        return page + " copied: " + change;
    case PageAction::Reuse:
        return page + " made writable, nothing copied: " + frame + " had no other user";
    case PageAction::ZeroFill:
        return page + " filled with zeros: " + frame;
    case PageAction::FileFill:
        return page + " from its file: " + frame;
    case PageAction::Share:
        return page + " was in memory already: " + frame + " mapped";
    case PageAction::EagerCopy:
        return page + " copied at once: " + change;
    case PageAction::None:
        break;
    }
    return is_undecided(fault) ? undecided_note(fault, page) : page + ": no new frame was needed";
}

} // namespace forkscope
