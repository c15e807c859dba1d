#include "model/timeline.hpp"

#include "base/text.hpp"
#include "model/event_sentence.hpp"
#include "model/fault_note.hpp"
#include "model/focus.hpp"
#include "model/names.hpp"
#include "ui/columns.hpp"
#include "ui/sentences.hpp"
#include "ui/words.hpp"

#include <algorithm>
#include <bit>

namespace forkscope {

namespace {

constexpr std::size_t kMarkKinds = 8;
constexpr std::size_t kNameColumns = 20; // as text
constexpr unsigned kTextColumns = 76;
constexpr std::size_t kMostLanes = 40; // as text
constexpr std::size_t kNone = ~std::size_t{0};

// The first entry of the log for which `after(entry)` holds, which then holds for
// all that follow.
template <class T, class After>
u64 first_where(const typename SharedLog<T>::View& log, After after) {
    u64 low = log.begin();
    u64 high = log.end();
    while (low < high) {
        const u64 middle = low + (high - low) / 2;
        if (after(log[middle])) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

// Which lane a process has at a moment. Pids are used again. Asked for each of a
// hundred thousand spans: a hash table of our own, without a pointer to follow.
class LaneFinder {
public:
    explicit LaneFinder(const std::vector<TimelineLane>& lanes)
        : lanes_(lanes), slots_(std::bit_ceil(2 * lanes.size() + 1), kNone),
          earlier_(lanes.size(), kNone) {
        for (std::size_t lane = 0; lane < lanes.size(); ++lane) {
            std::size_t& slot = slots_[slot_of(lanes[lane].pid)];
            earlier_[lane] = slot;
            slot = lane;
        }
    }

    [[nodiscard]] std::size_t find(u32 pid, Cycle cycle) const {
        std::size_t lane = slots_[slot_of(pid)];
        while (lane != kNone && lanes_[lane].born > cycle && earlier_[lane] != kNone) {
            lane = earlier_[lane];
        }
        return lane;
    }

private:
    // The slot of `pid`, or the one where it would be.
    [[nodiscard]] std::size_t slot_of(u32 pid) const {
        std::size_t slot = pid & (slots_.size() - 1);
        while (slots_[slot] != kNone && lanes_[slots_[slot]].pid != pid) {
            slot = (slot + 1) & (slots_.size() - 1);
        }
        return slot;
    }

    const std::vector<TimelineLane>& lanes_;
    std::vector<std::size_t> slots_;   // the pid's last lane
    std::vector<std::size_t> earlier_; // by lane: the one before of its pid
};

class TimelineBuilder {
public:
    TimelineBuilder(const Snapshot& snapshot, const Selection& selection,
                    const TimelineRange& range)
        : snapshot_(snapshot), selection_(selection), range_(range) {
        range_.columns = std::max(range_.columns, 1U);
        range_.end = std::max(range_.end, range_.begin + 1);
        scale_ = range_.columns / static_cast<double>(range_.end - range_.begin);
        add_lanes();
        finder_.emplace(model_.lanes);
    }

    TimelineModel build() {
        model_.range = range_;
        const TimelineRange whole = whole_timeline(snapshot_, 1);
        model_.first = whole.begin;
        model_.last = whole.end;
        model_.now = snapshot_.control.cycle;
        model_.dropped =
            snapshot_.dropped_processes + snapshot_.spans.begin() + snapshot_.marks.begin();
        add_spans();
        add_marks();
        for (const Bookmark& bookmark : selection_.bookmarks) {
            if (bookmark.cycle >= range_.begin && bookmark.cycle < range_.end) {
                model_.bookmarks.push_back({bookmark.cycle, printable(bookmark.name)});
            }
        }
        return std::move(model_);
    }

private:
    // A column's worth of short spans of one lane.
    struct Pending {
        unsigned column = 0;
        u32 spans = 0;
        Cycle begin = 0;
        Cycle end = 0;
        double busy = 0; // cycles
    };

    void add_lanes() {
        const u32 pinned = pinned_pid(snapshot_, selection_);
        const u32 on_cpu = snapshot_.cpu.pid;
        TimelineLane kernel;
        kernel.name = "the kernel";
        kernel.on_cpu = on_cpu == 0;
        model_.lanes.push_back(std::move(kernel));
        for (const ProcessView& process : snapshot_.processes) {
            const bool before = process.reaped && *process.reaped < range_.begin;
            if (before || process.born >= range_.end || process.pid == 0) {
                continue;
            }
            TimelineLane lane;
            lane.pid = process.pid;
            lane.name = describe_actor({process.pid, printable(process.name)});
            lane.colour = palette_index(process.pid);
            lane.born = process.born;
            lane.exited = process.exited;
            lane.reaped = process.reaped;
            lane.pinned = process.pid == pinned && process.state != ProcessState::Gone;
            lane.on_cpu = process.pid == on_cpu && process.state != ProcessState::Gone;
            model_.lanes.push_back(std::move(lane));
        }
    }

    [[nodiscard]] unsigned column(Cycle cycle) const {
        const auto offset = static_cast<double>(cycle - std::min(cycle, range_.begin));
        return std::min(static_cast<unsigned>(offset * scale_), range_.columns - 1);
    }

    // The lane, if it is asked for.
    [[nodiscard]] std::size_t shown_lane(u32 pid, Cycle cycle) const {
        const std::size_t lane = finder_->find(pid, cycle);
        return lane != kNone && lane >= range_.first_lane && lane - range_.first_lane < range_.lanes
                   ? lane
                   : kNone;
    }

    void add_spans() {
        const auto& log = snapshot_.spans;
        pending_.resize(model_.lanes.size());
        const u64 first = first_where<TimelineSpan>(
            log, [&](const TimelineSpan& span) { return span.end > range_.begin; });
        for (u64 i = first; i < log.end() && log[i].begin < range_.end; ++i) {
            add_span(log[i]);
        }
        const TimelineSpan open{snapshot_.span_began, snapshot_.control.cycle, snapshot_.cpu.pid,
                                snapshot_.span_idle};
        if (open.end > range_.begin && open.begin < range_.end) {
            add_span(open);
        }
        for (std::size_t lane = 0; lane < pending_.size(); ++lane) {
            flush(lane);
        }
    }

    void add_span(const TimelineSpan& span) {
        const Cycle begin = std::max(span.begin, range_.begin);
        const Cycle end = std::min(span.end, range_.end);
        const std::size_t lane = shown_lane(span.pid, begin);
        if (lane == kNone || begin >= end) {
            return;
        }
        const unsigned at = column(begin);
        Pending& pending = pending_[lane];
        if (pending.spans != 0 && pending.column != at) {
            flush(lane);
        }
        const double share = busy_share(span);
        if (column(end - 1) != at) {
            flush(lane);
            model_.spans.push_back({lane, begin, end, 1, share});
            return;
        }
        if (pending.spans == 0) {
            pending = {at, 0, begin, end, 0};
        }
        ++pending.spans;
        pending.end = end;
        pending.busy += share * static_cast<double>(end - begin);
    }

    static double busy_share(const TimelineSpan& span) {
        return 1 - static_cast<double>(span.idle) / static_cast<double>(span.end - span.begin);
    }

    void flush(std::size_t lane) {
        Pending& pending = pending_[lane];
        if (pending.spans != 0) {
            const double busy = pending.busy / static_cast<double>(pending.end - pending.begin);
            model_.spans.push_back({lane, pending.begin, pending.end, pending.spans, busy});
            pending.spans = 0;
        }
    }

    void add_marks() {
        const auto& log = snapshot_.marks;
        const FaultCard* fault = picked_fault(snapshot_, selection_);
        last_mark_.assign(model_.lanes.size() * kMarkKinds, kNone);
        const u64 first = first_where<TimelineMark>(
            log, [&](const TimelineMark& mark) { return mark.cycle >= range_.begin; });
        for (u64 i = first; i < log.end() && log[i].cycle < range_.end; ++i) {
            add_mark(log[i], fault);
        }
    }

    void add_mark(const TimelineMark& mark, const FaultCard* fault) {
        const std::size_t lane = shown_lane(mark.pid, mark.cycle);
        if (lane == kNone) {
            return;
        }
        const bool picked =
            fault != nullptr && mark.pid == fault->pid &&
            (mark.event == fault->event ||
             (mark.kind != MarkKind::Fault && fault->decided != 0 && mark.cycle == fault->decided));
        std::size_t& last =
            last_mark_[lane * kMarkKinds +
                       std::min<std::size_t>(static_cast<std::size_t>(mark.kind), kMarkKinds - 1)];
        if (last != kNone && column(model_.marks[last].cycle) == column(mark.cycle)) {
            ++model_.marks[last].merged;
            if (picked) {
                model_.marks[last].picked = true;
                model_.marks[last].cycle = mark.cycle;
                model_.marks[last].event = mark.event;
            }
            return;
        }
        last = model_.marks.size();
        LaneMark shown;
        shown.lane = lane;
        shown.cycle = mark.cycle;
        shown.kind = mark.kind;
        shown.letter = mark_letter(mark.kind);
        shown.other = mark.other;
        if (mark.other != 0) {
            const std::size_t other = finder_->find(mark.other, mark.cycle);
            shown.other_lane = other != kNone ? std::optional(other) : std::nullopt;
        }
        shown.event = mark.event;
        shown.picked = picked;
        model_.marks.push_back(shown);
    }

    const Snapshot& snapshot_;
    const Selection& selection_;
    TimelineRange range_;
    TimelineModel model_;
    std::optional<LaneFinder> finder_;
    double scale_ = 0;                   // columns in a cycle
    std::vector<Pending> pending_;       // by lane
    std::vector<std::size_t> last_mark_; // in model_.marks, by lane and kind
};

// Columns of text: what a lane shows at each.
class LanePainter {
public:
    explicit LanePainter(const TimelineModel& model) : model_(model) {
        const std::string blank(kTextColumns, ' ');
        for (const TimelineLane& lane : model.lanes) {
            lines_.push_back(blank);
            paint_life(lane, lines_.back());
        }
        for (const LaneSpan& span : model.spans) {
            paint(lines_[span.lane], span.begin, span.end,
                  span.busy > 0.5    ? '='
                  : span.busy > 0.02 ? '-'
                                     : '.');
        }
        for (const LaneMark& mark : model.marks) {
            lines_[mark.lane][column(mark.cycle)] = mark.letter;
        }
    }

    [[nodiscard]] const std::string& line(std::size_t lane) const { return lines_[lane]; }

private:
    [[nodiscard]] std::size_t column(Cycle cycle) const {
        const TimelineRange& range = model_.range;
        const double share = static_cast<double>(cycle - std::min(cycle, range.begin)) /
                             static_cast<double>(range.end - range.begin);
        return std::min<std::size_t>(static_cast<std::size_t>(share * kTextColumns),
                                     kTextColumns - 1);
    }

    void paint(std::string& line, Cycle begin, Cycle end, char c) const {
        if (begin < end && end > model_.range.begin && begin < model_.range.end) {
            const std::size_t first = column(begin);
            std::fill_n(line.begin() + static_cast<std::ptrdiff_t>(first),
                        column(end - 1) - first + 1, c);
        }
    }

    void paint_life(const TimelineLane& lane, std::string& line) const {
        const Cycle end = lane.reaped.value_or(model_.now);
        paint(line, lane.born, lane.exited.value_or(end), '.');
        if (lane.exited) {
            paint(line, *lane.exited, end, 'z');
        }
    }

    const TimelineModel& model_;
    std::vector<std::string> lines_;
};

} // namespace

char mark_letter(MarkKind kind) {
    return "fexr!CRs"[std::min<std::size_t>(static_cast<std::size_t>(kind), kMarkKinds - 1)];
}

std::string_view mark_name(MarkKind kind) {
    constexpr std::array<std::string_view, kMarkKinds> names = {"fork",  "exec", "exit",  "reap",
                                                                "fault", "copy", "reuse", "signal"};
    return names[std::min<std::size_t>(static_cast<std::size_t>(kind), kMarkKinds - 1)];
}

TimelineRange whole_timeline(const Snapshot& snapshot, unsigned columns) {
    TimelineRange range{snapshot.control.cycle, snapshot.control.cycle, columns};
    if (!snapshot.spans.empty()) {
        range.begin = std::min(range.begin, snapshot.spans[snapshot.spans.begin()].begin);
    }
    if (!snapshot.marks.empty()) {
        range.begin = std::min(range.begin, snapshot.marks[snapshot.marks.begin()].cycle);
        range.end = std::max(range.end, snapshot.marks[snapshot.marks.end() - 1].cycle);
    }
    range.end = std::max(range.end, range.begin) + 1;
    return range;
}

TimelineModel model_timeline(const Snapshot& snapshot, const Selection& selection,
                             const TimelineRange& range) {
    return TimelineBuilder(snapshot, selection, range).build();
}

std::string hover(const Snapshot& snapshot, const TimelineModel& model, const LaneMark& mark) {
    std::string text = "cycle " + grouped(mark.cycle) + ": ";
    const auto& events = snapshot.events;
    if (mark.event >= events.begin() && mark.event < events.end()) {
        text += event_sentence(events[mark.event], Names(snapshot));
    } else {
        text += std::string(mark_name(mark.kind)) + " of " + model.lanes[mark.lane].name;
    }
    return text + (mark.merged > 1 ? ", and " + grouped(mark.merged - 1) + " more" : "");
}

std::string text(const TimelineModel& model) {
    std::string text = wrap(
        "  ", "Cycles " + grouped(model.range.begin) + " to " + grouped(model.range.end) + ", " +
                  grouped((model.range.end - model.range.begin) / kTextColumns) + " in a column.");
    text += wrap(
        "  ", "= runs, - runs now and then, . is there or idle, z zombie; f fork, e exec, x exit, "
              "r reaped, ! fault, C copy, R reuse, s signal.");
    const LanePainter painter(model);
    for (std::size_t i = 0; i < std::min(model.lanes.size(), kMostLanes); ++i) {
        const TimelineLane& lane = model.lanes[i];
        text += (lane.pinned ? "> " : "  ") +
                pad_right(clip(lane.name, kNameColumns), kNameColumns) + " " + painter.line(i);
        text.erase(text.find_last_not_of(' ') + 1);
        text += '\n';
    }
    if (model.lanes.size() > kMostLanes) {
        text += "  ... and " + grouped(model.lanes.size() - kMostLanes) + " more processes\n";
    }
    if (model.dropped != 0) {
        text +=
            wrap("  ", "Older processes, spans and marks dropped: " + grouped(model.dropped) + ".");
    }
    for (const TimelineBookmark& bookmark : model.bookmarks) {
        text += wrap("  ", "Bookmark at " + grouped(bookmark.cycle) + ": " + bookmark.name + ".");
    }
    for (const LaneMark& mark : model.marks) {
        if (mark.picked) {
            text += wrap("  ", "Picked: " + std::string(mark_name(mark.kind)) + " of " +
                                   model.lanes[mark.lane].name + " at cycle " +
                                   grouped(mark.cycle) + ".");
        }
    }
    return text;
}

} // namespace forkscope
