#include "panel/lesson_panel.hpp"

#include "panel/drawing.hpp"

#include <algorithm>
#include <utility>

namespace forkscope {

void LessonPanel::note(const Result<void>& result) {
    trouble_ = result ? std::string() : result.error().message;
}

void LessonPanel::follow(PanelView& view) {
    if (tutor_.stage() != LessonStage::Running) {
        if (const std::string place = tutor_.ahead(); place != held_) {
            view.send(command::HoldAt{place, "The lesson goes on from here: see its panel"});
            held_ = place;
        }
        return;
    }
    if (!trouble_.empty()) {
        return;
    }
    const ControlView& control = view.snapshot.control;
    const std::string destination = tutor_.destination();
    const bool ended = control.phase == RunPhase::Ended;
    const bool there = sent_ && control.arrivals > arrivals_;
    if (destination.empty() || there || ended) {
        sent_ = false;
        note(tutor_.arrive(std::make_shared<const Snapshot>(view.snapshot), ended));
    } else if (!sent_) {
        view.send(command::RunTo{destination});
        held_.clear();
        sent_ = true;
        arrivals_ = control.arrivals;
    }
}

void LessonPanel::answer(const std::string& given) {
    const AnswerKind kind = tutor_.step().question->answer.info->kind;
    if (!plain_answer(kind, given)) {
        trouble_ = "Expected " + std::string(answer_kind_words(kind)) + ".";
        return;
    }
    field_.fill('\0');
    note(tutor_.answer(given));
}

// The field or button that was drawn last gets the focus when it is new.
void LessonPanel::focus_once(const std::string& name) {
    if (std::exchange(focused_, name) != name) {
        ImGui::SetKeyboardFocusHere(-1);
    }
}

void LessonPanel::draw_question(PanelView& view, const LessonModel& model) {
    put_wrapped(model.ask);
    if (model.stage != LessonStage::Asking) {
        return;
    }
    ImGui::PushID(model.id.c_str());
    for (const std::string& choice : model.choices) {
        if (&choice != &model.choices.front()) {
            flow(button_width(choice));
        }
        if (ImGui::Button(choice.c_str())) {
            answer(choice);
        }
    }
    if (model.choices.empty()) {
        ImGui::SetNextItemWidth(std::min(view.em * 14, ImGui::GetContentRegionAvail().x));
        const bool entered =
            ImGui::InputTextWithHint("##answer", model.expected.c_str(), field_.data(),
                                     field_.size(), ImGuiInputTextFlags_EnterReturnsTrue);
        focus_once(model.id); // what is typed is the answer, and Enter gives it
        flow(button_width("Answer"));
        if (ImGui::Button("Answer") || entered) {
            answer(field_.data());
        }
    }
    flow(button_width("Hint (-1 point)"));
    ImGui::BeginDisabled(model.hints_left == 0);
    if (ImGui::Button("Hint (-1 point)")) {
        tutor_.hint();
    }
    ImGui::EndDisabled();
    ImGui::PopID();
}

void LessonPanel::draw_next(const LessonModel& model) {
    const bool can = model.stage == LessonStage::Telling || model.stage == LessonStage::Answered;
    if (!can) {
        return;
    }
    const std::string here = model.progress + model.id; // Enter goes on
    // ImGui presses a button by keys only once the user has moved to it by keys.
    const bool next = ImGui::Button("Next") ||
                      (ImGui::IsItemFocused() && ImGui::IsKeyPressed(ImGuiKey_Enter, false));
    focus_once(here);
    if (next) {
        note(tutor_.next());
    }
}

void LessonPanel::draw(PanelView& view) {
    const LessonModel model = model_lesson(tutor_);
    ImGui::BeginChild("lesson");
    put(model.title);
    const std::string state = model.progress + ", " + model.score;
    flow(text_width(state), view.em);
    put_wrapped_dim(view, state);
    if (!model.waiting.empty()) {
        put_dim(view, "The run " + model.waiting + " ...");
    }
    if (!model.text.empty()) {
        put_wrapped(model.text);
    }
    if (!model.ask.empty()) {
        draw_question(view, model);
    }
    for (const std::string& hint : model.hints) {
        put_wrapped("Hint: " + hint);
    }
    if (!model.verdict.empty()) {
        put_wrapped(model.verdict);
    }
    if (!model.because.empty()) {
        put_wrapped(model.because);
    }
    if (!trouble_.empty()) {
        put_wrapped(trouble_);
    }
    draw_next(model);
    ImGui::EndChild();
}

std::string LessonPanel::title() const {
    const LessonModel model = model_lesson(tutor_);
    return model.progress + ", " + model.score;
}

std::string LessonPanel::text(const Snapshot&, const Selection&) {
    return forkscope::text(model_lesson(tutor_));
}

} // namespace forkscope
