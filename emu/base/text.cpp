#include "base/text.hpp"

#include <array>
#include <cinttypes>
#include <cstdio>
#include <utility>

namespace forkscope {

std::string hex(u64 value) {
    char text[24];
    std::snprintf(text, sizeof text, "0x%" PRIx64, value);
    return text;
}

std::string byte_size(u64 bytes) {
    constexpr std::array<std::pair<int, const char*>, 3> units = {
        {{30, " GiB"}, {20, " MiB"}, {10, " KiB"}}};
    for (const auto& [shift, unit] : units) {
        if (bytes != 0 && bytes % (u64{1} << shift) == 0) {
            return grouped(bytes >> shift) + unit;
        }
    }
    return grouped(bytes) + (bytes == 1 ? " byte" : " bytes");
}

std::string grouped(u64 value) {
    std::string text = std::to_string(value);
    for (std::size_t end = text.size(); end > 3; end -= 3) {
        text.insert(end - 3, 1, ',');
    }
    return text;
}

} // namespace forkscope
