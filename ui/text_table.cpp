#include "ui/text_table.hpp"

#include "ui/columns.hpp"
#include "ui/words.hpp"

#include <algorithm>

namespace forkscope {

std::string TextTable::line(const std::vector<std::string>& cells,
                            const std::vector<std::size_t>& widths) const {
    std::string head(indent_, ' ');
    for (std::size_t i = 0; i + 1 < columns_.size(); ++i) {
        const std::string cell = clip(cells[i], widths[i]);
        head += (columns_[i].right ? pad_left(cell, widths[i]) : pad_right(cell, widths[i])) + "  ";
    }
    std::string text = wrap(head, cells.back());
    text.erase(text.find_last_not_of(" \n") + 1);
    return text + "\n";
}

// Takes from the widest columns what the last one needs to be readable.
void TextTable::make_room(std::vector<std::size_t>& widths) const {
    constexpr std::size_t kLast = 20;
    std::size_t head = indent_;
    for (std::size_t i = 0; i + 1 < widths.size(); ++i) {
        head += widths[i] + 2;
    }
    for (; head + kLast > kColumns && widths.size() > 1; --head) {
        --*std::max_element(widths.begin(), widths.end() - 1);
    }
}

std::string TextTable::text() const {
    std::vector<std::string> titles;
    std::vector<std::size_t> widths;
    bool titled = false;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        titles.push_back(columns_[i].title);
        titled |= !columns_[i].title.empty();
        std::size_t width = width_of(columns_[i].title);
        for (const auto& row : rows_) {
            width = std::max(width, std::min(width_of(row[i]), columns_[i].most));
        }
        widths.push_back(width);
    }
    make_room(widths);
    std::string text = titled ? line(titles, widths) : "";
    for (const auto& row : rows_) {
        text += line(row, widths);
    }
    return text;
}

} // namespace forkscope
