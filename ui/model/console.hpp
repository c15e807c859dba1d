// Panel 11: the guest's terminal.
#pragma once

#include "model/selection.hpp"

namespace forkscope {

struct ConsoleModel {
    std::vector<std::string> lines; // printable ASCII; at least one
    std::size_t row = 0;            // of the cursor, in lines
    std::size_t column = 0;
};

// Carriage return, newline, backspace, tab, and the erasing and moving sequences
// that a shell's line editor uses (ECMA-48 CSI C, D, J, K); others are skipped.
ConsoleModel model_console(const Snapshot& snapshot, const Selection& selection);
std::string text(const ConsoleModel& model);

} // namespace forkscope
