#include "host/host.hpp"

#include "sys/systm.hpp"

#include <catch2/catch_test_macros.hpp>

#include <cstdio>

namespace {

// The kernel's text and the host's, for the same arguments.
template <typename... Args> void same(const char* fmt, Args... args) {
    char kernel[256], reference[256];
    const int n = ksnprintf(kernel, sizeof(kernel), fmt, args...);
    const int m = std::snprintf(reference, sizeof(reference), fmt, args...);
    CHECK(std::string(kernel) == reference);
    CHECK(n == m);
}

} // namespace

#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-security"

TEST_CASE("ksnprintf: numbers come out as the host's printf prints them", "[guestos][lib]") {
    for (const char* fmt : {"%d", "%5d|", "%-5d|", "%05d", "%+d", "% d", "%.3d", "%8.3d|", "%i"}) {
        for (const int v : {0, 1, -1, 42, -12345, 2147483647, -2147483647 - 1}) {
            same(fmt, v);
        }
    }
    for (const char* fmt :
         {"%u", "%x", "%X", "%o", "%#x", "%#X", "%08x", "%#010x", "%-8x|", "%.6x"}) {
        for (const unsigned v : {1U, 255U, 65536U, 4294967295U}) {
            same(fmt, v);
        }
    }
    same("%ld %lu %lx", -1L, ~0UL, 0x123456789abcdefUL);
    same("%lld %llu %zu %jd", -5LL, 5ULL, size_t{7}, intmax_t{-7});
    same("%hhu %hu %hhd %hd", 0x1ff, 0x1ffff, 0x1ff, 0x1ffff);
}

TEST_CASE("ksnprintf: strings, characters and pointers", "[guestos][lib]") {
    same("%s|%10s|%-10s|%.2s|%5.1s", "abc", "abc", "abc", "abc", "abc");
    same("%c%c%%%5c", 'a', 'b', 'c');
    same("%p", reinterpret_cast<void*>(0x1234));
    same("%*d|%-*d|%.*s", 6, 42, 6, 42, 2, "abc");
    same("plain");
    char text[8];
    const char* volatile nothing = nullptr;
    CHECK(ksnprintf(text, sizeof(text), "%s", nothing) == 6);
    CHECK(std::string(text) == "(null)");
}

TEST_CASE("ksnprintf: what does not fit is cut off and counted", "[guestos][lib]") {
    char text[6] = "xxxxx";
    CHECK(ksnprintf(text, 4, "%d", 123456) == 6);
    CHECK(std::string(text) == "123");
    CHECK(text[4] == 'x');
    CHECK(ksnprintf(text, 0, "%d", 9) == 1);
    CHECK(text[0] == '1');
}
