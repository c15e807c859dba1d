#include "ui/columns.hpp"

namespace forkscope {

std::size_t width_of(std::string_view text) {
    std::size_t width = 0;
    for (const char c : text) {
        width += (static_cast<unsigned char>(c) & 0xc0) == 0x80 ? 0 : 1;
    }
    return width;
}

std::string pad_left(std::string_view text, std::size_t columns) {
    const std::size_t width = width_of(text);
    return std::string(columns > width ? columns - width : 0, ' ') + std::string(text);
}

std::string pad_right(std::string_view text, std::size_t columns) {
    const std::size_t width = width_of(text);
    return std::string(text) + std::string(columns > width ? columns - width : 0, ' ');
}

std::string wrap(std::string_view head, std::string_view text) {
    const std::size_t indent = width_of(head);
    std::string result(head);
    std::size_t column = indent;
    while (!text.empty()) {
        const std::size_t end = text.find(' ');
        std::string_view word = text.substr(0, end);
        if (column > indent && column + 1 + word.size() > kColumns) {
            result += "\n" + std::string(indent, ' ');
            column = indent;
        }
        if (column > indent) {
            result += ' ';
            ++column;
        }
        for (; column == indent && indent + word.size() > kColumns && indent < kColumns;
             word.remove_prefix(kColumns - indent)) {
            result += std::string(word.substr(0, kColumns - indent)) + "\n" +
                      std::string(indent, ' ');
        }
        result += word;
        column += word.size();
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return result + "\n";
}

} // namespace forkscope
