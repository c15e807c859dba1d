#include "../fs/root.hpp"

#include "abi/poll.hpp"

#include <catch2/catch_test_macros.hpp>

using test::address;
using test::call;
using test::Root;

namespace {

struct Pipe {
    int fds[2] = {-1, -1};
    Pipe() { Root::REQUIRE_EOK(call(sys_pipe2, {address(fds), 0}).error); }
};

// The result of a select that does not wait.
auto select_now(u32* reading, u32* writing, unsigned below) {
    abi::timeval none{};
    return call(sys___select50, {below, address(reading), address(writing), 0, address(&none)});
}

} // namespace

TEST_CASE("select: leaves the descriptors that are ready, and counts them once a set",
          "[guestos][kern][select]") {
    Root root;
    const Pipe a;
    const Pipe b;
    REQUIRE(root.write(b.fds[1], "x").value == 1);
    u32 reading = 1U << a.fds[0] | 1U << b.fds[0];
    u32 writing = 1U << a.fds[1] | 1U << b.fds[1];
    const auto result = select_now(&reading, &writing, 20);
    CHECK(result.error == EOK);
    CHECK(result.value == 3);
    CHECK(reading == 1U << b.fds[0]);
    CHECK(writing == (1U << a.fds[1] | 1U << b.fds[1]));
}

TEST_CASE("select: only descriptors below the number count", "[guestos][kern][select]") {
    Root root;
    const Pipe pipe;
    u32 writing = 1U << pipe.fds[1];
    CHECK(select_now(nullptr, &writing, static_cast<unsigned>(pipe.fds[1])).value == 0);
    CHECK(writing == 0);
}

TEST_CASE("select: a descriptor that is not open is EBADF, wherever it would be",
          "[guestos][kern][select]") {
    Root root;
    u32 reading[8] = {1U << 15};
    CHECK(select_now(reading, nullptr, 16).error == EBADF);
    CHECK(reading[0] == 1U << 15);
    u32 beyond_table[8] = {0, 0, 0, 1};
    CHECK(select_now(beyond_table, nullptr, 256).error == EBADF);
    CHECK(select_now(beyond_table, nullptr, 96).error == EOK);
    u32 large[32] = {};
    CHECK(select_now(large, nullptr, 1024).error == EOK);
    large[9] = 1U << 7;
    CHECK(select_now(large, nullptr, 1024).error == EBADF);
    CHECK(select_now(nullptr, large, 295).error == EOK);
    CHECK(select_now(nullptr, large, 296).error == EBADF);
    CHECK(select_now(large, nullptr, static_cast<unsigned>(-1)).error == EINVAL);
}

TEST_CASE("select: times that are none are EINVAL", "[guestos][kern][select]") {
    Root root;
    abi::pollfd none_fd{-1, 0, 0};
    CHECK(call(sys_poll, {address(&none_fd), 1, u64(-2)}).error == EINVAL);
    abi::timeval tv{0, 1'000'000};
    CHECK(call(sys___select50, {0, 0, 0, 0, address(&tv)}).error == EINVAL);
    abi::timespec ts{-1, 0};
    CHECK(call(sys___pollts50, {0, 0, address(&ts), 0}).error == EINVAL);
    CHECK(call(sys___pselect50, {0, 0, 0, 0, address(&ts), 0}).error == EINVAL);
    abi::timespec none{};
    CHECK(call(sys___pselect50, {0, 0, 0, 0, address(&none), 0}).error == EOK);
}
