// Numbers and names as the account and the panel write them.
#pragma once

#include "base/types.hpp"

#include <string>
#include <string_view>

namespace forkscope {

// "1 page", "2,048 pages"
std::string plural(u64 count, std::string_view noun);

// "0x0060000041001fc3": all 16 digits
std::string hex16(u64 value);

// "1.234"
std::string decimal(double value, int places);

// "12.5 %"; of nothing it is "0.0 %"
std::string percent(u64 part, u64 whole);

// What is not printable ASCII becomes '?'.
std::string printable(std::string_view text);

// `text`, or its beginning and "..." if it takes more than `columns`. Cut between
// characters of UTF-8.
std::string clip(std::string_view text, std::size_t columns);

} // namespace forkscope
