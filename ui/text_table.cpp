#include "ui/text_table.hpp"

#include "ui/columns.hpp"
#include "ui/words.hpp"

#include <algorithm>

namespace forkscope {

std::string TextTable::line(const std::vector<std::string>& cells,
                            const std::vector<std::size_t>& widths) const {
    std::string head(indent_, ' ');
    for (std::size_t i = 0; i + 1 < columns_.size(); ++i) {
        const std::string cell = clip(cells[i], columns_[i].most);
        head += (columns_[i].right ? pad_left(cell, widths[i]) : pad_right(cell, widths[i])) + "  ";
    }
    std::string text = wrap(head, cells.back());
    text.erase(text.find_last_not_of(" \n") + 1);
    return text + "\n";
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
    std::string text = titled ? line(titles, widths) : "";
    for (const auto& row : rows_) {
        text += line(row, widths);
    }
    return text;
}

} // namespace forkscope
