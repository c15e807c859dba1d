#include "panel/lesson_panel.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace forkscope;

namespace {

Lesson two_places() {
    Result<Lesson> lesson = parse_lesson(R"({"title": "t", "steps": [
        {"run_to": "0x1000", "text": "one"},
        {"question": {"id": "q", "ask": "?", "predict": "0x2000",
                      "answer": {"query": "processes.zombies"}}}]})",
                                         "test", {});
    REQUIRE(lesson.ok());
    return *lesson;
}

} // namespace

TEST_CASE("lesson panel: it sends the run to its places, and holds it at the next meanwhile",
          "[ui][panel]") {
    const Lesson lesson = two_places();
    LessonPanel panel{Tutor(lesson)};
    Snapshot snapshot;
    Selection selection;
    const Theme& theme = theme_of(ThemeKind::Dark);
    const Fonts fonts{};
    std::vector<Command> sent;
    const std::function<void(Command)> send = [&sent](Command command) {
        sent.push_back(std::move(command));
    };
    const std::function<void(Action)> perform = [](Action) {};
    PanelView view{snapshot, selection, 0, theme, fonts, 16, send, perform};
    panel.follow(view);
    panel.follow(view);
    REQUIRE(sent.size() == 1);
    CHECK(std::get<command::RunTo>(sent[0]).text == "0x1000");
    snapshot.control.arrivals = 1;
    panel.follow(view);
    CHECK(panel.text(snapshot, selection).find("one") != std::string::npos);
    panel.follow(view);
    panel.follow(view);
    REQUIRE(sent.size() == 2);
    CHECK(std::get<command::HoldAt>(sent[1]).text == "0x2000");
}
