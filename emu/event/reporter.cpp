#include "event/reporter.hpp"

#include <algorithm>
#include <cstring>

namespace forkscope {

void Reporter::report_text(Cycle cycle, u8 el, std::string_view text) {
    while (sink_ != nullptr && !text.empty()) {
        std::array<u64, 6> words{};
        const std::size_t length = std::min(text.size(), sizeof words);
        std::memcpy(words.data(), text.data(), length);
        report(cycle, EventKind::Text, el, words);
        text.remove_prefix(length);
    }
}

} // namespace forkscope
