// `forkscope run` with a lesson in the config: on the terminal, or graded.
#pragma once

#include "cli/command_line.hpp"
#include "lesson/tutor.hpp"
#include "session/stepper.hpp"

#include <map>
#include <memory>

namespace forkscope {

// Answers by the ids of questions.
using GivenAnswers = std::map<std::string, std::string>;

class LessonRun {
public:
    // `file` is the config's. Null if it has no lesson.
    static Result<std::unique_ptr<LessonRun>>
    set_up(const RunOptions& options, const Config& config, const std::filesystem::path& file);

    [[nodiscard]] const Lesson& lesson() const { return lesson_; }

    // Takes the lesson from reset to its last step. With --answers it is graded, with
    // --solve the right answers are written, else the terminal is asked. Success if
    // the lesson is passed or solved.
    Result<ExitStatus> run(Stepper& stepper);
    // Takes it as far as `last` without a word and without an answer, for a picture of
    // that moment. A lesson that can't go on stays where it is.
    void follow(Stepper& stepper, Cycle last);
    // Where the lesson is: of one that was followed, the step that was told last.
    [[nodiscard]] const Tutor& told() const { return told_ ? *told_ : *tutor_; }

private:
    LessonRun() = default;
    Result<ExitStatus> conclude() const;

    Lesson lesson_;
    std::optional<Tutor> tutor_;
    std::optional<Tutor> told_; // none: the lesson is where tutor_ is
    std::optional<GivenAnswers> answers_;
    std::optional<std::filesystem::path> solve_;
};

// Whether the config's lesson, if it has one, is good.
Result<void> check_lesson(const Config& config, const std::filesystem::path& file);

} // namespace forkscope
