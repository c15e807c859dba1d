// Panel 12: the lesson, with a field for the answer. Only there if the run has one.
#pragma once

#include "model/lesson.hpp"
#include "panel/panel.hpp"

namespace forkscope {

class LessonPanel final : public Panel {
public:
    // Goes on from where the tutor is; borrows its lesson.
    explicit LessonPanel(const Tutor& tutor) : tutor_(tutor) {}

    void draw(PanelView& view) override;
    std::string text(const Snapshot& snapshot, const Selection& selection) override;

    // "step 2 of 9, 5 of 6 points"
    [[nodiscard]] std::string title() const;

    // Takes the lesson on: sends the run to where it is wanted, and notices that it
    // is there. Once for each frame, drawn or not.
    void follow(PanelView& view);

private:
    void draw_question(PanelView& view, const LessonModel& model);
    void draw_next(const LessonModel& model);
    void answer(const std::string& given);
    void focus_once(const std::string& name);
    void note(const Result<void>& result);

    Tutor tutor_;
    bool sent_ = false; // the run is on the way
    u64 arrivals_ = 0;  // that had been when it was sent
    std::string held_;  // where the run goes no further without the lesson
    std::array<char, 256> field_{};
    std::string focused_; // the question, or the step, whose field or button got the focus
    std::string trouble_; // what is wrong with the answer, or with the lesson
};

} // namespace forkscope
