#include "engine/block_counter.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace forkscope;

namespace {

constexpr u64 kUpper = u64{1} << 63;

// What the engine does before a block; true if the host was called, and let it begin.
bool begin_block(BlockCounter& counter, u64 pc, u32 size) {
    if (counter.step(pc, size))
        return false;
    if (!counter.is_due(pc, size))
        return false;
    counter.begin(pc, size);
    return true;
}

} // namespace

TEST_CASE("block counter: counts the instructions of blocks as they begin", "[emu][engine]") {
    BlockCounter counter;
    counter.set_due(1000);
    counter.watch_half_of(0);
    CHECK_FALSE(begin_block(counter, 0x1000, 12));
    CHECK(counter.cycles() == 3);
    CHECK_FALSE(begin_block(counter, 0x2000, 4));
    CHECK(counter.cycles() == 4);
    CHECK(counter.block_begin() == 0x2000);
    CHECK(counter.block_end() == 0x2004);
}

TEST_CASE("block counter: the host is called before the first block at or after the moment",
          "[emu][engine]") {
    BlockCounter counter;
    counter.watch_half_of(0);
    counter.set_due(10);
    CHECK_FALSE(begin_block(counter, 0x1000, 36)); // 0 to 9
    CHECK_FALSE(begin_block(counter, 0x1000, 8));  // 9 to 11: begins before
    CHECK(counter.cycles() == 11);
    CHECK(begin_block(counter, 0x1000, 4));
    CHECK(counter.cycles() == 12);
    counter.set_due(12);
    CHECK(begin_block(counter, 0x1000, 4));
    counter.set_due(0); // past: at once
    CHECK(begin_block(counter, 0x1000, 4));
    CHECK(counter.cycles() == 14);
}

TEST_CASE("block counter: a distant moment is not missed", "[emu][engine]") {
    BlockCounter counter;
    counter.watch_half_of(0);
    const Cycle due = Cycle{1} << 33;
    counter.set_due(due);
    u64 calls = 0;
    while (counter.cycles() < due) {
        REQUIRE(++calls < 1000);
        const Cycle before = counter.cycles();
        counter.pass(Cycle{1} << 26); // as far as it looks ahead
        CHECK(counter.cycles() == before + (Cycle{1} << 26));
        counter.set_due(due);
    }
    CHECK(begin_block(counter, 0x1000, 4));
}

TEST_CASE("block counter: what was not executed of a block is taken back", "[emu][engine]") {
    BlockCounter counter;
    counter.watch_half_of(0);
    counter.set_due(100);
    CHECK_FALSE(begin_block(counter, 0x1000, 40));
    CHECK(counter.from(0x1018) == 4);
    counter.cut_off(0x1018);
    CHECK(counter.cycles() == 6);
    CHECK(counter.block_end() == 0x1018);
    counter.cut_off(0x1018); // nothing is left
    CHECK(counter.cycles() == 6);
}

TEST_CASE("block counter: calls in the other half, and where the address is not aligned", "[emu][engine]") {
    BlockCounter counter;
    counter.set_due(1000);
    counter.watch_half_of(kUpper | 0x8000);
    CHECK_FALSE(begin_block(counter, kUpper | 0x1000, 4));
    CHECK(begin_block(counter, 0x1000, 4));
    CHECK(begin_block(counter, kUpper | 0x1002, 4));
    counter.watch_all();
    CHECK(begin_block(counter, kUpper | 0x1000, 4));
    CHECK(begin_block(counter, 0x1000, 4));
    CHECK(counter.cycles() == 5);
    counter.set_due(1000); // and goes on calling
    CHECK(begin_block(counter, kUpper | 0x1000, 4));
    CHECK(counter.cycles() == 6);
    counter.watch_half_of(0x1000);
    CHECK_FALSE(begin_block(counter, 0x1000, 4));
    CHECK(begin_block(counter, kUpper | 0x1000, 4));
    CHECK(counter.cycles() == 8);
}
