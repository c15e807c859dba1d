// The timeline and the history of faults, put together from the event record.
#pragma once

#include "event/event.hpp"
#include "snapshot/snapshot.hpp"

namespace forkscope {

class TimelineFold {
public:
    static constexpr u64 kSpansKept = 65536;
    static constexpr u64 kMarksKept = 65536;
    static constexpr std::size_t kMostBuckets = 256;

    // `number` is the event's in the log.
    void on_event(const Event& event, u64 number);

    [[nodiscard]] const SharedLog<TimelineSpan>& spans() const { return spans_; }
    [[nodiscard]] const SharedLog<TimelineMark>& marks() const { return marks_; }
    [[nodiscard]] Cycle span_began() const { return open_.begin; }
    [[nodiscard]] Cycle span_idle() const { return open_.idle; }
    [[nodiscard]] const std::vector<FaultBucket>& history() const { return buckets_; }

private:
    void on_probe(const Event& event, u64 number);
    void switch_to(u32 pid, Cycle now);
    void mark(const Event& event, u64 number, MarkKind kind, u64 pid, u64 other);
    FaultBucket& bucket(Cycle cycle);

    SharedLog<TimelineSpan> spans_{kSpansKept};
    SharedLog<TimelineMark> marks_{kMarksKept};
    TimelineSpan open_;
    std::vector<FaultBucket> buckets_;
    Cycle interval_ = 1 << 14; // of a bucket; doubles when there would be too many
};

} // namespace forkscope
