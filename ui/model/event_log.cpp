#include "model/event_log.hpp"

#include "base/text.hpp"
#include "model/event_sentence.hpp"
#include "model/focus.hpp"
#include "ui/columns.hpp"
#include "ui/words.hpp"

#include <algorithm>

namespace forkscope {

namespace {

// Events looked at in one update: in about a millisecond either way.
constexpr u64 kBudget = 100'000;
constexpr u64 kBudgetForWords = 2'000;
constexpr std::size_t kCycleColumns = 15;

} // namespace

u64 EventLogModel::budget() const {
    return filter_.ignores_words() ? kBudget : kBudgetForWords;
}

void EventLogModel::update(const Snapshot& snapshot, const Selection& selection) {
    const bool other_run = snapshot.events.end() < newest_;
    events_ = snapshot.events;
    names_ = Names(snapshot);
    if (other_run || selection.filter != text_) {
        set_filter(selection.filter);
    }
    picked_.reset();
    if (const FaultCard* fault = picked_fault(snapshot, selection)) {
        const Cycle end =
            std::max({fault->taken, fault->decided, fault->resolved, fault->returned});
        const bool open = fault == (snapshot.open_fault ? &*snapshot.open_fault : nullptr);
        picked_ = {fault->event, fault->pid, open ? snapshot.control.cycle : end};
    }
    while (!shown_.empty() && shown_.front() < events_.begin()) {
        shown_.pop_front();
    }
    look_at_new();
    look_at_old();
}

void EventLogModel::set_filter(const std::string& text) {
    text_ = text;
    error_.clear();
    Result<EventFilter> filter = EventFilter::parse(text);
    if (!filter) {
        error_ = filter.error().message;
        return;
    }
    filter_ = std::move(*filter);
    shown_.clear();
    oldest_ = newest_ = events_.end();
}

void EventLogModel::look_at_new() {
    // A gap that is too wide is bridged from its newer end: all begins anew.
    if (newest_ < events_.begin() || events_.end() - newest_ > budget()) {
        shown_.clear();
        oldest_ = newest_ = events_.end();
    }
    for (; newest_ < events_.end(); ++newest_) {
        if (shows(newest_)) {
            shown_.push_back(newest_);
        }
    }
    oldest_ = std::max(oldest_, events_.begin());
}

void EventLogModel::look_at_old() {
    const u64 stop = std::max(events_.begin(), oldest_ - std::min(oldest_, budget()));
    while (oldest_ > stop) {
        if (shows(--oldest_)) {
            shown_.push_front(oldest_);
        }
    }
}

bool EventLogModel::shows(u64 number) const {
    const Event& event = events_[number];
    if (!filter_.admits(event)) {
        return false;
    }
    return filter_.ignores_words() ||
           filter_.matches(event_sentence(event, names_, attached_text(events_, number)));
}

EventRow EventLogModel::row(std::size_t index) const {
    const u64 number = shown_[index];
    const Event& event = events_[number];
    const EventInfo* info = event_info(event.kind);
    EventRow row;
    row.number = number;
    row.cycle = event.cycle;
    row.pid = event_pid(event);
    row.colour = palette_index(row.pid);
    row.kind = info != nullptr ? info->name : "unknown";
    row.sentence = event_sentence(event, names_, attached_text(events_, number));
    row.os_event = is_os_event(event.kind);
    row.picked = picked_ && number >= picked_->event && event.cycle <= picked_->end &&
                 concerns(event, picked_->pid);
    return row;
}

std::size_t EventLogModel::find(u64 number) const {
    return static_cast<std::size_t>(std::ranges::lower_bound(shown_, number) - shown_.begin());
}

EventLogModel model_event_log(const Snapshot& snapshot, const Selection& selection) {
    EventLogModel model;
    do {
        model.update(snapshot, selection);
    } while (!model.complete());
    return model;
}

std::string text(const EventLogModel& model, std::size_t most) {
    std::string text;
    if (!model.error().empty()) {
        text += wrap("  ", "The filter is not understood: " + model.error() + ".");
    }
    const std::size_t first = model.size() - std::min(model.size(), most);
    const std::string hidden =
        first == 0 ? "" : ", of which the last " + grouped(most) + " are here";
    text += wrap("  ", plural(model.size(), "event") + " of " + grouped(model.known()) + " shown" +
                           hidden + "." +
                           (model.dropped() == 0
                                ? ""
                                : " " + plural(model.dropped(), "older event") + " not kept."));
    for (std::size_t i = first; i < model.size(); ++i) {
        const EventRow row = model.row(i);
        text += wrap(pad_left(grouped(row.cycle), kCycleColumns) + "  ", row.sentence);
    }
    return text;
}

} // namespace forkscope
