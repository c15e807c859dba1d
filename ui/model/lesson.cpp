#include "model/lesson.hpp"

#include "ui/columns.hpp"
#include "ui/words.hpp"

#include <algorithm>

namespace forkscope {

namespace {

std::string points_of(u64 points, u64 most) {
    return std::to_string(points) + " of " + plural(most, "point");
}

u64 points_so_far(const Tutor& tutor) {
    u64 most = 0;
    for (const LessonOutcome& outcome : tutor.outcomes())
        most += outcome.most;
    return most;
}

void add_question(const Tutor& tutor, const LessonQuestion& question, LessonModel& model) {
    model.id = question.id;
    model.ask = question.ask;
    model.choices = question.choices;
    model.expected = answer_kind_words(question.answer.info->kind);
    const auto shown = question.hints.begin() + static_cast<std::ptrdiff_t>(tutor.hints_shown());
    model.hints.assign(question.hints.begin(), shown);
    model.hints_left = question.hints.size() - tutor.hints_shown();
    if (model.stage == LessonStage::Answered) {
        model.verdict = verdict_words(tutor.outcomes().back());
        model.because = question.because;
    }
}

} // namespace

std::string verdict_words(const LessonOutcome& outcome) {
    const std::string points = points_of(outcome.points, outcome.most) + ".";
    if (outcome.correct())
        return "Right: " + outcome.right.text + ". " + points;
    const std::string given =
        outcome.given.empty() ? "No answer" : "You said " + clip(printable(outcome.given), 60);
    return "Not right: " + points + " " + given + "; it is " + outcome.right.text + ".";
}

std::string result_words(const Tutor& tutor) {
    const u64 most = tutor.lesson().points();
    return points_of(tutor.points(), most) + ", " +
           std::to_string(most == 0 ? 100 : tutor.points() * 100 / most) + " %; " +
           std::to_string(tutor.lesson().pass) +
           " % are needed: " + (tutor.passed() ? "passed" : "not passed");
}

LessonModel model_lesson(const Tutor& tutor) {
    LessonModel model;
    const Lesson& lesson = tutor.lesson();
    model.stage = tutor.stage();
    model.title = lesson.title;
    model.score = points_of(tutor.points(), points_so_far(tutor));
    if (model.stage == LessonStage::Done) {
        model.progress = "done";
        model.text = result_words(tutor);
        return model;
    }
    const LessonStep& step = tutor.step();
    model.progress = "step " + std::to_string(tutor.step_number() + 1) + " of " +
                     std::to_string(lesson.steps.size());
    if (model.stage == LessonStage::Running) {
        const std::string& destination = tutor.destination();
        model.waiting = destination.empty()         ? "the lesson begins"
                        : destination == kLessonEnd ? "runs to the end"
                                                    : "runs to " + destination;
        return model;
    }
    model.text = step.text;
    if (step.question)
        add_question(tutor, *step.question, model);
    return model;
}

std::string text(const LessonModel& model) {
    std::string text = wrap("Lesson: ", model.title + " (" + model.progress + ")");
    const auto add = [&text](std::string_view head, const std::string& words) {
        if (!words.empty())
            text += wrap(head, words);
    };
    add("  ... ", model.waiting);
    add("  ", model.text);
    add("  ? ", model.ask);
    for (const std::string& choice : model.choices)
        add("    - ", choice);
    for (const std::string& hint : model.hints)
        add("    hint: ", hint);
    add("  = ", model.verdict);
    add("    ", model.because);
    add("  score: ", model.stage == LessonStage::Done ? "" : model.score);
    return text;
}

} // namespace forkscope
