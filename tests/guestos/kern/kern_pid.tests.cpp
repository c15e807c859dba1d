#include "sys/pidtable.hpp"

#include <catch2/catch_test_macros.hpp>

#include <set>
#include <vector>

namespace {

// A table with memory of its own.
struct Table {
    std::vector<pid_table::slot> slots;
    pid_table pids;

    explicit Table(u32 size) : slots(size) { pids.init(slots.data(), size); }
    void grow() {
        std::vector<pid_table::slot> bigger(slots.size() * 2);
        pids.grow(bigger.data());
        slots.swap(bigger);
    }
};

pgrp* fake_pgrp() {
    static char memory[8];
    return reinterpret_cast<pgrp*>(memory);
}

} // namespace

TEST_CASE("pid: numbers begin with 1 and ascend", "[guestos][kern][pid]") {
    Table t(8);
    for (pid_t expected = 1; expected < 8; expected++) {
        CHECK(t.pids.alloc() == expected);
    }
    CHECK(t.pids.full());
    CHECK(t.pids.alloc() == 0);
}

TEST_CASE("pid: a freed number is the last to come back, one table further",
          "[guestos][kern][pid]") {
    Table t(4);
    CHECK(t.pids.alloc() == 1);
    CHECK(t.pids.alloc() == 2);
    t.pids.free(1);
    CHECK(t.pids.alloc() == 3);
    CHECK(t.pids.alloc() == 5);
    CHECK(t.pids.find(1) == nullptr);
    CHECK(t.pids.find(5) != nullptr);
}

TEST_CASE("row N7: a number is not given out while a process group uses it",
          "[guestos][kern][pid]") {
    Table t(4);
    REQUIRE(t.pids.alloc() == 1);
    t.pids.set_pgrp(1, fake_pgrp());
    t.pids.free(1);
    CHECK(t.pids.find(1) == nullptr);
    CHECK(t.pids.find_pgrp(1) == fake_pgrp());
    CHECK(t.pids.alloc() == 2);
    CHECK(t.pids.alloc() == 3);
    CHECK(t.pids.alloc() == 0);
    t.pids.set_pgrp(1, nullptr);
    CHECK(t.pids.alloc() == 5);
}

TEST_CASE("pid: growing keeps the numbers in use and repeats none", "[guestos][kern][pid]") {
    Table t(4);
    std::set<pid_t> used{t.pids.alloc(), t.pids.alloc(), t.pids.alloc()};
    t.pids.free(2);
    used.erase(2);
    const pid_t again = t.pids.alloc();
    CHECK(used.insert(again).second);
    t.grow();
    for (const pid_t pid : used) {
        CHECK(t.pids.find(pid) != nullptr);
    }
    while (const pid_t pid = t.pids.alloc()) {
        CHECK(used.insert(pid).second);
        CHECK(pid != 2); // it was in use a moment ago
    }
    CHECK(used.size() == 7);
}

TEST_CASE("pid: numbers stay below the limit and go round", "[guestos][kern][pid]") {
    Table t(16);
    pid_t highest = 0;
    bool went_round = false;
    for (int i = 0; i < 40000; i++) {
        const pid_t pid = t.pids.alloc();
        REQUIRE(pid > 0);
        REQUIRE(pid <= PID_MAX);
        went_round |= pid < highest && pid < 16;
        highest = std::max(highest, pid);
        t.pids.free(pid);
    }
    CHECK(went_round);
    CHECK(highest > PID_MAX - 16);
}

TEST_CASE("pid: allocation, freeing and growth at random repeat no number in use",
          "[guestos][kern][pid]") {
    Table t(4);
    std::set<pid_t> used;
    unsigned random = 12345;
    for (int i = 0; i < 20000; i++) {
        random = random * 1103515245 + 12345;
        if ((random >> 16) % 3 != 0 || used.empty()) {
            if (t.pids.crowded() && t.pids.size() < 1024) {
                t.grow();
            }
            const pid_t pid = t.pids.alloc();
            if (pid != 0) {
                REQUIRE(used.insert(pid).second);
            }
        } else {
            auto it = used.begin();
            std::advance(it, (random >> 8) % used.size());
            t.pids.free(*it);
            used.erase(it);
        }
    }
    for (const pid_t pid : used) {
        REQUIRE(t.pids.find(pid) != nullptr);
    }
}
