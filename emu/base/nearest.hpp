// The word that somebody probably meant.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace forkscope {

// The candidate with the smallest edit distance to `word`, or "" if none is
// near enough to be a slip of the fingers.
std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates);

// ` (did you mean "X"?)`, or "" if nothing is near.
std::string suggestion(std::string_view word, std::span<const std::string_view> candidates);

} // namespace forkscope
