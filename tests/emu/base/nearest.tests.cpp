#include "base/nearest.hpp"
#include "base/text.hpp"

#include <catch2/catch_test_macros.hpp>

#include <array>

using namespace forkscope;

TEST_CASE("nearest: a slip of the fingers finds its word, another word does not", "[emu][base]") {
    constexpr std::array<std::string_view, 4> words = {"machine", "timing", "limits", "seed"};
    CHECK(nearest("machnie", words) == "machine");
    CHECK(nearest("limit", words) == "limits");
    CHECK(nearest("sed", words) == "seed");
    CHECK(nearest("kernel", words).empty());
    CHECK(nearest("", words).empty());
    CHECK(suggestion("timng", words) == " (did you mean \"timing\"?)");
    CHECK(suggestion("zzzzzz", words).empty());
}

TEST_CASE("text: numbers are grouped, addresses hexadecimal, sizes in their largest unit",
          "[emu][base]") {
    CHECK(grouped(0) == "0");
    CHECK(grouped(999) == "999");
    CHECK(grouped(1000) == "1,000");
    CHECK(grouped(18446744073709551615u) == "18,446,744,073,709,551,615");
    CHECK(hex(0x4008'0000) == "0x40080000");
    CHECK(byte_size(0) == "0 bytes");
    CHECK(byte_size(1) == "1 byte");
    CHECK(byte_size(u64{256} << 20) == "256 MiB");
    CHECK(byte_size(4097) == "4,097 bytes");
    CHECK(byte_size(u64{3} << 30) == "3 GiB");
}
