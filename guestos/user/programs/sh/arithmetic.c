// The expressions of $((...)): integers, variables, + - * / %, comparisons,
// && || !, and parentheses. Each level of precedence is one entry of a table.
#include "sh.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static const char *place;

enum { LEVELS = 6 };
static const char *const operators[LEVELS][5] = {
    {"||"}, {"&&"}, {"==", "!="}, {"<=", ">=", "<", ">"}, {"+", "-"}, {"*", "/", "%"},
};

static void syntax_error(void) {
    complain("arithmetic: syntax error at '%s'", place);
    fail_command();
}

static void skip_blanks(void) {
    while (isspace((unsigned char)*place))
        place++;
}

static const char *take_operator(int level) {
    skip_blanks();
    for (int i = 0; operators[level][i]; i++) {
        size_t length = strlen(operators[level][i]);
        if (strncmp(place, operators[level][i], length) == 0) {
            place += length;
            return operators[level][i];
        }
    }
    return NULL;
}

static long apply(const char *sign, long a, long b) {
    if ((*sign == '/' || *sign == '%') && b == 0) {
        complain("arithmetic: division by zero");
        fail_command();
    }
    switch (sign[0]) {
    case '|':
        return a || b;
    case '&':
        return a && b;
    case '=':
        return a == b;
    case '!':
        return a != b;
    case '<':
        return sign[1] ? a <= b : a < b;
    case '>':
        return sign[1] ? a >= b : a > b;
    case '+':
        return (long)((unsigned long)a + (unsigned long)b);
    case '-':
        return (long)((unsigned long)a - (unsigned long)b);
    case '*':
        return (long)((unsigned long)a * (unsigned long)b);
    case '/':
        return b == -1 ? (long)-(unsigned long)a : a / b;
    default:
        return b == -1 ? 0 : a % b;
    }
}

static long binary(int level);

static long unary(void) {
    skip_blanks();
    char c = *place;
    if (c == '-' || c == '+' || c == '!') {
        place++;
        long value = unary();
        return c == '-' ? (long)-(unsigned long)value : c == '!' ? !value : value;
    }
    if (c == '(') {
        place++;
        long value = binary(0);
        skip_blanks();
        if (*place != ')')
            syntax_error();
        place++;
        return value;
    }
    size_t length = name_length(place);
    if (length) {
        const char *value = get_variable(stack_copy(place, length));
        place += length;
        return value ? strtol(value, NULL, 0) : 0;
    }
    if (!isdigit((unsigned char)c))
        syntax_error();
    char *end;
    long value = strtol(place, &end, 0);
    place = end;
    return value;
}

static long binary(int level) {
    if (level == LEVELS)
        return unary();
    long value = binary(level + 1);
    for (const char *sign; (sign = take_operator(level));)
        value = apply(sign, value, binary(level + 1));
    return value;
}

long arithmetic(const char *expression) {
    place = expression;
    skip_blanks();
    if (!*place)
        return 0;
    long value = binary(0);
    skip_blanks();
    if (*place)
        syntax_error();
    return value;
}
