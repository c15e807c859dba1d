#include "ui/guest_names.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace forkscope;

TEST_CASE("guest names: system calls have NetBSD's names, by both ways", "[ui]") {
    CHECK(syscall_name(2) == "fork");
    CHECK(syscall_name(282) == "__vfork14");
    CHECK(syscall_name(501) == "__kevent100");
    CHECK(syscall_name(27) == "syscall 27");
    CHECK(syscall_name(~u64{0}) == "syscall 18446744073709551615");
    CHECK(syscall_number("__wait450") == 449);
    CHECK(syscall_number("nonsense") == std::nullopt);
    CHECK(syscall_number("") == std::nullopt);
}

TEST_CASE("guest names: a newer system call is also found without its version", "[ui]") {
    CHECK(syscall_number("wait4") == 449);
    CHECK(syscall_number("kevent") == 501);
    CHECK(syscall_number("sigprocmask") == 293);
    CHECK(syscall_number("clone") == 287);
    CHECK(syscall_number("vfork") == 66); // the older one has the plain name
    CHECK(syscall_number("pipe2") == 453);
    CHECK(syscall_number("dup3") == 505);
}

TEST_CASE("guest names: errors and signals have names up to the last of NetBSD's", "[ui]") {
    CHECK(describe_errno(1) == "EPERM");
    CHECK(describe_errno(35) == "EAGAIN");
    CHECK(describe_errno(72) == "errno 72");
    CHECK(describe_errno(98) == "ENOTRECOVERABLE");
    CHECK(describe_errno(99) == "errno 99");
    CHECK(signal_name(1) == "SIGHUP");
    CHECK(signal_name(20) == "SIGCHLD");
    CHECK(signal_name(32) == "SIGPWR");
    CHECK(signal_name(33) == "signal 33");
    CHECK(signal_name(0) == "signal 0");
}
