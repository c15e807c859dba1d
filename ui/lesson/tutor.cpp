#include "lesson/tutor.hpp"

#include <algorithm>

namespace forkscope {

// A lesson begins at reset; the first step may stay there.
Tutor::Tutor(const Lesson& lesson) : lesson_(lesson) {}

const std::string& Tutor::destination() const {
    return predicting_ ? step().question->predict : step().run_to;
}

std::string Tutor::ahead() const {
    std::vector<std::string> places;
    if (stage_ == LessonStage::Asking)
        places.push_back(step().question->predict);
    for (std::size_t i = step_ + 1; i < lesson_.steps.size(); ++i) {
        places.push_back(lesson_.steps[i].run_to);
        if (lesson_.steps[i].question)
            places.push_back(lesson_.steps[i].question->predict);
    }
    const auto first =
        std::ranges::find_if(places, [](const std::string& place) { return !place.empty(); });
    return first == places.end() || *first == kLessonEnd ? "" : *first;
}

Result<void> Tutor::arrive(std::shared_ptr<const Snapshot> now, bool ended) {
    const std::string& wanted = destination();
    if (ended && wanted != kLessonEnd && !wanted.empty())
        return Error{"the run ended before it came to \"" + wanted + "\" (step " +
                     std::to_string(step_ + 1) + " of " + std::to_string(lesson_.steps.size()) +
                     ")"};
    now_ = std::move(now);
    if (predicting_)
        return settle();
    if (!step().name.empty())
        moments_[step().name] = now_;
    stage_ = step().question ? LessonStage::Asking : LessonStage::Telling;
    return {};
}

Result<void> Tutor::answer(const std::string& given) {
    given_ = given;
    if (!step().question->predict.empty()) {
        predicting_ = true;
        stage_ = LessonStage::Running;
        return {};
    }
    return settle();
}

// Computes the right answer from the moment that the run has come to.
Result<void> Tutor::settle() {
    predicting_ = false;
    const LessonQuestion& question = *step().question;
    const Result<Answer> right = question.answer.answer(*now_, moments_);
    if (!right)
        return Error{"question \"" + question.id + "\": " + right.error().message};
    const auto is_right = [&](const std::string& text) { return says_the_same(*right, text); };
    if (!question.choices.empty() && std::ranges::none_of(question.choices, is_right))
        return Error{"question \"" + question.id + "\": the right answer, " + right->text +
                     ", is not among the choices"};
    const u64 points = is_right(given_) ? question.points - hints_ : 0;
    outcomes_.push_back({question.id, given_, *right, points, question.points});
    stage_ = LessonStage::Answered;
    return {};
}

bool Tutor::hint() {
    if (stage_ != LessonStage::Asking || hints_ >= step().question->hints.size())
        return false;
    ++hints_;
    return true;
}

Result<void> Tutor::next() {
    hints_ = 0;
    given_.clear();
    if (++step_ == lesson_.steps.size()) {
        stage_ = LessonStage::Done;
        return {};
    }
    stage_ = LessonStage::Running;
    return step().run_to.empty() && now_ ? arrive(now_, false) : Result<void>();
}

u64 Tutor::points() const {
    u64 sum = 0;
    for (const LessonOutcome& outcome : outcomes_)
        sum += outcome.points;
    return sum;
}

} // namespace forkscope
