#include "window/layout.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <algorithm>
#include <set>

using namespace forkscope;

namespace {

float size_of(const Area& area) {
    return area.width * area.height;
}

bool overlap(const Area& a, const Area& b) {
    return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height &&
           b.y < a.y + a.height;
}

} // namespace

TEST_CASE("layout: at every size each panel has one place, and the places fill the window",
          "[ui][window]") {
    const auto kind = GENERATE(LayoutKind::Lecture, LayoutKind::Lab, LayoutKind::Debug);
    const auto [width, height] = GENERATE(std::pair(320.0F, 130.0F), std::pair(700.0F, 400.0F),
                                          std::pair(1920.0F, 1000.0F), std::pair(3840.0F, 2100.0F));
    const Arrangement made = Layout::make(kind).arrange({10, 20, width, height}, 225, 105, 4);
    std::multiset<PanelId> panels;
    float covered = 0;
    for (const Pane& pane : made.panes) {
        REQUIRE_FALSE(pane.panels.empty());
        panels.insert(pane.panels.begin(), pane.panels.end());
        covered += size_of(pane.area);
        CHECK(pane.area.x >= 10);
        CHECK(pane.area.x + pane.area.width <= 10 + width);
        CHECK(pane.area.y + pane.area.height <= 20 + height);
        for (const Pane& other : made.panes) {
            CHECK((&pane == &other || !overlap(pane.area, other.area)));
        }
    }
    for (const Splitter& splitter : made.splitters) {
        covered += size_of(splitter.area);
    }
    CHECK(covered == width * height);
    CHECK(panels.size() == kPanels);
    CHECK(std::set(panels.begin(), panels.end()).size() == kPanels);
}

TEST_CASE("layout: a small window has fewer parts, a large one all", "[ui][window]") {
    const Layout lab = Layout::make(LayoutKind::Lab);
    CHECK(lab.arrange({0, 0, 320, 130}, 225, 105, 4).panes.size() == 1);
    CHECK(lab.arrange({0, 0, 1920, 1000}, 225, 105, 4).panes.size() == lab.first_panels().size());
}

TEST_CASE("layout: a splitter moves, within what leaves both parts their least", "[ui][window]") {
    Layout layout = Layout::make(LayoutKind::Lecture);
    const auto height = [&] {
        return layout.arrange({0, 0, 1000, 1000}, 100, 100, 4).splitters.front().before;
    };
    const std::size_t split = layout.arrange({0, 0, 1000, 1000}, 100, 100, 4).splitters[0].split;
    layout.move(split, 0.5F);
    CHECK(height() == 498);
    layout.move(split, 2.0F);
    CHECK(height() == 896);
}

TEST_CASE("layout: shares that do not fit are refused and change nothing", "[ui][window]") {
    Layout layout = Layout::make(LayoutKind::Debug);
    const std::vector<float> made = layout.shares();
    CHECK_FALSE(layout.set_shares({}));
    std::vector<float> wrong = made;
    wrong.back() = 1.5F;
    CHECK_FALSE(layout.set_shares(wrong));
    CHECK(layout.shares() == made);
    std::vector<float> other = made;
    other.front() = 0.3F;
    CHECK(layout.set_shares(other));
    CHECK(layout.shares() == other);
}
