// Everything that can be done, found by typing a part of its name.
#pragma once

#include "panel/panel.hpp"

namespace forkscope {

struct PaletteEntry {
    std::string name;
    std::string key; // that does the same; or empty
    std::function<void()> choose;
};

// What matches `typed`: actions, processes to pin, and what can be made of the text
// itself: an address to walk, a breakpoint.
std::vector<PaletteEntry> palette_entries(PanelView& view, std::string_view typed);

class CommandPalette {
public:
    void open() { opening_ = true; }
    void draw(PanelView& view);

private:
    bool opening_ = false;
    std::array<char, 128> typed_{};
    int chosen_ = 0;
};

} // namespace forkscope
