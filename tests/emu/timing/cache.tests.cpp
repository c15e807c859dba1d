#include "timing/cache.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace forkscope;
using namespace forkscope::timing;

namespace {

CacheGeometry two_ways_of_two_sets(Replacement replacement = Replacement::Lru) {
    return {.size = 256, .ways = 2, .line = 64, .replacement = replacement};
}

} // namespace

TEST_CASE("cache: a line misses once and then hits", "[timing][cache]") {
    Cache cache(two_ways_of_two_sets());
    CHECK_FALSE(cache.access(10, false).hit);
    CHECK(cache.access(10, false).hit);
    CHECK(cache.state().accesses == 2);
    CHECK(cache.state().misses == 1);
}

TEST_CASE("cache: LRU gives up the line used longest ago", "[timing][cache]") {
    Cache cache(two_ways_of_two_sets());
    cache.access(0, false);
    cache.access(2, false);
    cache.access(0, false); // 2 is now the older one
    const CacheOutcome outcome = cache.access(4, false);
    CHECK_FALSE(outcome.hit);
    CHECK(outcome.evicted == 2);
    CHECK(cache.access(0, false).hit);
    CHECK_FALSE(cache.access(2, false).hit);
}

TEST_CASE("cache: lines of different sets do not push each other out", "[timing][cache]") {
    Cache cache(two_ways_of_two_sets());
    for (u64 line : {0, 1, 2, 3})
        cache.access(line, false);
    for (u64 line : {0, 1, 2, 3})
        CHECK(cache.access(line, false).hit);
}

TEST_CASE("cache: a stored-to line is dirty when it is given up", "[timing][cache]") {
    Cache cache(two_ways_of_two_sets());
    cache.access(0, true);
    cache.access(2, false);
    CHECK(cache.access(4, false).evicted_dirty);
    CHECK_FALSE(cache.access(6, false).evicted_dirty);
}

TEST_CASE("cache: without write-allocate a store that misses leaves no line", "[timing][cache]") {
    CacheGeometry geometry = two_ways_of_two_sets();
    geometry.write_allocate = false;
    Cache cache(geometry);
    CHECK_FALSE(cache.access(0, true).hit);
    CHECK_FALSE(cache.access(0, false).hit);
    CHECK(cache.access(0, true).hit);
}

TEST_CASE("cache: tree PLRU of four ways follows its three bits", "[timing][cache]") {
    Cache cache({.size = 256, .ways = 4, .line = 64, .replacement = Replacement::TreePlru});
    for (u64 line : {0, 1, 2, 3})
        cache.access(line, false);
    cache.access(0, false);            // the tree points to the right half, its left leaf
    CHECK(cache.access(9, false).evicted == 2);
    CHECK(cache.access(8, false).evicted == 1);
}

TEST_CASE("cache: random replacement repeats itself for the same seed", "[timing][cache]") {
    const auto run = [](u64 seed) {
        Cache cache({.size = 1024, .ways = 8, .line = 64, .replacement = Replacement::Random}, seed);
        for (u64 i = 0; i < 1000; ++i)
            cache.access(i * 7 % 48, i % 3 == 0);
        return cache.state().misses;
    };
    CHECK(run(1) == run(1));
    CHECK(run(1) > 48);
}
