#include "ui/words.hpp"

#include "base/text.hpp"
#include "ui/columns.hpp"

#include <cstdio>

namespace forkscope {

std::string plural(u64 count, std::string_view noun) {
    return grouped(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

std::string hex16(u64 value) {
    const std::string digits = hex(value).substr(2);
    return "0x" + std::string(16 - digits.size(), '0') + digits;
}

std::string decimal(double value, int places) {
    char text[64];
    std::snprintf(text, sizeof text, "%.*f", places, value);
    return text;
}

std::string percent(u64 part, u64 whole) {
    return whole == 0
               ? "0.0 %"
               : decimal(100.0 * static_cast<double>(part) / static_cast<double>(whole), 1) + " %";
}

std::string printable(std::string_view text) {
    std::string result(text);
    for (char& c : result) {
        c = c >= ' ' && c <= '~' ? c : '?';
    }
    return result;
}

std::string clip(std::string_view text, std::size_t columns) {
    constexpr std::string_view kMore = "...";
    if (width_of(text) <= columns) {
        return std::string(text);
    }
    const std::size_t kept = columns > kMore.size() ? columns - kMore.size() : 0;
    std::size_t end = 0;
    for (std::size_t width = 0; end < text.size(); ++end) {
        const bool begins_character = (static_cast<unsigned char>(text[end]) & 0xc0) != 0x80;
        if (begins_character && width++ == kept) {
            break;
        }
    }
    return std::string(text.substr(0, end)) + std::string(kMore.substr(0, columns - kept));
}

} // namespace forkscope
