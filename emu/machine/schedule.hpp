// Who wants to be called when: the clocks that the machine gives its devices.
#pragma once

#include "devices/device.hpp"

#include <functional>
#include <memory>
#include <vector>

namespace forkscope {

class Schedule {
public:
    // `now` tells the moment; `changed` is called when earliest() may be another.
    Schedule(std::function<Cycle()> now, std::function<void()> changed)
        : now_(std::move(now)), changed_(std::move(changed)) {}

    class Slot final : public Clock {
    public:
        explicit Slot(Schedule& schedule) : schedule_(schedule) {}
        [[nodiscard]] Cycle now() const override { return schedule_.now_(); }
        void request(Cycle when) override {
            when_ = when;
            schedule_.changed_();
        }

    private:
        friend class Schedule;
        Schedule& schedule_;
        DeadlineOwner* owner_ = nullptr;
        Cycle when_ = kNever;
    };

    // A clock for one owner; connect it before the machine runs.
    [[nodiscard]] Slot& add() {
        slots_.push_back(std::make_unique<Slot>(*this));
        return *slots_.back();
    }
    static void connect(Slot& slot, DeadlineOwner& owner) { slot.owner_ = &owner; }

    // The earliest request, or Clock::kNever.
    [[nodiscard]] Cycle earliest() const {
        Cycle earliest = Clock::kNever;
        for (const auto& slot : slots_)
            earliest = std::min(earliest, slot->when_);
        return earliest;
    }

    // Calls the owners of all requests up to `moment`, in the order of their
    // clocks. What they request then waits for the next call.
    void run_due(Cycle moment) {
        for (const auto& slot : slots_) {
            if (slot->when_ > moment)
                continue;
            slot->when_ = Clock::kNever;
            slot->owner_->on_deadline();
        }
    }

private:
    std::function<Cycle()> now_;
    std::function<void()> changed_;
    std::vector<std::unique_ptr<Slot>> slots_;
};

} // namespace forkscope
