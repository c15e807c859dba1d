// Tables as text, of at most kColumns columns.
#pragma once

#include <string>
#include <vector>

namespace forkscope {

// Columns are as wide as their widest cell, up to `most`; longer cells are cut
// with "...". The last column takes what is left of the line, and wraps.
class TextTable {
public:
    struct Column {
        std::string title;
        bool right = false; // aligned; not the last one
        std::size_t most = 40;
    };

    explicit TextTable(std::vector<Column> columns, std::size_t indent = 2)
        : columns_(std::move(columns)), indent_(indent) {}

    // A cell for each column.
    void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
    [[nodiscard]] bool empty() const { return rows_.empty(); }
    // Titles, unless all are empty, and rows.
    [[nodiscard]] std::string text() const;

private:
    void make_room(std::vector<std::size_t>& widths) const;
    [[nodiscard]] std::string line(const std::vector<std::string>& cells,
                                   const std::vector<std::size_t>& widths) const;

    std::vector<Column> columns_;
    std::size_t indent_;
    std::vector<std::vector<std::string>> rows_;
};

} // namespace forkscope
