#include "panel/actions.hpp"

#include <array>

namespace forkscope {

namespace {

constexpr ImGuiKeyChord kControl = ImGuiMod_Ctrl;
constexpr ImGuiKeyChord kBoth = ImGuiMod_Ctrl | ImGuiMod_Shift;
constexpr ImGuiKeyChord kAlt = ImGuiMod_Alt;

// Control with a letter alone is the guest's, which reads Ctrl-C and Ctrl-D.
constexpr std::array kActions = {
    ActionInfo{Action::RunOrPause, "Run or pause", "Machine", "F5", ImGuiKey_F5, 0, true},
    ActionInfo{Action::StepEvent, "To the next OS event", "Machine", "F6", ImGuiKey_F6, 0, true},
    ActionInfo{Action::StepInstruction, "Step one instruction", "Machine", "F7", ImGuiKey_F7, 0,
               true},
    ActionInfo{Action::StepOver, "Step over a call", "Machine", "F8", ImGuiKey_F8, 0, true},
    ActionInfo{Action::StepOut, "Step out of a function", "Machine", "Shift+F7",
               ImGuiMod_Shift | ImGuiKey_F7, 0, true},
    ActionInfo{Action::Faster, "Faster", "Machine", "Ctrl+Up", kControl | ImGuiKey_UpArrow, 0,
               true},
    ActionInfo{Action::Slower, "Slower", "Machine", "Ctrl+Down", kControl | ImGuiKey_DownArrow, 0,
               true},
    ActionInfo{Action::PreviousFault, "Previous fault", "Look", "[", 0, '['},
    ActionInfo{Action::NextFault, "Next fault", "Look", "]", 0, ']'},
    ActionInfo{Action::LastFault, "Follow the last fault", "Look", "L", ImGuiKey_L},
    ActionInfo{Action::Unpin, "Unpin: follow the CPU", "Look", "Esc", ImGuiKey_Escape},
    ActionInfo{Action::TimelineCloser, "Timeline: closer", "Timeline", "W", ImGuiKey_W},
    ActionInfo{Action::TimelineWider, "Timeline: wider", "Timeline", "S", ImGuiKey_S},
    ActionInfo{Action::TimelineLeft, "Timeline: earlier", "Timeline", "A", ImGuiKey_A},
    ActionInfo{Action::TimelineRight, "Timeline: later", "Timeline", "D", ImGuiKey_D},
    ActionInfo{Action::TimelineAll, "Timeline: all, or around the fault", "Timeline", "F",
               ImGuiKey_F},
    ActionInfo{Action::Bookmark, "Bookmark this moment", "Timeline", "B", ImGuiKey_B},
    ActionInfo{Action::Filter, "Filter the events", "Look", "Ctrl+Shift+F", kBoth | ImGuiKey_F, 0,
               true},
    ActionInfo{Action::ExportEvents, "Write the events to a file", "Look", "Ctrl+Shift+E",
               kBoth | ImGuiKey_E, 0, true},
    ActionInfo{Action::CopyPanel, "Copy the panel under the mouse as text", "Look", "Ctrl+Shift+C",
               kBoth | ImGuiKey_C, 0, true},
    ActionInfo{Action::CollapseAll, "Collapse or open the whole tree", "Look", "C", ImGuiKey_C},
    ActionInfo{Action::ShowProcessTree, "Show the process tree", "Panels", "Alt+1",
               kAlt | ImGuiKey_1, 0, true},
    ActionInfo{Action::ShowAddressSpace, "Show the address space", "Panels", "Alt+2",
               kAlt | ImGuiKey_2, 0, true},
    ActionInfo{Action::ShowTableWalk, "Show the page-table walk", "Panels", "Alt+3",
               kAlt | ImGuiKey_3, 0, true},
    ActionInfo{Action::ShowFrameMap, "Show the frames", "Panels", "Alt+4", kAlt | ImGuiKey_4, 0,
               true},
    ActionInfo{Action::ShowFaultInspector, "Show the fault", "Panels", "Alt+5", kAlt | ImGuiKey_5,
               0, true},
    ActionInfo{Action::ShowTimeline, "Show the timeline", "Panels", "Alt+6", kAlt | ImGuiKey_6, 0,
               true},
    ActionInfo{Action::ShowEventLog, "Show the events", "Panels", "Alt+7", kAlt | ImGuiKey_7, 0,
               true},
    ActionInfo{Action::ShowCpu, "Show the CPU", "Panels", "Alt+8", kAlt | ImGuiKey_8, 0, true},
    ActionInfo{Action::ShowCycles, "Show the cycles", "Panels", "Alt+9", kAlt | ImGuiKey_9, 0,
               true},
    ActionInfo{Action::ShowConsole, "Show the console", "Panels", "Alt+0", kAlt | ImGuiKey_0, 0,
               true},
    ActionInfo{Action::LayoutLecture, "Layout: Lecture", "Window", "Ctrl+1", kControl | ImGuiKey_1,
               0, true},
    ActionInfo{Action::LayoutLab, "Layout: Lab", "Window", "Ctrl+2", kControl | ImGuiKey_2, 0,
               true},
    ActionInfo{Action::LayoutDebug, "Layout: Debug", "Window", "Ctrl+3", kControl | ImGuiKey_3, 0,
               true},
    ActionInfo{Action::ResetLayout, "Reset the layout", "Window", "Ctrl+Shift+R",
               kBoth | ImGuiKey_R, 0, true},
    ActionInfo{Action::SwitchTheme, "Light or dark", "Window", "Ctrl+Shift+T", kBoth | ImGuiKey_T,
               0, true},
    ActionInfo{Action::ZoomIn, "Larger", "Window", "Ctrl+=", kControl | ImGuiKey_Equal, 0, true},
    ActionInfo{Action::ZoomOut, "Smaller", "Window", "Ctrl+-", kControl | ImGuiKey_Minus, 0, true},
    ActionInfo{Action::ZoomReset, "Normal size", "Window", "Ctrl+0", kControl | ImGuiKey_0, 0,
               true},
    ActionInfo{Action::FullScreen, "Full screen", "Window", "F11", ImGuiKey_F11, 0, true},
    ActionInfo{Action::Palette, "Command palette", "Window", "Ctrl+Shift+P", kBoth | ImGuiKey_P, 0,
               true},
    ActionInfo{Action::Help, "Help", "Window", "?", 0, '?'},
    ActionInfo{Action::Quit, "Quit", "Window", "Ctrl+Shift+Q", kBoth | ImGuiKey_Q, 0, true},
};

constexpr bool in_order() {
    for (std::size_t i = 0; i < kActions.size(); ++i) {
        if (static_cast<std::size_t>(kActions[i].action) != i) {
            return false;
        }
    }
    return kActions.size() == static_cast<std::size_t>(Action::Quit) + 1;
}
static_assert(in_order());

} // namespace

std::span<const ActionInfo> actions() {
    return kActions;
}

const ActionInfo& action_info(Action action) {
    return kActions[static_cast<std::size_t>(action)];
}

} // namespace forkscope
