#include "event/probe_text.hpp"

namespace forkscope {

std::string text_of(std::span<const u64> words) {
    std::string text;
    for (const u64 word : words) {
        for (unsigned shift = 0; shift < 64; shift += 8) {
            const char byte = static_cast<char>(word >> shift);
            if (byte == '\0') {
                return text;
            }
            text += byte >= ' ' && byte <= '~' ? byte : '?';
        }
    }
    return text;
}

} // namespace forkscope
