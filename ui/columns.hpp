// Text in columns, for terminals of 100 columns. Text is ASCII, but for the
// lines of a tree, whose characters count as one column each.
#pragma once

#include <string>
#include <string_view>

namespace forkscope {

inline constexpr std::size_t kColumns = 100;

// Columns that `text` (UTF-8) takes.
std::size_t width_of(std::string_view text);

std::string pad_left(std::string_view text, std::size_t columns);
std::string pad_right(std::string_view text, std::size_t columns);

// `text` in lines of at most kColumns: the first after `head`, the others
// indented as far as `head` is wide. A word that is too long for a line is cut. Ends
// in a newline.
std::string wrap(std::string_view head, std::string_view text);

} // namespace forkscope
