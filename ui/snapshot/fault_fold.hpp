// Page faults, put together from the event record: one card from the exception
// to the instruction's second try.
#pragma once

#include "event/event.hpp"
#include "snapshot/snapshot.hpp"

#include <functional>

namespace forkscope {

class FaultFold {
public:
    static constexpr u64 kCardsKept = 8192;

    // Called for each new card, to fill in what events do not tell: code and symbol.
    std::function<void(FaultCard&)> annotate;

    // `number` is the event's in the log.
    void on_event(const Event& event, u64 number);

    [[nodiscard]] const SharedLog<FaultCard>& finished() const { return finished_; }
    // The fault taken last of those that are not finished.
    [[nodiscard]] std::optional<FaultCard> open() const;

private:
    void on_fault(const Event& event, u64 number);
    void on_probe(const Event& event, u64 number);
    void on_change(const Event& event);
    void decide(const Event& event, u64 number, const PageDecision& decision);
    void close(u64 pid);
    std::vector<FaultCard>::iterator find(u64 pid);
    FaultCard* card(u64 pid);

    SharedLog<FaultCard> finished_{kCardsKept};
    std::vector<FaultCard> open_; // at most one of a process: a few
};

} // namespace forkscope
