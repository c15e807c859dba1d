// What the kernel did about a page, as its probes tell.
#pragma once

#include "event/event.hpp"

namespace forkscope {

enum class PageAction : u8 {
    None,
    Copy,      // cow_copy: the others keep the old frame
    Reuse,     // cow_reuse: the last sharer gets it as it is
    ZeroFill,  // zero_fill
    FileFill,  // file_fill
    Share,     // anon_map: a resident page, mapped as it is
    EagerCopy, // eager_copy: at fork, because it is wired
};

struct PageDecision {
    PageAction action = PageAction::None;
    u64 old_frame = 0;
    u64 frame = 0;
    u64 references = 0; // before the copy
    u64 offset = 0;     // in the file
};

// What `event` says was done about page arg[1] of process arg[0]; None if it is of
// another kind.
[[nodiscard]] PageDecision page_decision(const Event& event);

} // namespace forkscope
