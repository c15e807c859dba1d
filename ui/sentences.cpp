#include "ui/sentences.hpp"

#include "base/text.hpp"
#include "event/esr.hpp"
#include "ui/bit_fields.hpp"
#include "ui/descriptor_text.hpp"
#include "ui/guest_names.hpp"
#include "ui/words.hpp"

namespace forkscope {

namespace {

using Action = PageStory::Action;

std::string verb(const PageStory& story) {
    if (!story.esr) {
        return "used";
    }
    return is_instruction_abort(*story.esr) ? "ran" : is_write_fault(*story.esr) ? "wrote" : "read";
}

// "fork-demo (3) wrote 0x7ffe010", "the kernel wrote 0x7ffe010 for fork-demo (3)".
std::string access(const ChronicleEntry& entry, const PageStory& story) {
    const std::string what = verb(story) + " " + hex(story.address);
    const bool by_kernel = !story.esr || story.el != 0;
    if (entry.who.pid == 0) {
        return (by_kernel ? "the kernel " : "user code ") + what;
    }
    if (!by_kernel) {
        return describe_actor(entry.who) + " " + what;
    }
    return "the kernel " + what + " for " + describe_actor(entry.who);
}

std::string cost(const PageStory& story) {
    return story.took ? "; " + plural(*story.took, "cycle") : "";
}

std::string references(u64 count) {
    return " (" + plural(count, "reference") + ")";
}

// What changed in the descriptor, on one line where only the permission did.
std::vector<std::string> descriptors(const PageStory& story) {
    if (!story.before) {
        return {};
    }
    const auto level = static_cast<unsigned>(story.level);
    const std::string was = describe_descriptor(*story.before, level);
    const std::string is = describe_descriptor(story.after, level);
    const std::string was_allowed = was.substr(0, was.find(','));
    const std::string is_allowed = is.substr(0, is.find(','));
    if (was.substr(was_allowed.size()) == is.substr(is_allowed.size())) {
        return {"descriptor " + hex16(*story.before) + " " + was_allowed + " -> " +
                hex16(story.after) + " " + is_allowed};
    }
    return {"descriptor before " + hex16(*story.before) + " " + was,
            "descriptor after  " + hex16(story.after) + " " + is};
}

std::vector<std::string> tell_copy(const ChronicleEntry& entry, const PageStory& story) {
    const bool reuse = story.action == Action::Reuse;
    std::string first = access(entry, story);
    first += reuse ? ", as the last sharer" : ", a shared page";
    if (story.esr) {
        first += ": " + fault_words(*story.esr);
    }
    std::vector<std::string> lines = {first};
    lines.push_back(reuse ? "frame " + hex(story.frame) +
                                " has no other user: made writable, nothing copied" + cost(story)
                          : "frame " + hex(story.old_frame) + references(story.references) +
                                " copied to frame " + hex(story.frame) + cost(story));
    const std::vector<std::string> details = descriptors(story);
    lines.insert(lines.end(), details.begin(), details.end());
    return lines;
}

std::string tell_eager_copy(const ChronicleEntry& entry, const PageStory& story) {
    return "the kernel copied " + hex(story.address) + " for " + describe_actor(entry.who) +
           " at once, because it is wired: frame " + hex(story.old_frame) + " to frame " +
           hex(story.frame);
}

// "frame 0x41300000 filled with zeros"
std::string filling(const PageStory& story) {
    const std::string frame = "frame " + hex(story.frame);
    if (story.action == Action::ZeroFill) {
        return frame + " filled with zeros";
    }
    if (story.action == Action::FileFill) {
        return frame + " from its file at " + hex(story.offset);
    }
    return frame + references(story.references) + " mapped";
}

std::vector<std::string> tell_first_touch(const ChronicleEntry& entry, const PageStory& story) {
    std::string first = access(entry, story) + ", not there yet";
    if (story.esr) {
        first += ": " + fault_words(*story.esr);
    }
    std::string second = filling(story);
    if (story.before) {
        second += ", " + describe_descriptor(story.after, static_cast<unsigned>(story.level));
    }
    return {first, second + cost(story)};
}

std::vector<std::string> tell_other_fault(const ChronicleEntry& entry, const PageStory& story) {
    std::string text = access(entry, story);
    text += story.esr ? ": " + fault_words(*story.esr) : "";
    if (story.error != 0) {
        return {text + "; refused with " + describe_errno(story.error) + cost(story)};
    }
    if (!story.handled) {
        return {text};
    }
    std::vector<std::string> lines = {text + "; resolved without a new frame" + cost(story)};
    const std::vector<std::string> details = descriptors(story);
    lines.insert(lines.end(), details.begin(), details.end());
    return lines;
}

std::vector<std::string> tell(const ChronicleEntry& entry, const PageStory& story) {
    if (story.action == Action::EagerCopy) {
        return {tell_eager_copy(entry, story)};
    }
    if (story.is_copy()) {
        return tell_copy(entry, story);
    }
    if (story.is_first_touch()) {
        return tell_first_touch(entry, story);
    }
    return tell_other_fault(entry, story);
}

std::vector<std::string> tell(const ChronicleEntry& entry, const ForkCall& fork) {
    const std::string call = describe_actor(entry.who) + " called " + std::string(fork.call) + "()";
    if (fork.error != 0) {
        return {call + ": refused with " + describe_errno(fork.error)};
    }
    std::string text = call + ": ";
    text += fork.child != 0 ? "child " + std::to_string(fork.child) : "no child yet";
    if (fork.shares_memory) {
        text += ", which shares its memory";
    } else if (fork.pages_protected) {
        text += "; " + plural(*fork.pages_protected, "page") + " turned read-only";
    }
    return {text + (fork.took ? "; took " + plural(*fork.took, "cycle") : "; has not returned")};
}

std::vector<std::string> tell(const ChronicleEntry& entry, const Birth&) {
    return {"the kernel made process " + std::to_string(entry.who.pid)};
}

std::vector<std::string> tell(const ChronicleEntry& entry, const Exec& exec) {
    const std::string before = describe_actor({entry.who.pid, exec.former_name});
    return {before + " became " + entry.who.name};
}

std::vector<std::string> tell(const ChronicleEntry& entry, const Exit& exit) {
    return {describe_actor(entry.who) + " ended: " + describe_wait_status(exit.wait_status)};
}

std::vector<std::string> tell(const ChronicleEntry& entry, const Adoption& adoption) {
    return {describe_actor(entry.who) + " lost its parent and went to " +
            describe_actor(adoption.parent)};
}

std::vector<std::string> tell(const ChronicleEntry& entry, const MoreTouches& more) {
    std::string text = "... " + describe_actor(entry.who) + " touched ";
    text += plural(more.zero_fill + more.file_fill + more.share, "more absent page") + ": ";
    const char* separator = "";
    const auto part = [&](u64 count, const char* what) {
        if (count != 0) {
            text += separator + grouped(count) + what;
            separator = ", ";
        }
    };
    part(more.zero_fill, " filled with zeros");
    part(more.file_fill, " from its file");
    part(more.share, " from frames there already");
    return {text};
}

} // namespace

std::vector<std::string> tell_entry(const ChronicleEntry& entry) {
    return std::visit([&](const auto& what) { return tell(entry, what); }, entry.what);
}

std::string describe_wait_status(u64 status) {
    const u64 signal = status & 0x7f;
    return signal == 0 ? "exit status " + std::to_string((status >> 8) & 0xff)
                       : "killed by signal " + std::to_string(signal);
}

std::string short_wait_status(u64 status) {
    const u64 signal = status & 0x7f;
    return signal == 0 ? "exit " + std::to_string((status >> 8) & 0xff)
                       : "signal " + std::to_string(signal);
}

std::string describe_actor(const Actor& actor) {
    if (actor.pid == 0) {
        return "the kernel";
    }
    if (actor.name.empty()) {
        return "process " + std::to_string(actor.pid);
    }
    return actor.name + " (" + std::to_string(actor.pid) + ")";
}

} // namespace forkscope
