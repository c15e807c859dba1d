// Panel 8: the event record in sentences.
#pragma once

#include "model/event_filter.hpp"
#include "model/names.hpp"
#include "model/selection.hpp"

#include <deque>

namespace forkscope {

struct EventRow {
    u64 number = 0; // in the event log
    Cycle cycle = 0;
    u32 pid = 0;
    unsigned colour = 0;   // palette_index of pid
    std::string_view kind; // "fault", "proc:::create"
    std::string sentence;
    bool os_event = false;
    bool picked = false; // belongs to the picked fault
};

// Remembers which events pass the filter, and looks only at new ones: call
// `update` for each snapshot. Events are looked at a few thousand an update, the
// newest first. A filter that is in error shows what the one before it did.
class EventLogModel {
public:
    void update(const Snapshot& snapshot, const Selection& selection);

    [[nodiscard]] std::size_t size() const { return shown_.size(); }
    // In order of their cycles. The sentence is made here.
    [[nodiscard]] EventRow row(std::size_t index) const;
    // The first row whose event's number is at least `number`; size() if none.
    [[nodiscard]] std::size_t find(u64 number) const;

    [[nodiscard]] const std::string& error() const { return error_; } // of the filter; or empty
    [[nodiscard]] bool complete() const { return oldest_ == events_.begin(); }
    [[nodiscard]] u64 known() const { return events_.end() - events_.begin(); } // events
    [[nodiscard]] u64 dropped() const { return events_.begin(); } // too old to be kept

private:
    void set_filter(const std::string& text);
    void look_at_new();
    void look_at_old();
    [[nodiscard]] bool shows(u64 number) const;
    [[nodiscard]] u64 budget() const; // events to look at in an update

    SharedLog<Event>::View events_;
    Names names_;
    std::string text_; // of filter_
    EventFilter filter_;
    std::string error_;
    std::deque<u64> shown_; // numbers, in ascending order
    u64 oldest_ = 0;        // [oldest_, newest_) has been looked at
    u64 newest_ = 0;
    // Of the picked fault: its first event, its process, and its end.
    struct Picked {
        u64 event = 0;
        u32 pid = 0;
        Cycle end = 0;
    };
    std::optional<Picked> picked_;
};

// Everything looked at.
EventLogModel model_event_log(const Snapshot& snapshot, const Selection& selection);
// The last `most` rows.
std::string text(const EventLogModel& model, std::size_t most = ~std::size_t{0});

} // namespace forkscope
