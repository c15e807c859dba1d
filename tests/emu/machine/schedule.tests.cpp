#include "machine/schedule.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace forkscope;

namespace {

struct Owner final : DeadlineOwner {
    void on_deadline() override {
        ++calls;
        if (again != Clock::kNever)
            clock->request(again);
    }
    Clock* clock = nullptr;
    Cycle again = Clock::kNever;
    int calls = 0;
};

} // namespace

TEST_CASE("schedule: calls who is due, once for each request", "[emu][machine]") {
    Cycle now = 0;
    int changes = 0;
    Schedule schedule([&] { return now; }, [&] { ++changes; });
    Owner early, late;
    Schedule::Slot& a = schedule.add();
    Schedule::Slot& b = schedule.add();
    Schedule::connect(a, early);
    Schedule::connect(b, late);
    CHECK(schedule.earliest() == Clock::kNever);

    a.request(100);
    b.request(200);
    CHECK(changes == 2);
    CHECK(schedule.earliest() == 100);
    now = 150;
    CHECK(a.now() == 150);
    schedule.run_due(now);
    CHECK(early.calls == 1);
    CHECK(late.calls == 0);
    CHECK(schedule.earliest() == 200);
    schedule.run_due(now);
    CHECK(early.calls == 1);

    b.request(Clock::kNever);
    CHECK(schedule.earliest() == Clock::kNever);
}

TEST_CASE("schedule: a request made while being called waits for the next time",
          "[emu][machine]") {
    Schedule schedule([] { return Cycle{50}; }, [] {});
    Owner owner;
    Schedule::Slot& slot = schedule.add();
    Schedule::connect(slot, owner);
    owner.clock = &slot;
    owner.again = 40; // past already
    slot.request(50);
    schedule.run_due(50);
    CHECK(owner.calls == 1);
    CHECK(schedule.earliest() == 40);
}
