#include "window/frame.hpp"

#include "base/text.hpp"
#include "model/event_export.hpp"
#include "model/focus.hpp"
#include "panel/address_space_panel.hpp"
#include "panel/cpu_panel.hpp"
#include "panel/cycles_panel.hpp"
#include "panel/drawing.hpp"
#include "panel/frame_map_panel.hpp"
#include "panel/table_walk_panel.hpp"
#include "window/help.hpp"

#include <algorithm>
#include <cmath>
#include <imgui_internal.h> // SetKeyOwner, not public yet

namespace forkscope {

namespace {

constexpr float kTextSize = 15;        // pixels, at zoom and scale 1
constexpr float kLectureFactor = 1.3F; // larger, for a hall

template <class P> P* put_into(std::array<std::unique_ptr<Panel>, kPanels>& panels, PanelId id) {
    auto panel = std::make_unique<P>();
    P* raw = panel.get();
    panels[static_cast<std::size_t>(id)] = std::move(panel);
    return raw;
}

bool inside(const Area& area, ImVec2 point) {
    return point.x >= area.x && point.x < area.x + area.width && point.y >= area.y &&
           point.y < area.y + area.height;
}

std::string process_words(const Snapshot& snapshot, u32 pid) {
    const ProcessView* process = snapshot.process(pid);
    return process == nullptr ? "nobody" : process->name + " (" + std::to_string(pid) + ")";
}

} // namespace

Frame::Frame(Settings settings, std::function<void(Command)> send)
    : settings_(std::move(settings)), send_([this, send = std::move(send)](Command command) {
          asked_.note(command);
          send(std::move(command));
      }),
      layouts_{Layout::make(LayoutKind::Lecture), Layout::make(LayoutKind::Lab),
               Layout::make(LayoutKind::Debug)} {
    tree_ = put_into<ProcessTreePanel>(panels_, PanelId::ProcessTree);
    put_into<AddressSpacePanel>(panels_, PanelId::AddressSpace);
    put_into<TableWalkPanel>(panels_, PanelId::TableWalk);
    put_into<FrameMapPanel>(panels_, PanelId::FrameMap);
    faults_ = put_into<FaultInspectorPanel>(panels_, PanelId::FaultInspector);
    timeline_ = put_into<TimelinePanel>(panels_, PanelId::Timeline);
    events_ = put_into<EventLogPanel>(panels_, PanelId::EventLog);
    put_into<CpuPanel>(panels_, PanelId::Cpu);
    put_into<CyclesPanel>(panels_, PanelId::Cycles);
    console_ = put_into<ConsolePanel>(panels_, PanelId::Console);
    for (std::size_t kind = 0; kind < kLayouts; ++kind) {
        layouts_[kind].set_shares(settings_.shares[kind]);
    }
    to_front_ = settings_.front[static_cast<std::size_t>(settings_.layout)];
    ImGuiIO& io = ImGui::GetIO();
    io.IniFilename = nullptr; // what is kept, is kept by Settings
    io.LogFilename = nullptr;
    io.ConfigFlags |= ImGuiConfigFlags_NavEnableKeyboard;
    io.ConfigInputTextCursorBlink = false; // nothing moves by itself: an idle panel is idle
}

bool Frame::prepare(const FrameSize& size) {
    const float factor = settings_.layout == LayoutKind::Lecture ? kLectureFactor : 1;
    // Whatever was chosen, a window holds some lines of some words.
    const float most = std::max(10.0F, std::min(size.width / 26, size.height / 15));
    const float em = std::round(std::min(kTextSize * size.scale * settings_.zoom * factor, most));
    const bool changed = em != em_;
    if (changed) {
        fonts_ = load_fonts(fonts, em);
        em_ = em;
    }
    apply_theme(theme(), em);
    return changed;
}

void Frame::perform(Action action) {
    wanted_.push_back(action);
}

void Frame::read_keys() {
    const ImGuiIO& io = ImGui::GetIO();
    // Alt is for shortcuts: ImGui would take the focus from the console for its menus.
    ImGui::SetKeyOwner(ImGuiMod_Alt, ImGui::GetID("shortcuts"));
    const bool typing = io.WantTextInput || console_->has_focus();
    for (const ActionInfo& info : actions()) {
        if ((typing && !info.while_typing) ||
            (info.action == Action::Unpin &&
             ImGui::IsPopupOpen("", ImGuiPopupFlags_AnyPopupId | ImGuiPopupFlags_AnyPopupLevel))) {
            continue;
        }
        const auto key = static_cast<ImGuiKey>(info.chord & ~ImGuiMod_Mask_);
        const bool pressed = key != ImGuiKey_None && ImGui::IsKeyPressed(key) &&
                             io.KeyMods == (info.chord & ImGuiMod_Mask_);
        const bool typed =
            info.character != 0 &&
            std::find(io.InputQueueCharacters.begin(), io.InputQueueCharacters.end(),
                      static_cast<ImWchar>(info.character)) != io.InputQueueCharacters.end();
        if (pressed || typed) {
            perform(info.action);
        }
    }
}

void Frame::show(PanelId panel) {
    to_front_.push_back(panel);
    if (panel == PanelId::Console) {
        console_->focus();
    }
}

void Frame::change_zoom(float factor) {
    settings_.zoom = std::clamp(settings_.zoom * factor, kLeastZoom, kMostZoom);
}

void Frame::switch_layout(LayoutKind kind) {
    settings_.layout = kind;
    to_front_ = settings_.front[static_cast<std::size_t>(kind)];
    message_ = "Layout: " + std::string(layout_title(kind));
}

void Frame::perform_on_window(Action action) {
    switch (action) {
    case Action::LayoutLecture:
    case Action::LayoutLab:
    case Action::LayoutDebug:
        switch_layout(static_cast<LayoutKind>(static_cast<int>(action) -
                                              static_cast<int>(Action::LayoutLecture)));
        break;
    case Action::ResetLayout:
        layout() = Layout::make(settings_.layout);
        settings_.shares[static_cast<std::size_t>(settings_.layout)].clear();
        to_front_ = layout().first_panels();
        message_ = "The layout is as it was made.";
        break;
    case Action::SwitchTheme:
        settings_.theme = settings_.theme == ThemeKind::Dark ? ThemeKind::Light : ThemeKind::Dark;
        break;
    case Action::ZoomIn:
        change_zoom(1.15F);
        break;
    case Action::ZoomOut:
        change_zoom(1 / 1.15F);
        break;
    case Action::ZoomReset:
        settings_.zoom = 1;
        break;
    case Action::FullScreen:
        toggle_full_screen = true;
        break;
    case Action::Palette:
        palette_.open();
        break;
    case Action::Help:
        open_help_ = true;
        break;
    case Action::Quit:
        quit = true;
        break;
    default:
        break;
    }
}

void Frame::perform_on_panels(Action action, PanelView& view) {
    switch (action) {
    case Action::Faster:
    case Action::Slower:
        control_bar_.change_speed(view, asked_.speed(view.snapshot.control),
                                  action == Action::Faster ? 1 : -1);
        break;
    case Action::PreviousFault:
    case Action::NextFault:
        faults_->step(view, action == Action::NextFault ? 1 : -1);
        break;
    case Action::LastFault:
        selection.fault.reset();
        selection.address.reset();
        break;
    case Action::Unpin:
        selection.pid = 0;
        selection.compared.reset();
        selection.address.reset();
        selection.frame.reset();
        break;
    case Action::TimelineCloser:
    case Action::TimelineWider:
        timeline_->zoom(view, action == Action::TimelineCloser ? 0.7 : 1 / 0.7);
        break;
    case Action::TimelineLeft:
    case Action::TimelineRight:
        timeline_->pan(view, action == Action::TimelineLeft ? -0.15 : 0.15);
        break;
    case Action::TimelineAll:
        timeline_->fit(view);
        break;
    case Action::Bookmark:
        timeline_->bookmark(view);
        break;
    case Action::Filter:
        show(PanelId::EventLog);
        events_->focus_filter();
        break;
    case Action::ExportEvents:
        write_events(view);
        break;
    case Action::CopyPanel:
        copy_panel(view);
        break;
    case Action::CollapseAll:
        tree_->collapse_all(view);
        break;
    default:
        break;
    }
}

void Frame::perform_now(Action action, PanelView& view) {
    message_.clear();
    switch (action) {
    case Action::RunOrPause:
        if (asked_.running(view.snapshot.control)) {
            send_(command::Pause{});
        } else {
            send_(command::Run{});
        }
        return;
    case Action::StepEvent:
        return send_(command::StepEvent{});
    case Action::StepInstruction:
        return send_(command::StepInstruction{});
    case Action::StepOver:
        return send_(command::StepOver{});
    case Action::StepOut:
        return send_(command::StepOut{});
    default:
        break;
    }
    if (action >= Action::ShowProcessTree && action <= Action::ShowConsole) {
        show(static_cast<PanelId>(static_cast<int>(action) -
                                  static_cast<int>(Action::ShowProcessTree)));
    } else {
        perform_on_panels(action, view);
        perform_on_window(action);
    }
}

void Frame::copy_panel(PanelView& view) {
    const PanelId id = under_mouse_.value_or(PanelId::ProcessTree);
    ImGui::SetClipboardText(panel(id).text(view.snapshot, selection).c_str());
    message_ = "Copied as text: " + std::string(panel_title(id));
}

void Frame::write_events(PanelView& view) {
    const auto written = export_events(view.snapshot, selection, export_folder);
    message_ = written ? "Events written to " + written->string() : written.error().message;
}

void Frame::draw_splitter(const Splitter& splitter, std::size_t index) {
    ImGui::SetCursorScreenPos({splitter.area.x, splitter.area.y});
    ImGui::PushID(static_cast<int>(index));
    ImGui::InvisibleButton(
        "splitter", {std::max(1.0F, splitter.area.width), std::max(1.0F, splitter.area.height)});
    ImGui::PopID();
    const bool active = ImGui::IsItemActive();
    const bool marked = active || ImGui::IsItemHovered();
    if (marked) {
        ImGui::SetMouseCursor(splitter.columns ? ImGuiMouseCursor_ResizeEW
                                               : ImGuiMouseCursor_ResizeNS);
    }
    ImGui::GetWindowDrawList()->AddRectFilled(ImGui::GetItemRectMin(), ImGui::GetItemRectMax(),
                                              marked ? theme().accent : theme().background);
    const float delta =
        splitter.columns ? ImGui::GetIO().MouseDelta.x : ImGui::GetIO().MouseDelta.y;
    if (active && delta != 0 && splitter.extent > 0) {
        const float share = splitter.before / splitter.extent + delta / splitter.extent;
        layout().move(splitter.split, share);
        settings_.shares[static_cast<std::size_t>(settings_.layout)] = layout().shares();
    }
}

void Frame::draw_pane(PanelView& view, const Pane& pane, std::size_t index) {
    ImGui::SetCursorScreenPos({pane.area.x, pane.area.y});
    // Panes keep their tabs when the window's size changes how many there are.
    const std::string id = std::string(layout_key(settings_.layout)) + std::to_string(index) + "/" +
                           std::to_string(pane.panels.size());
    ImGui::BeginChild(id.c_str(), {pane.area.width, pane.area.height},
                      ImGuiChildFlags_AlwaysUseWindowPadding,
                      ImGuiWindowFlags_NoScrollbar | ImGuiWindowFlags_NoScrollWithMouse);
    // Where names would shrink to letters, tabs scroll, and a button lists them.
    const bool crowded = pane.area.width < em_ * 4 * static_cast<float>(pane.panels.size());
    const ImGuiTabBarFlags fitting =
        crowded ? ImGuiTabBarFlags_FittingPolicyScroll | ImGuiTabBarFlags_TabListPopupButton
                : ImGuiTabBarFlags_FittingPolicyResizeDown;
    if (ImGui::BeginTabBar("tabs", fitting | ImGuiTabBarFlags_NoTooltip)) {
        for (const PanelId panel_id : pane.panels) {
            const bool wanted =
                std::find(to_front_.begin(), to_front_.end(), panel_id) != to_front_.end();
            const std::string title(panel_title(panel_id));
            if (ImGui::BeginTabItem(title.c_str(), nullptr,
                                    wanted ? ImGuiTabItemFlags_SetSelected : 0)) {
                front_.push_back(panel_id);
                if (inside(pane.area, ImGui::GetMousePos())) {
                    under_mouse_ = panel_id;
                }
                panel(panel_id).draw(view);
                ImGui::EndTabItem();
            }
        }
        if (pane.area.width > em_ * 24 &&
            ImGui::TabItemButton("Copy",
                                 ImGuiTabItemFlags_Trailing | ImGuiTabItemFlags_NoTooltip)) {
            perform(Action::CopyPanel);
        }
        ImGui::EndTabBar();
    }
    ImGui::EndChild();
}

// The lesson takes the left of the area; what is left of it is the panels'.
Area Frame::draw_lesson(PanelView& view, const Area& area) {
    if (lesson_ == nullptr) {
        return area;
    }
    lesson_->follow(view);
    const float width = std::min(em_ * 24, area.width * 0.34F);
    const ImVec2 pad = ImGui::GetStyle().WindowPadding;
    ImGui::SetCursorScreenPos({area.x + pad.x, area.y + pad.y});
    ImGui::BeginChild("lesson-pane", {width - pad.x * 2, area.height - pad.y * 2});
    lesson_->draw(view);
    ImGui::EndChild();
    const float used = width + gap_width();
    return {area.x + used, area.y, area.width - used, area.height};
}

void Frame::draw_panes(PanelView& view, const Area& area) {
    const Arrangement arrangement = layout().arrange(area, em_ * 15, em_ * 7, gap_width());
    front_.clear();
    under_mouse_.reset();
    console_->begin_frame();
    for (std::size_t i = 0; i < arrangement.panes.size(); ++i) {
        draw_pane(view, arrangement.panes[i], i);
    }
    for (std::size_t i = 0; i < arrangement.splitters.size(); ++i) {
        draw_splitter(arrangement.splitters[i], i);
    }
    to_front_.clear();
    settings_.front[static_cast<std::size_t>(settings_.layout)] = front_;
    settings_.shares[static_cast<std::size_t>(settings_.layout)] = layout().shares();
}

void Frame::draw_choices(PanelView& view) {
    for (std::size_t kind = 0; kind < kLayouts; ++kind) {
        const auto layout_kind = static_cast<LayoutKind>(kind);
        const bool chosen = settings_.layout == layout_kind;
        if (chosen) {
            ImGui::PushStyleColor(ImGuiCol_Button, view.theme.accent);
            ImGui::PushStyleColor(ImGuiCol_Text, ink_on(view.theme.accent));
        }
        const auto action =
            static_cast<Action>(static_cast<std::size_t>(Action::LayoutLecture) + kind);
        const std::string title(layout_title(layout_kind));
        action_button(view, action, title.c_str());
        if (chosen) {
            ImGui::PopStyleColor(2);
        }
        ImGui::SameLine(0, em_ * 0.15F);
    }
    ImGui::SameLine(0, em_ * 0.8F);
    action_button(view, Action::SwitchTheme, settings_.theme == ThemeKind::Dark ? "Light" : "Dark");
    ImGui::SameLine(0, em_ * 0.15F);
    action_button(view, Action::ZoomOut, "-");
    ImGui::SameLine(0, em_ * 0.15F);
    action_button(view, Action::ZoomIn, "+");
    ImGui::SameLine(0, em_ * 0.15F);
    action_button(view, Action::Palette, "Commands");
    ImGui::SameLine(0, em_ * 0.15F);
    action_button(view, Action::Help, "?");
}

void Frame::draw_status(PanelView& view) {
    draw_choices(view);
    ImGui::SameLine(0, em_);
    const u32 pid = pinned_pid(view.snapshot, selection);
    std::string words = message_;
    if (words.empty()) {
        words = (selection.pid != 0 ? "pinned: " : "following: ") +
                process_words(view.snapshot, pid) + " ";
        const float room = ImGui::GetContentRegionAvail().x;
        words = text_width(words) <= room ? words : "";
        for (const char* hint :
             {"? help", "F5 run", "F6 next event", "F7 step", "Ctrl+Shift+P commands"}) {
            const std::string longer = words + "   " + hint;
            words = text_width(longer) <= room ? longer : words;
        }
    }
    ImGui::AlignTextToFramePadding();
    put_dim(view, words);
}

void Frame::draw(const Snapshot& snapshot) {
    if (serial_ != snapshot.serial || !(drawn_ == selection) || revision_ == 0) {
        serial_ = snapshot.serial;
        drawn_ = selection;
        ++revision_;
    }
    asked_.see(snapshot.control);
    PanelView view{snapshot, selection, revision_, theme(), fonts_, em_, send_, perform_};
    read_keys();
    for (const Action action : std::exchange(wanted_, {})) {
        perform_now(action, view);
    }
    const ImVec2 screen = ImGui::GetIO().DisplaySize;
    ImGui::SetNextWindowPos({0, 0});
    ImGui::SetNextWindowSize(screen);
    constexpr ImGuiWindowFlags kFlags =
        ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoSavedSettings |
        ImGuiWindowFlags_NoBringToFrontOnFocus | ImGuiWindowFlags_NoNavFocus |
        ImGuiWindowFlags_NoScrollWithMouse;
    ImGui::Begin("Forkscope", nullptr, kFlags);
    control_bar_.draw(view);
    const ImVec2 pad = ImGui::GetStyle().WindowPadding;
    const float gap = gap_width();
    const float top = ImGui::GetCursorScreenPos().y + gap;
    const bool tall = screen.y > em_ * 18; // room for the last line
    const float foot = tall ? ImGui::GetFrameHeight() + pad.y * 2 + gap : 0;
    const float bottom = std::max(top + 1, screen.y - foot);
    ImDrawList& list = *ImGui::GetWindowDrawList();
    list.AddRectFilled({0, top - gap}, {screen.x, top}, theme().background);
    draw_panes(view, draw_lesson(view, {0, top, screen.x, bottom - top}));
    if (tall) {
        list.AddRectFilled({0, bottom}, {screen.x, bottom + gap}, theme().background);
        ImGui::SetCursorScreenPos({pad.x, bottom + gap + pad.y});
        draw_status(view);
    }
    palette_.draw(view);
    draw_help(view, std::exchange(open_help_, false));
    ImGui::End();
}

std::string Frame::title(const Snapshot& snapshot) const {
    static constexpr std::string_view kPhases[] = {"ready", "running", "paused", "ended"};
    const ControlView& control = snapshot.control;
    std::string text = "Forkscope: ";
    text += kPhases[static_cast<std::size_t>(control.phase)];
    if (control.phase != RunPhase::Running) {
        text += " at cycle " + grouped(control.cycle);
    }
    if (selection.pid != 0) {
        text += ", " + process_words(snapshot, selection.pid) + " pinned";
    }
    text += ", " + std::string(layout_title(settings_.layout));
    return lesson_ == nullptr ? text : text + ", " + lesson_->title();
}

std::string Frame::text(const Snapshot& snapshot) {
    std::string all;
    for (const PanelId id : front_) {
        all += std::string(panel_title(id)) + "\n" + panel(id).text(snapshot, selection) + "\n";
    }
    if (lesson_ != nullptr) {
        all += lesson_->text(snapshot, selection);
    }
    return all;
}

} // namespace forkscope
