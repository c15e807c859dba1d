#include "window/command_palette.hpp"

#include "base/text.hpp"
#include "panel/drawing.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>

namespace forkscope {

namespace {

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result) {
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    return result;
}

// All words of `typed` are in `name`.
bool matches(std::string_view name, std::string_view typed) {
    const std::string where = lower(name), what = lower(typed);
    std::size_t begin = 0;
    while (begin < what.size()) {
        const std::size_t end = std::min(what.find(' ', begin), what.size());
        if (where.find(what.substr(begin, end - begin)) == std::string::npos) {
            return false;
        }
        begin = end + 1;
    }
    return true;
}

} // namespace

std::vector<PaletteEntry> palette_entries(PanelView& view, std::string_view typed) {
    std::vector<PaletteEntry> entries;
    for (const ActionInfo& info : actions()) {
        if (info.action != Action::Palette && matches(info.name, typed)) {
            entries.push_back({std::string(info.name), std::string(info.key),
                               [&view, action = info.action] { view.perform(action); }});
        }
    }
    for (const ProcessView& process : view.snapshot.processes) {
        const std::string name = "Pin " + process.name + " (" + std::to_string(process.pid) + ")";
        if (process.state != ProcessState::Gone && matches(name, typed)) {
            entries.push_back({name, "", [&view, pid = process.pid] { view.selection.pid = pid; }});
        }
    }
    if (typed.empty()) {
        return entries;
    }
    const std::string text(typed);
    if (typed.starts_with("0x")) {
        const u64 address = std::strtoull(text.c_str(), nullptr, 16);
        entries.push_back({"Walk the tables for " + hex(address), "",
                           [&view, address] { view.selection.address = address; }});
    }
    entries.push_back(
        {"Break on: " + text, "", [&view, text] { view.send(command::AddBreakpoint{text}); }});
    return entries;
}

void CommandPalette::draw(PanelView& view) {
    if (opening_) {
        ImGui::OpenPopup("Commands");
        typed_[0] = 0;
        chosen_ = 0;
        opening_ = false;
    }
    const ImVec2 screen = ImGui::GetIO().DisplaySize;
    const float width = std::min(screen.x * 0.9F, view.em * 34);
    ImGui::SetNextWindowPos({(screen.x - width) / 2, screen.y * 0.12F});
    ImGui::SetNextWindowSize({width, std::min(screen.y * 0.7F, view.em * 24)});
    constexpr ImGuiWindowFlags kFlags = ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoTitleBar |
                                        ImGuiWindowFlags_NoResize |
                                        ImGuiWindowFlags_NoSavedSettings;
    if (!ImGui::BeginPopup("Commands", kFlags)) {
        return;
    }
    if (ImGui::IsWindowAppearing()) {
        ImGui::SetKeyboardFocusHere();
    }
    ImGui::SetNextItemWidth(-1);
    const bool entered = ImGui::InputTextWithHint(
        "##typed", "a command, a process, 0xADDRESS, or what to break on", typed_.data(),
        typed_.size(), ImGuiInputTextFlags_EnterReturnsTrue);
    chosen_ = ImGui::IsItemEdited() ? 0 : chosen_;
    const std::vector<PaletteEntry> entries = palette_entries(view, typed_.data());
    const int move = (ImGui::IsKeyPressed(ImGuiKey_DownArrow) ? 1 : 0) -
                     (ImGui::IsKeyPressed(ImGuiKey_UpArrow) ? 1 : 0);
    chosen_ = std::clamp(chosen_ + move, 0, std::max(0, static_cast<int>(entries.size()) - 1));
    int done = entered && !entries.empty() ? chosen_ : -1;
    ImGui::BeginChild("entries", {}, 0, ImGuiWindowFlags_NoNavInputs);
    for (int i = 0; i < static_cast<int>(entries.size()); ++i) {
        const PaletteEntry& entry = entries[static_cast<std::size_t>(i)];
        ImGui::PushID(i);
        if (ImGui::Selectable(entry.name.c_str(), i == chosen_)) {
            done = i;
        }
        if (i == chosen_ && move != 0) {
            ImGui::SetScrollHereY();
        }
        if (!entry.key.empty()) {
            ImGui::SameLine(ImGui::GetContentRegionMax().x - text_width(entry.key));
            put_dim(view, entry.key);
        }
        ImGui::PopID();
    }
    ImGui::EndChild();
    if (done >= 0) {
        entries[static_cast<std::size_t>(done)].choose();
        ImGui::CloseCurrentPopup();
    }
    ImGui::EndPopup();
}

} // namespace forkscope
