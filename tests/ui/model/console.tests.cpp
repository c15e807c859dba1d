#include "model/console.hpp"

#include "support/snapshot_builder.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace forkscope;

namespace {

ConsoleModel after(const std::string& bytes) {
    Snapshot snapshot;
    snapshot.console = bytes;
    return model_console(snapshot, {});
}

} // namespace

TEST_CASE("console: lines end at newlines, the cursor stands after the last byte", "[ui]") {
    const ConsoleModel model = after("hello\r\n$ ls");
    CHECK(model.lines == std::vector<std::string>{"hello", "$ ls"});
    CHECK(model.row == 1);
    CHECK(model.column == 4);
}

TEST_CASE("console: carriage return and backspace write over what is there", "[ui]") {
    CHECK(after("12345\rab").lines[0] == "ab345");
    CHECK(after("abc\b \b").lines[0] == "ab ");
    CHECK(after("abc\b \b").column == 2);
    CHECK(after("\b\bx").lines[0] == "x");
    CHECK(after("a\tb").lines[0] == "a       b");
}

TEST_CASE("console: a line editor's sequences move and erase", "[ui]") {
    CHECK(after("abcdef\x1b[3D\x1b[K").lines[0] == "abc");
    CHECK(after("abc\x1b[2DX").lines[0] == "aXc");
    CHECK(after("ab\x1b[2Cc").lines[0] == "ab  c");
    CHECK(after("one\ntwo\x1b[2Jthree").lines == std::vector<std::string>{"three"});
    CHECK(after("\x1b[1;31mred\x1b[0m").lines[0] == "red"); // colours are skipped
    CHECK(after("abc\x1b[99999999999D!").lines[0] == "!bc");
}

TEST_CASE("console: bytes that cannot be shown do no harm", "[ui]") {
    CHECK(after(std::string("a\0\a\x7f"
                            "b",
                            5))
              .lines[0] == "ab");
    CHECK(after("\xc3\xa4\x01").lines[0] == "???");
    CHECK(after("cut\x1b").lines[0] == "cut");
    CHECK(after("cut\x1b[12").lines[0] == "cut");
    CHECK(after(std::string(100'000, 'x')).lines[0].size() <= 4096);
    CHECK(after("\x1b[4096C\x1b[4096C\t\tx").column <= 4096);
}

TEST_CASE("console: as text, long lines are cut to the page", "[ui]") {
    CHECK(text(after("")) == "  The guest has printed nothing.\n");
    CHECK(text(after(std::string(100, 'x'))) == "  " + std::string(98, 'x') + "\n  xx\n");
    CHECK(text(after("a  \n\nb")) == "  a\n\n  b\n");
}
