// Fields of registers and descriptors as rows.
#pragma once

#include "bit_fields.hpp"
#include "panel/panel.hpp"

namespace forkscope {

// A row for each field: bits, name, value, words; those that changed are
// underlined. `id` is unique in the window. If `changes_only`, the others are
// only counted, where any has changed.
void draw_fields(PanelView& view, const char* id, const std::vector<BitField>& fields,
                 bool changes_only = false);

// The value of a 64-bit word, underlined if `changed`.
void draw_word(PanelView& view, u64 value, bool changed);

} // namespace forkscope
