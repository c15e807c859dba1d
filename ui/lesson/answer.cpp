#include "lesson/answer.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <map>
#include <vector>

namespace forkscope {

namespace {

std::string lower_without_ends(std::string_view text) {
    const auto blank = [](char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; };
    while (!text.empty() && blank(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && (blank(text.back()) || text.back() == '.'))
        text.remove_suffix(1);
    std::string lower(text);
    std::ranges::transform(lower, lower.begin(), [](char c) {
        return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    });
    return lower;
}

std::optional<u64> number(std::string text) {
    std::erase_if(text, [](char c) { return c == ',' || c == '_' || c == '\''; });
    int base = 10;
    if (text.starts_with("0x"))
        base = 16;
    else if (text.starts_with("0b"))
        base = 2;
    const char* begin = text.data() + (base == 10 ? 0 : 2);
    const char* end = text.data() + text.size();
    u64 value = 0;
    const auto [stop, error] = std::from_chars(begin, end, value, base);
    return error == std::errc() && stop == end ? std::optional(value) : std::nullopt;
}

// A process and what is in its brackets, in ascending order of pid.
struct TreeReader {
    std::string_view rest;

    void skip() {
        while (!rest.empty() && (rest[0] == ' ' || rest[0] == ','))
            rest.remove_prefix(1);
    }
    std::optional<std::string> siblings(unsigned depth) {
        constexpr unsigned kDeepest = 64;
        std::map<u64, std::string> found;
        for (skip(); !rest.empty() && rest[0] != ')'; skip()) {
            u64 pid = 0;
            const auto [stop, error] = std::from_chars(rest.data(), rest.data() + rest.size(), pid);
            if (error != std::errc() || depth > kDeepest)
                return std::nullopt;
            rest.remove_prefix(static_cast<std::size_t>(stop - rest.data()));
            std::string children;
            skip();
            if (!rest.empty() && rest[0] == '(') {
                rest.remove_prefix(1);
                const auto inner = siblings(depth + 1);
                if (!inner || rest.empty())
                    return std::nullopt;
                rest.remove_prefix(1);
                if (!inner->empty())
                    children = "(" + *inner + ")";
            }
            if (!found.emplace(pid, std::to_string(pid) + children).second)
                return std::nullopt;
        }
        std::string text;
        for (const auto& [pid, each] : found)
            text += (text.empty() ? "" : " ") + each;
        return text;
    }
};

std::optional<std::string> tree(const std::string& text) {
    TreeReader reader{text};
    auto found = reader.siblings(0);
    return found && reader.rest.empty() && !found->empty() ? found : std::nullopt;
}

std::optional<std::string> yes_no(const std::string& text) {
    if (text == "yes" || text == "y" || text == "true")
        return "yes";
    if (text == "no" || text == "n" || text == "false")
        return "no";
    return std::nullopt;
}

} // namespace

Answer number_answer(u64 value) {
    return {AnswerKind::Number, std::to_string(value)};
}

Answer address_answer(u64 value) {
    return {AnswerKind::Address, hex(value)};
}

Answer yes_no_answer(bool value) {
    return {AnswerKind::YesNo, value ? "yes" : "no"};
}

std::optional<std::string> plain_answer(AnswerKind kind, std::string_view given) {
    const std::string text = lower_without_ends(given);
    switch (kind) {
    case AnswerKind::Number:
    case AnswerKind::Address: {
        const std::optional<u64> value = number(text);
        return value ? std::optional(std::to_string(*value)) : std::nullopt;
    }
    case AnswerKind::YesNo:
        return yes_no(text);
    case AnswerKind::Tree:
        return tree(text);
    case AnswerKind::Word:
        break;
    }
    return text.empty() ? std::nullopt : std::optional(text);
}

bool says_the_same(const Answer& right, std::string_view given) {
    const auto plain = plain_answer(right.kind, given);
    return plain && plain == plain_answer(right.kind, right.text);
}

std::string_view answer_kind_words(AnswerKind kind) {
    switch (kind) {
    case AnswerKind::Number:
        return "a number";
    case AnswerKind::Address:
        return "an address";
    case AnswerKind::YesNo:
        return "yes or no";
    case AnswerKind::Tree:
        return "pids with their children in brackets, as 1(2(3 4))";
    case AnswerKind::Word:
        break;
    }
    return "a word";
}

} // namespace forkscope
