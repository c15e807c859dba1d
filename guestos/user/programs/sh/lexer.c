// Characters to tokens. A word keeps its quotes: expand.c needs them.
#include "sh.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { NOTHING = -2 };

void source_of_string(struct source *source, const char *string) {
    *source = (struct source){.fd = -1, .string = string, .pushed = NOTHING};
}

void source_of_fd(struct source *source, int fd, bool prompts, bool read_ahead) {
    *source = (struct source){.fd = fd,
                              .prompts = prompts,
                              .read_ahead = read_ahead,
                              .at_start = true,
                              .pushed = NOTHING};
}

static void prompt(struct source *source) {
    const char *text = get_variable(source->at_start ? "PS1" : "PS2");
    if (text)
        write(STDERR_FILENO, text, strlen(text));
    source->at_start = false;
}

// Commands that run meanwhile may read from the same descriptor, so no more is
// taken than the character asked for, unless nobody else reads there.
static int fill(struct source *source) {
    size_t wanted = source->read_ahead ? sizeof(source->buffer) : 1;
    ssize_t n;
    do
        n = read(source->fd, source->buffer, wanted);
    while (n == -1 && errno == EINTR);
    source->length = n > 0 ? (int)n : 0;
    source->next = 0;
    return n > 0;
}

static int next_byte(struct source *source) {
    if (source->fd == -1)
        return *source->string ? (unsigned char)*source->string++ : EOF;
    if (source->next >= source->length && !fill(source))
        return EOF;
    return (unsigned char)source->buffer[source->next++];
}

static int get(struct source *source) {
    int c = source->pushed;
    source->pushed = NOTHING;
    while (c == NOTHING || c == '\0') // no command has a NUL in it
        c = next_byte(source);
    source->mid_line = c != '\n' && c != EOF;
    return c;
}

static void unget(struct source *source, int c) {
    source->pushed = c;
    source->mid_line = true;
}

void skip_line(struct source *source) {
    while (source->mid_line)
        get(source);
}

// Copies up to and with the character `close`; quotes and nested $(...) hide it.
static void copy_until(struct source *source, struct text *text, int close) {
    for (;;) {
        int c = get(source);
        if (c == EOF) {
            complain("syntax error: end of input, '%c' expected", close);
            fail_command();
        }
        if (c == '\n' && source->prompts)
            prompt(source);
        text_put(text, (char)c);
        if (c == close)
            return;
        if (close == '\'')
            continue;
        if (c == '\\') {
            int next = get(source);
            if (next != EOF)
                text_put(text, (char)next);
        } else if (c == '$') {
            int next = get(source);
            if (next == '(' || next == '{') {
                text_put(text, (char)next);
                copy_until(source, text, next == '(' ? ')' : '}');
            } else {
                unget(source, next);
            }
        } else if (c == '(' && close == ')') {
            copy_until(source, text, ')');
        } else if (c == '"' || (c == '\'' && close != '"')) {
            copy_until(source, text, c);
        }
    }
}

static void lex_word(struct lexer *lexer, int c) {
    struct source *source = lexer->source;
    struct text text = {0};
    for (; c != EOF && !strchr(" \t\n;&|<>()", c); c = get(source)) {
        if (c == '\\') {
            int next = get(source);
            if (next == '\n') { // the line goes on
                if (source->prompts)
                    prompt(source);
                continue;
            }
            text_put(&text, '\\');
            if (next != EOF)
                text_put(&text, (char)next);
            continue;
        }
        text_put(&text, (char)c);
        if (c == '\'' || c == '"') {
            copy_until(source, &text, c);
        } else if (c == '$') {
            int next = get(source);
            if (next == '(' || next == '{') {
                text_put(&text, (char)next);
                copy_until(source, &text, next == '(' ? ')' : '}');
            } else {
                unget(source, next);
            }
        }
    }
    unget(source, c);
    lexer->token = TOKEN_WORD;
    lexer->word = text_take(&text);
}

static void lex_redirection(struct lexer *lexer, int c) {
    static const char *const signs[2][4] = {{"<", "<&", "<<", "<<-"}, {">", ">&", ">>", ">>"}};
    int next = get(lexer->source), form = 0;
    if (next == '&')
        form = 1;
    else if (next == c)
        form = 2;
    else
        unget(lexer->source, next);
    if (form == 2 && c == '<') {
        next = get(lexer->source);
        if (next == '-')
            form = 3;
        else
            unget(lexer->source, next);
    }
    lexer->token = TOKEN_REDIRECTION;
    lexer->sign = signs[c == '>'][form];
}

// The lines up to the one that is the end. <<- drops tabs before each.
static void read_here_document(struct source *source, struct redirection *redirection) {
    const char *end = redirection->target;
    struct text text = {0};
    for (bool more = true; more;) {
        size_t start = text.length;
        if (source->prompts)
            prompt(source);
        int c = get(source);
        while (redirection->sign[2] == '-' && c == '\t')
            c = get(source);
        for (; c != '\n' && c != EOF; c = get(source))
            text_put(&text, (char)c);
        more = c != EOF;
        if (text.length == start + strlen(end) &&
            (text.length == start || memcmp(text.data + start, end, text.length - start) == 0)) {
            text.length = start;
            break;
        }
        if (more || text.length > start)
            text_put(&text, '\n');
    }
    text_add(&text, ""); // the NUL stands where the end was
    redirection->target = text_take(&text);
}

static void read_here_documents(struct lexer *lexer) {
    for (int i = 0; i < lexer->waiting_count; i++)
        read_here_document(lexer->source, lexer->waiting[i]);
    lexer->waiting_count = 0;
}

// A doubled sign is another token: & and &&, | and ||, ; and ;;.
static enum token doubled(struct source *source, int c, enum token one, enum token two) {
    int next = get(source);
    if (next == c)
        return two;
    unget(source, next);
    return one;
}

static int skip_blanks(struct source *source) {
    int c = get(source);
    while (c == ' ' || c == '\t' || c == '\r')
        c = get(source);
    if (c == '#')
        while (c != '\n' && c != EOF)
            c = get(source);
    return c;
}

void advance(struct lexer *lexer) {
    struct source *source = lexer->source;
    if (source->prompts && (source->at_start || lexer->token == TOKEN_NEWLINE))
        prompt(source);
    int c = skip_blanks(source);
    lexer->fd = -1;
    if (c != EOF && isdigit(c)) { // 2>file: a number right before the sign
        int next = get(source);
        if (next == '<' || next == '>') {
            lexer->fd = c - '0';
            c = next;
        } else {
            unget(source, next);
        }
    }
    switch (c) {
    case EOF:
        lexer->token = TOKEN_END;
        break;
    case '\n':
        read_here_documents(lexer);
        lexer->token = TOKEN_NEWLINE;
        break;
    case ';':
        lexer->token = doubled(source, c, TOKEN_SEMICOLON, TOKEN_CASE_END);
        break;
    case '(':
        lexer->token = TOKEN_OPEN;
        break;
    case ')':
        lexer->token = TOKEN_CLOSE;
        break;
    case '&':
        lexer->token = doubled(source, c, TOKEN_BACKGROUND, TOKEN_AND);
        break;
    case '|':
        lexer->token = doubled(source, c, TOKEN_PIPE, TOKEN_OR);
        break;
    case '<':
    case '>':
        lex_redirection(lexer, c);
        break;
    default:
        lex_word(lexer, c);
    }
}
