// What the event record tells of a run so far, in a bounded amount of memory.
// With a look at the stopped machine it makes a snapshot: take_snapshot.hpp.
#pragma once

#include "devices/console.hpp"
#include "event/totals.hpp"
#include "snapshot/fault_fold.hpp"
#include "snapshot/process_fold.hpp"
#include "snapshot/timeline_fold.hpp"

namespace forkscope {

// The end of what the guest has printed; passes it on, too.
class ConsoleText final : public ConsoleSink {
public:
    static constexpr std::size_t kKept = 64 << 10; // bytes

    // `next` may be null.
    explicit ConsoleText(ConsoleSink* next) : next_(next) {}

    void put(u8 byte) override {
        if (next_ != nullptr)
            next_->put(byte);
        ++written_;
        text_.push_back(static_cast<char>(byte));
        if (text_.size() >= 2 * kKept)
            text_.erase(0, text_.size() - kKept);
    }
    [[nodiscard]] u64 written() const { return written_; } // bytes, so far
    [[nodiscard]] std::string text() const {
        return text_.size() > kKept ? text_.substr(text_.size() - kKept) : text_;
    }

private:
    ConsoleSink* next_;
    u64 written_ = 0;
    std::string text_;
};

// What filled each frame last, as far as the kernel's probes tell.
class FrameOrigins {
public:
    void on_event(const Event& event);
    // By frame of RAM, as far as known.
    [[nodiscard]] std::span<const PageAction> actions() const { return actions_; }
    [[nodiscard]] u64 changes() const { return changes_; }

private:
    std::vector<PageAction> actions_;
    u64 changes_ = 0;
};

class World final : public EventSink {
public:
    static constexpr u64 kEventsKept = 131072;

    void on_event(const Event& event) override;

    // See FaultFold::annotate.
    void annotate_faults(std::function<void(FaultCard&)> annotate) {
        faults_.annotate = std::move(annotate);
    }

    [[nodiscard]] const SharedLog<Event>& events() const { return events_; }
    [[nodiscard]] const ProcessFold& processes() const { return processes_; }
    [[nodiscard]] const FaultFold& faults() const { return faults_; }
    [[nodiscard]] const TimelineFold& timeline() const { return timeline_; }
    [[nodiscard]] const FrameOrigins& origins() const { return origins_; }
    [[nodiscard]] const Totals& totals() const { return totals_; }
    [[nodiscard]] u64 os_events() const { return os_events_; }
    // Address of the kernel's KernelLayout; 0: it has not told.
    [[nodiscard]] u64 layout() const { return layout_; }

private:
    SharedLog<Event> events_{kEventsKept};
    ProcessFold processes_;
    FaultFold faults_;
    TimelineFold timeline_;
    FrameOrigins origins_;
    Totals totals_;
    u64 os_events_ = 0;
    u64 layout_ = 0;
};

} // namespace forkscope
