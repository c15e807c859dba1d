// Scripts: a first line "#!interpreter argument".
#include "sys/exec_elf.hpp"
#include "sys/systm.hpp"

namespace {

bool blank(char c) {
    return c == ' ' || c == '\t';
}

// Copies a word's characters [from, to). False: too long.
bool copy_word(const char* from, const char* to, char* word, size_t size) {
    const auto n = static_cast<size_t>(to - from);
    if (n >= size) {
        return false;
    }
    memcpy(word, from, n);
    word[n] = '\0';
    return true;
}

} // namespace

Errno script_parse(const u8* header, size_t len, exec_script* script) {
    const char* p = reinterpret_cast<const char*>(header);
    const char* end = p + len;
    if (len < 2 || p[0] != '#' || p[1] != '!') {
        return ENOEXEC;
    }
    p += 2;
    const char* line_end = p;
    while (line_end < end && *line_end != '\n') {
        line_end++;
    }
    if (line_end == end) {
        return ENOEXEC;
    }
    while (p < line_end && blank(*p)) {
        p++;
    }
    const char* word_end = p;
    while (word_end < line_end && !blank(*word_end)) {
        word_end++;
    }
    const char* argument = word_end;
    while (argument < line_end && blank(*argument)) {
        argument++;
    }
    const char* argument_end = line_end;
    while (argument_end > argument && blank(argument_end[-1])) {
        argument_end--;
    }
    if (p == word_end ||
        !copy_word(p, word_end, script->interpreter, sizeof(script->interpreter)) ||
        !copy_word(argument, argument_end, script->argument, sizeof(script->argument))) {
        return ENOEXEC;
    }
    return EOK;
}
