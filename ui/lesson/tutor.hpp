// Where somebody is in a lesson. Knows no machine: it says where the run has to go
// and is told when it is there.
#pragma once

#include "lesson/lesson.hpp"

namespace forkscope {

// What has become of a question.
struct LessonOutcome {
    std::string id;
    std::string given; // empty: not answered
    Answer right;
    u64 points = 0; // got
    u64 most = 0;   // of so many

    [[nodiscard]] bool correct() const { return points != 0; }
};

enum class LessonStage : u8 {
    Running,  // on the way to destination()
    Telling,  // the step's text; next() goes on
    Asking,   // answer(), or hint()
    Answered, // outcome of the step's question; next() goes on
    Done,
};

class Tutor {
public:
    // Borrows the lesson.
    explicit Tutor(const Lesson& lesson);

    [[nodiscard]] const Lesson& lesson() const { return lesson_; }
    [[nodiscard]] LessonStage stage() const { return stage_; }
    [[nodiscard]] std::size_t step_number() const { return step_; }
    // Only if the lesson is not Done.
    [[nodiscard]] const LessonStep& step() const { return lesson_.steps[step_]; }
    [[nodiscard]] std::size_t hints_shown() const { return hints_; }
    [[nodiscard]] const std::vector<LessonOutcome>& outcomes() const { return outcomes_; }

    // Running: what the run must come to, as a breakpoint, or kLessonEnd.
    [[nodiscard]] const std::string& destination() const;
    // Not Running: the breakpoint that the lesson goes to next, of this step or of one
    // after it; who goes past that misses it. Empty if there is none.
    [[nodiscard]] std::string ahead() const;
    // It has come there; `ended`: the run has ended. The error is the lesson's own:
    // the run ended before, or a question that this moment does not answer.
    Result<void> arrive(std::shared_ptr<const Snapshot> now, bool ended);

    // Asking. An empty answer is none.
    Result<void> answer(const std::string& given);
    // The next hint; false if there is none.
    bool hint();
    // Telling, Answered
    Result<void> next();

    [[nodiscard]] u64 points() const;
    [[nodiscard]] bool passed() const { return points() * 100 >= lesson_.points() * lesson_.pass; }

private:
    Result<void> settle();

    const Lesson& lesson_;
    std::size_t step_ = 0;
    LessonStage stage_ = LessonStage::Running;
    bool predicting_ = false; // Running, on the way to the answer
    std::size_t hints_ = 0;
    std::string given_;
    std::shared_ptr<const Snapshot> now_;
    Moments moments_;
    std::vector<LessonOutcome> outcomes_;
};

} // namespace forkscope
