// A lesson: steps through a run, with texts and questions. docs/lessons.md
#pragma once

#include "lesson/query.hpp"
#include "session/symbols.hpp"

#include <filesystem>

namespace forkscope {

struct LessonQuestion {
    std::string id;
    std::string ask;
    Query answer;
    std::string predict; // where the answer is taken from; empty: here
    std::vector<std::string> choices;
    std::vector<std::string> hints;
    std::string because; // said after the answer
    u64 points = 1;      // a hint costs one
};

struct LessonStep {
    std::string name;   // for "since"; may be empty
    std::string run_to; // empty: stay; kLessonEnd; else a breakpoint
    std::string text;
    std::optional<LessonQuestion> question;
};

// As run_to or predict: until the guest has powered off.
inline constexpr std::string_view kLessonEnd = "end";

struct Lesson {
    std::string title;
    std::string about;
    u64 pass = 60; // percent of the points
    std::vector<LessonStep> steps;

    [[nodiscard]] u64 points() const;
};

// What addresses and breakpoints of a lesson mean.
struct LessonNames {
    Symbols symbols;
    std::string favourite; // the lesson's own program
};

// Reads the value of a config's key "lesson". `source` is the file's name, for
// messages: one line, FILE: /lesson/...: expected ..., found ...
[[nodiscard]] Result<Lesson> parse_lesson(const std::string& json, const std::string& source,
                                          const LessonNames& names);

} // namespace forkscope
