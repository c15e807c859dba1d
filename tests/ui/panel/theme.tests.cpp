#include "panel/theme.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <set>

using namespace forkscope;

TEST_CASE("theme: all text has the contrast that WCAG 2.1 asks for", "[ui][panel]") {
    const Theme& theme = theme_of(GENERATE(ThemeKind::Light, ThemeKind::Dark));
    for (const ImU32 ink :
         {theme.text, theme.dim, theme.accent, theme.changed, theme.alert, theme.good}) {
        CHECK(contrast(ink, theme.surface) >= 4.5);
    }
    CHECK(contrast(theme.text, theme.raised) >= 4.5);
    CHECK(contrast(theme.text, theme.tab) >= 4.5);
    for (const ImU32 fill : theme.series) {
        CHECK(contrast(ink_on(fill), fill) >= 4.5);
        CHECK(contrast(IM_COL32_BLACK, fill) >= 3); // stripes
    }
}

TEST_CASE("theme: processes have seven colours, all different", "[ui][panel]") {
    const Theme& theme = theme_of(GENERATE(ThemeKind::Light, ThemeKind::Dark));
    CHECK(std::set(theme.series.begin(), theme.series.end()).size() == theme.series.size());
}

TEST_CASE("theme: contrast is 21 between black and white, 1 between equals", "[ui][panel]") {
    CHECK(contrast(IM_COL32_BLACK, IM_COL32_WHITE) > 20.9);
    CHECK(contrast(IM_COL32_WHITE, IM_COL32_WHITE) == 1);
}
