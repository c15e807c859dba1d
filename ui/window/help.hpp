// The keys, and how to read the pictures.
#pragma once

#include "panel/panel.hpp"

namespace forkscope {

// Opens it if `open`; draws it while it is open.
void draw_help(PanelView& view, bool open);

} // namespace forkscope
