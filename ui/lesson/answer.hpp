// Right answers, and whether a given one says the same.
#pragma once

#include "base/types.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace forkscope {

enum class AnswerKind : u8 {
    Number,  // given in decimal, or with 0x or 0b in front
    Address, // the same, shown in hexadecimal
    Word,    // without regard to case
    YesNo,   // yes, no, y, n, true, false
    Tree,    // pids, children in brackets: 1(2(3 4))
};

struct Answer {
    AnswerKind kind = AnswerKind::Word;
    std::string text; // as it is shown
};

[[nodiscard]] Answer number_answer(u64 value);
[[nodiscard]] Answer address_answer(u64 value);
[[nodiscard]] Answer yes_no_answer(bool value);

// The one spelling of what `given` says; nothing if it can't be an answer of this
// kind.
[[nodiscard]] std::optional<std::string> plain_answer(AnswerKind kind, std::string_view given);

[[nodiscard]] bool says_the_same(const Answer& right, std::string_view given);

// "a number", "yes or no", ...: completes "expected ...".
[[nodiscard]] std::string_view answer_kind_words(AnswerKind kind);

} // namespace forkscope
