// Panel 7: who ran when, and what happened then.
#pragma once

#include "model/selection.hpp"

namespace forkscope {

// What is to be seen: [begin, end) in `columns` columns (pixels, or characters), of
// `lanes` lanes from `first_lane` on. Things of one lane that fall into one column
// become one. With hundreds of processes only the lanes on the screen should be
// asked for: what is drawn is then bounded by the screen, not by the run.
struct TimelineRange {
    Cycle begin = 0;
    Cycle end = 0;
    unsigned columns = 100;
    std::size_t first_lane = 0;
    std::size_t lanes = ~std::size_t{0};
};

struct TimelineLane {
    u32 pid = 0;      // 0: the kernel's own
    std::string name; // "fork-demo (3)"
    unsigned colour = 0;
    Cycle born = 0;
    std::optional<Cycle> exited; // from here to `reaped` it is a zombie
    std::optional<Cycle> reaped;
    bool pinned = false;
    bool on_cpu = false;
};

struct LaneSpan {
    std::size_t lane = 0;
    Cycle begin = 0; // cut to the range
    Cycle end = 0;
    u32 merged = 1;  // spans in one column
    double busy = 1; // share of [begin, end) that it ran, and was not idle
};

struct LaneMark {
    std::size_t lane = 0;
    Cycle cycle = 0; // of the first, or of the picked one
    MarkKind kind = MarkKind::Fork;
    char letter = 'f';                     // mark_letter
    u32 merged = 1;                        // marks of this kind in one column
    u32 other = 0;                         // of the first: child of a fork, target of a signal
    std::optional<std::size_t> other_lane; // where a line may go to
    u64 event = 0;                         // likewise: number in the event log
    bool picked = false;                   // the picked fault, or what was done about it
};

struct TimelineBookmark {
    Cycle cycle = 0;
    std::string name;
};

struct TimelineModel {
    TimelineRange range;
    Cycle first = 0; // of what is known at all
    Cycle last = 0;
    // The kernel's, then in order of birth those that are there in the range: all of
    // them, but spans and marks only of the lanes asked for.
    std::vector<TimelineLane> lanes;
    std::vector<LaneSpan> spans;             // of each lane in order
    std::vector<LaneMark> marks;             // in order of cycle
    std::vector<TimelineBookmark> bookmarks; // in the range
    Cycle now = 0;
    u64 dropped = 0; // processes, spans and marks: too old to be kept
};

// f fork, e exec, x exit, r reap, ! fault, C copy, R reuse, s signal
char mark_letter(MarkKind kind);
std::string_view mark_name(MarkKind kind);

// All that is known.
TimelineRange whole_timeline(const Snapshot& snapshot, unsigned columns);

TimelineModel model_timeline(const Snapshot& snapshot, const Selection& selection,
                             const TimelineRange& range);
std::string text(const TimelineModel& model);

// What a mark says when the mouse is over it.
std::string hover(const Snapshot& snapshot, const TimelineModel& model, const LaneMark& mark);

} // namespace forkscope
