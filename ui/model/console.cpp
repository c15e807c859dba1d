#include "model/console.hpp"

#include "ui/columns.hpp"

#include <algorithm>

namespace forkscope {

namespace {

constexpr std::size_t kTab = 8;
constexpr std::size_t kMostColumns = 4096; // of a line; what goes beyond is dropped

// Follows the guest's bytes as a terminal does.
class Terminal {
public:
    void write(std::string_view bytes) {
        for (const char byte : bytes) {
            if (escape_ != Escape::None) {
                follow_escape(byte);
            } else {
                put(byte);
            }
        }
    }

    ConsoleModel take() { return std::move(model_); }

private:
    enum class Escape { None, Begun, Sequence };

    void put(char byte) {
        switch (byte) {
        case '\n':
            model_.lines.emplace_back();
            model_.row = model_.lines.size() - 1;
            model_.column = 0;
            break;
        case '\r':
            model_.column = 0;
            break;
        case '\b':
            model_.column -= model_.column > 0 ? 1 : 0;
            break;
        case '\t':
            move_to((model_.column / kTab + 1) * kTab);
            break;
        case '\x1b':
            escape_ = Escape::Begun;
            break;
        case '\0':
        case '\a':
        case '\x7f':
            break;
        default:
            show(byte >= ' ' && byte <= '~' ? byte : '?');
        }
    }

    void show(char c) {
        if (model_.column >= kMostColumns) {
            return;
        }
        std::string& line = model_.lines[model_.row];
        if (line.size() <= model_.column) {
            line.resize(model_.column + 1, ' ');
        }
        line[model_.column++] = c;
    }

    void move_to(std::size_t column) { model_.column = std::min(column, kMostColumns); }

    // CSI parameters final; ECMA-48 5.4. Other sequences are two bytes long.
    void follow_escape(char byte) {
        if (escape_ == Escape::Begun) {
            escape_ = byte == '[' ? Escape::Sequence : Escape::None;
            number_ = 0;
            return;
        }
        if (byte >= '0' && byte <= '9') {
            number_ = std::min<std::size_t>(number_ * 10 + static_cast<std::size_t>(byte - '0'),
                                            kMostColumns);
        } else if (byte >= '@' && byte <= '~') {
            escape_ = Escape::None;
            act(byte);
        }
    }

    void act(char final) {
        std::string& line = model_.lines[model_.row];
        const std::size_t count = number_ == 0 ? 1 : number_;
        switch (final) {
        case 'C': // cursor forward
            move_to(model_.column + count);
            break;
        case 'D': // cursor backward
            model_.column -= std::min(model_.column, count);
            break;
        case 'K': // erase to the end of the line, or all of it
            line.resize(number_ == 2 ? 0 : std::min(line.size(), model_.column));
            break;
        case 'J': // erase the screen, or what comes after the cursor
            line.resize(std::min(line.size(), model_.column));
            if (number_ == 2) {
                model_ = {.lines = {""}};
            }
            break;
        default:
            break;
        }
    }

    ConsoleModel model_{.lines = {""}};
    Escape escape_ = Escape::None;
    std::size_t number_ = 0; // the last parameter of the sequence
};

} // namespace

ConsoleModel model_console(const Snapshot& snapshot, const Selection&) {
    Terminal terminal;
    terminal.write(snapshot.console);
    return terminal.take();
}

std::string text(const ConsoleModel& model) {
    if (model.lines.size() == 1 && model.lines.front().empty()) {
        return "  The guest has printed nothing.\n";
    }
    std::string text;
    for (const std::string& line : model.lines) {
        std::string_view rest = line;
        do {
            const std::size_t room = kColumns - 2;
            text += "  " + std::string(rest.substr(0, room));
            text.erase(text.find_last_not_of(' ') + 1);
            text += '\n';
            rest.remove_prefix(std::min(rest.size(), room));
        } while (!rest.empty());
    }
    return text;
}

} // namespace forkscope
