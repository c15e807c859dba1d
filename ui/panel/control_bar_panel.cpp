#include "panel/control_bar_panel.hpp"

#include "panel/drawing.hpp"

#include <algorithm>

namespace forkscope {

namespace {

void next_button(const PanelView& view, Action action, const char* label, bool enabled) {
    flow(button_width(label));
    action_button(view, action, label, enabled);
}

} // namespace

void ControlBarPanel::change_speed(const PanelView& view, double now, int step) {
    const ControlBarModel model = model_control_bar(view.snapshot, view.selection);
    const auto chosen =
        std::find_if(model.speeds.begin(), model.speeds.end(),
                     [now](const SpeedChoice& speed) { return speed.events_per_second == now; });
    const auto last = static_cast<long>(model.speeds.size()) - 1;
    const long from = chosen == model.speeds.end() ? last : chosen - model.speeds.begin();
    const long next = std::clamp(from + step, 0L, last);
    view.send(command::SetSpeed{model.speeds[static_cast<std::size_t>(next)].events_per_second});
}

void ControlBarPanel::draw_buttons(PanelView& view, const ControlBarModel& model) {
    const bool running = model.can_pause;
    ImGui::PushStyleColor(ImGuiCol_Button, view.theme.accent);
    ImGui::PushStyleColor(ImGuiCol_Text, ink_on(view.theme.accent));
    action_button(view, Action::RunOrPause, running ? "❚❚ Pause" : "▶ Run",
                  running || model.can_run);
    ImGui::PopStyleColor(2);
    next_button(view, Action::StepEvent, "Next event", model.can_run);
    next_button(view, Action::StepInstruction, "Step", model.can_run);
    next_button(view, Action::StepOver, "Over", model.can_run);
    next_button(view, Action::StepOut, "Out", model.can_run);
}

void ControlBarPanel::draw_speed(PanelView& view, const ControlBarModel& model) {
    std::string label = "speed";
    for (const SpeedChoice& speed : model.speeds) {
        label = speed.chosen ? speed.label : label;
    }
    flow(view.em * 8);
    ImGui::SetNextItemWidth(view.em * 8);
    if (ImGui::BeginCombo("##speed", label.c_str(), ImGuiComboFlags_HeightLarge)) {
        for (const SpeedChoice& speed : model.speeds) {
            if (ImGui::Selectable(speed.label.c_str(), speed.chosen)) {
                view.send(command::SetSpeed{speed.events_per_second});
            }
        }
        ImGui::EndCombo();
    } else {
        hover_card(view,
                   "Speed, in events of the operating system each second (Ctrl+Up, Ctrl+Down)");
    }
}

void ControlBarPanel::draw_breakpoints(PanelView& view, const ControlBarModel& model) {
    const std::size_t count = model.breakpoints.size();
    const std::string label =
        (count == 0 ? "Break on..." : "Break on (" + std::to_string(count) + ")") + "###break";
    flow(button_width("Break on..."));
    if (ImGui::Button(label.c_str())) {
        ImGui::OpenPopup("breakpoints");
    }
    hover_card(view, "Stop at an address, a system call, a fork or a fault");
    if (!ImGui::BeginPopup("breakpoints")) {
        return;
    }
    for (const BreakpointView& point : model.breakpoints) {
        ImGui::PushID(static_cast<int>(point.id));
        if (ImGui::SmallButton("Remove")) {
            view.send(command::RemoveBreakpoint{point.id});
        }
        ImGui::SameLine();
        put(point.text + ", hit " + std::to_string(point.hits) +
            (point.hits == 1 ? " time" : " times"));
        ImGui::PopID();
    }
    if (ImGui::IsWindowAppearing()) {
        ImGui::SetKeyboardFocusHere();
    }
    ImGui::SetNextItemWidth(view.em * 18);
    const bool entered = ImGui::InputTextWithHint(
        "##new", "fork1, syscall fork, fault permission pid 3", breakpoint_.data(),
        breakpoint_.size(), ImGuiInputTextFlags_EnterReturnsTrue);
    ImGui::SameLine();
    if ((ImGui::Button("Add") || entered) && breakpoint_[0] != 0) {
        view.send(command::AddBreakpoint{breakpoint_.data()});
        breakpoint_[0] = 0;
    }
    ImGui::EndPopup();
}

void ControlBarPanel::draw_numbers(PanelView& view, const ControlBarModel& model) {
    const std::string numbers =
        "cycle " + model.cycle + "  ·  " + model.time + "  ·  " + model.os_events + " events";
    const float right = ImGui::GetWindowPos().x + ImGui::GetWindowContentRegionMax().x;
    const float room = right - ImGui::GetItemRectMax().x - view.em;
    if (text_width(numbers) <= room) {
        ImGui::SameLine();
        ImGui::SetCursorPosX(ImGui::GetWindowContentRegionMax().x - text_width(numbers));
        ImGui::AlignTextToFramePadding();
        put_dim(view, numbers);
        hover_card(view, model.instructions + " instructions; " +
                             (model.cycle_timing ? "cycles by the timing model"
                                                 : "one cycle for each instruction"));
    }
}

void ControlBarPanel::draw_state(PanelView& view, const ControlBarModel& model) {
    std::string name = model.phase_name;
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
    const ImU32 color = model.can_pause ? view.theme.good : view.theme.changed;
    ImGui::PushFont(view.fonts.bold);
    put_colored(color, name);
    ImGui::SameLine(0, view.em * 0.7F);
    put_wrapped(model.why.empty() ? model.where : model.why);
    ImGui::PopFont();
    if (!model.why.empty() && !model.where.empty()) {
        const float width = text_width(model.where);
        flow(width + view.em);
        put_dim(view, model.where);
    }
}

void ControlBarPanel::draw(PanelView& view) {
    const ControlBarModel& model =
        model_.at(view.revision, [&] { return model_control_bar(view.snapshot, view.selection); });
    draw_buttons(view, model);
    draw_speed(view, model);
    draw_breakpoints(view, model);
    draw_numbers(view, model);
    draw_state(view, model);
}

std::string ControlBarPanel::text(const Snapshot& snapshot, const Selection& selection) {
    return forkscope::text(model_control_bar(snapshot, selection));
}

} // namespace forkscope
