// Numbers and lists as people read them.
#pragma once

#include "base/types.hpp"

#include <string>
#include <string_view>

namespace forkscope {

// "0x40080000"
std::string hex(u64 value);

// "256 MiB", "12 KiB", "1,234 bytes": the largest unit that divides `bytes`.
std::string byte_size(u64 bytes);

// "1,234,567"
std::string grouped(u64 value);

// The texts one after another, `separator` between them.
template <class Texts> std::string joined(const Texts& texts, std::string_view separator) {
    std::string result;
    for (const auto& text : texts) {
        result += result.empty() ? std::string_view() : separator;
        result += text;
    }
    return result;
}

} // namespace forkscope
