// What the panel can be told to do by a key or from the command palette.
#pragma once

#include "base/types.hpp"

#include <imgui.h>

#include <span>
#include <string_view>

namespace forkscope {

enum class Action : u8 {
    RunOrPause,
    StepEvent,
    StepInstruction,
    StepOver,
    StepOut,
    Faster,
    Slower,
    PreviousFault,
    NextFault,
    LastFault,
    Unpin,
    TimelineCloser,
    TimelineWider,
    TimelineLeft,
    TimelineRight,
    TimelineAll,
    Bookmark,
    Filter,
    ExportEvents,
    CopyPanel,
    CollapseAll,
    ShowProcessTree, // in the order of PanelId, from here ...
    ShowAddressSpace,
    ShowTableWalk,
    ShowFrameMap,
    ShowFaultInspector,
    ShowTimeline,
    ShowEventLog,
    ShowCpu,
    ShowCycles,
    ShowConsole, // ... to here
    LayoutLecture,
    LayoutLab,
    LayoutDebug,
    ResetLayout,
    SwitchTheme,
    ZoomIn,
    ZoomOut,
    ZoomReset,
    FullScreen,
    Palette,
    Help,
    Quit,
};

struct ActionInfo {
    Action action;
    std::string_view name;     // "Run or pause"
    std::string_view section;  // of the help: "Machine"
    std::string_view key;      // as people write it: "Shift+F7"; empty if none
    ImGuiKeyChord chord;       // 0: none, or a character
    char character = 0;        // typed: "?" has no key of its own on every keyboard
    bool while_typing = false; // also where letters go into a field or to the guest
};

// All, in the order of the enumeration.
std::span<const ActionInfo> actions();
const ActionInfo& action_info(Action action);

} // namespace forkscope
