// Panel 12: the lesson, if the run has one.
#pragma once

#include "lesson/tutor.hpp"

namespace forkscope {

struct LessonModel {
    LessonStage stage = LessonStage::Running;
    std::string title;
    std::string progress; // "step 2 of 9"
    std::string waiting;  // Running: for what
    std::string text;     // of the step; empty if it has none
    std::string id;       // of the question; empty if the step has none
    std::string ask;
    std::string expected; // "a number", "yes or no"
    std::vector<std::string> choices;
    std::vector<std::string> hints; // that are shown
    std::size_t hints_left = 0;
    std::string verdict; // Answered: "Right: 2 of 2 points."
    std::string because;
    std::string score; // "5 of 12 points"
};

LessonModel model_lesson(const Tutor& tutor);
std::string text(const LessonModel& model);

// "Right: 2 of 2 points.", "Not right: 0 of 2 points. You said 1; it is 2."
std::string verdict_words(const LessonOutcome& outcome);
// "9 of 12 points, 75 %; 60 % are needed: passed"
std::string result_words(const Tutor& tutor);

} // namespace forkscope
