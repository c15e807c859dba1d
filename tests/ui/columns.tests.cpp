#include "ui/columns.hpp"
#include "ui/text_table.hpp"
#include "ui/words.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <sstream>

using namespace forkscope;

namespace {

std::size_t widest(const std::string& text) {
    std::istringstream lines(text);
    std::size_t width = 0;
    for (std::string line; std::getline(lines, line);) {
        width = std::max(width, width_of(line));
    }
    return width;
}

} // namespace

TEST_CASE("text: a word that is too long for a line is cut", "[ui]") {
    const std::string text = wrap("  head ", "begin " + std::string(250, 'x') + " end");
    CHECK(widest(text) == kColumns);
    CHECK(text.starts_with("  head begin\n       xxx"));
    CHECK(text.ends_with("x end\n"));
    CHECK(std::count(text.begin(), text.end(), 'x') == 250);
}

TEST_CASE("text: what is clipped ends in three dots, between characters of UTF-8", "[ui]") {
    CHECK(clip("fork-demo", 9) == "fork-demo");
    CHECK(clip("fork-demo", 8) == "fork-...");
    CHECK(clip("└─ └─ fork-demo", 9) == "└─ └─ ...");
    CHECK(clip("fork-demo", 2) == "..");
    CHECK(clip("", 0).empty());
}

TEST_CASE("text: what is not printable ASCII becomes a question mark", "[ui]") {
    CHECK(printable("a\x1b[2J\xc3\xa4\n") == "a?[2J???");
}

TEST_CASE("text: numbers are written as the account writes them", "[ui]") {
    CHECK(plural(1, "page") == "1 page");
    CHECK(plural(2'048, "page") == "2,048 pages");
    CHECK(hex16(0x41001fc3) == "0x0000000041001fc3");
    CHECK(percent(1, 3) == "33.3 %");
    CHECK(percent(1, 0) == "0.0 %");
}

TEST_CASE("text: a table's columns are as wide as needed, its last one wraps", "[ui]") {
    TextTable table({{"name", false, 10}, {"count", true}, {"notes"}});
    table.add({"a name that is long", "12", "short"});
    table.add({"b", "1,234", std::string(60, 'x') + " " + std::string(60, 'y')});
    CHECK(table.text() == "  name        count  notes\n"
                          "  a name ...     12  short\n"
                          "  b           1,234  " +
                              std::string(60, 'x') + "\n" + std::string(21, ' ') +
                              std::string(60, 'y') + "\n");
}

TEST_CASE("text: a table without titles has no line for them", "[ui]") {
    TextTable table({{""}, {""}}, 0);
    table.add({"", "value"});
    table.add({"key", ""});
    CHECK(table.text() == "     value\nkey\n");
}
