// Words to arguments.
//
// A field under construction is a pattern: characters that came from quotes and
// that mean something to a pattern stand behind a backslash. Its end is where
// unquoted white space of a variable's value, or the word's end, is.
#include "sh.h"

#include <ctype.h>
#include <dirent.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct expansion {
    struct text field;
    bool present; // the field exists even if empty: there were quotes
    bool split;   // make several fields, match file names
    char **fields;
    size_t count, capacity;
};

static void expand_text(struct expansion *e, const char *text, bool quoted);

static void add_field(struct expansion *e, char *field) {
    if (e->count + 1 >= e->capacity) {
        e->capacity = e->capacity ? 2 * e->capacity : 8;
        char **fields = stack_alloc(e->capacity * sizeof(*fields));
        if (e->count)
            memcpy(fields, e->fields, e->count * sizeof(*fields));
        e->fields = fields;
    }
    e->fields[e->count++] = field;
    e->fields[e->count] = NULL;
}

// --- file names --------------------------------------------------------------

static bool is_pattern(const char *text) {
    for (; *text; text++) {
        if (*text == '\\' && text[1])
            text++;
        else if (strchr("*?[", *text))
            return true;
    }
    return false;
}

static char *remove_backslashes(const char *pattern) {
    struct text text = {0};
    for (; *pattern; pattern++) {
        if (*pattern == '\\' && pattern[1])
            pattern++;
        text_put(&text, *pattern);
    }
    return text_take(&text);
}

static int compare(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

// Adds the names that match; a pattern may stand in the last part of the path.
static bool add_matches(struct expansion *e, const char *pattern) {
    const char *slash = strrchr(pattern, '/');
    const char *name = slash ? slash + 1 : pattern;
    char *folder = stack_copy(pattern, (size_t)(name - pattern));
    folder = remove_backslashes(folder);
    DIR *dir = opendir(*folder ? folder : ".");
    if (!dir)
        return false;
    size_t before = e->count;
    for (struct dirent *entry; (entry = readdir(dir));) {
        if (entry->d_name[0] == '.' && *name != '.')
            continue;
        if (fnmatch(name, entry->d_name, 0) != 0)
            continue;
        struct text path = {0};
        text_add(&path, folder);
        text_add(&path, entry->d_name);
        add_field(e, text_take(&path));
    }
    closedir(dir);
    if (e->count == before)
        return false;
    qsort(e->fields + before, e->count - before, sizeof(*e->fields), compare);
    return true;
}

static void end_field(struct expansion *e) {
    if (e->field.length == 0 && !e->present)
        return;
    char *pattern = text_take(&e->field);
    e->present = false;
    if (!(e->split && is_pattern(pattern) && add_matches(e, pattern)))
        add_field(e, remove_backslashes(pattern));
}

// --- values ------------------------------------------------------------------

static void put_quoted(struct expansion *e, char c) {
    if (strchr("*?[]\\", c))
        text_put(&e->field, '\\');
    text_put(&e->field, c);
}

static void put_value(struct expansion *e, const char *value, bool quoted) {
    for (; *value; value++) {
        if (quoted || *value == '\\')
            put_quoted(e, *value);
        else if (e->split && isspace((unsigned char)*value))
            end_field(e);
        else
            text_put(&e->field, *value);
    }
}

// "$@" keeps its fields apart even inside quotes.
static void put_positional(struct expansion *e, bool quoted) {
    for (char **argument = positional; *argument; argument++) {
        if (argument != positional) {
            if (e->split)
                end_field(e);
            else
                text_put(&e->field, ' ');
        }
        e->present |= quoted;
        put_value(e, *argument, quoted);
    }
}

static const char *special_parameter(char name) {
    static char buffer[24];
    int count = 0;
    switch (name) {
    case '?':
        snprintf(buffer, sizeof(buffer), "%d", last_status);
        return buffer;
    case '$':
        snprintf(buffer, sizeof(buffer), "%d", (int)shell_pid);
        return buffer;
    case '!':
        snprintf(buffer, sizeof(buffer), "%d", (int)last_background);
        return last_background ? buffer : NULL;
    case '#':
        while (positional[count])
            count++;
        snprintf(buffer, sizeof(buffer), "%d", count);
        return buffer;
    default:
        return NULL;
    }
}

static const char *value_of(const char *name) {
    if (isdigit((unsigned char)*name)) {
        int wanted = atoi(name);
        if (wanted == 0)
            return shell_name;
        for (int i = 0; positional[i]; i++)
            if (i + 1 == wanted)
                return positional[i];
        return NULL;
    }
    return name_length(name) ? get_variable(name) : special_parameter(*name);
}

// Length of the parameter's name that text begins with, 0: none.
static size_t parameter_length(const char *text) {
    size_t length = name_length(text);
    if (length == 0 && *text && (isdigit((unsigned char)*text) || strchr("?$!#@*", *text)))
        length = 1;
    return length;
}

// ${name}, ${#name}, ${name:-word}, ${name:=word}, ${name:+word}; the colon may
// be missing, then an empty value counts as set.
static void put_braces(struct expansion *e, const char *inside, bool quoted) {
    bool length_wanted = inside[0] == '#' && inside[1];
    const char *name = inside + length_wanted;
    size_t length = parameter_length(name);
    const char *rest = name + length;
    while (length && isdigit((unsigned char)*name) && isdigit((unsigned char)*rest))
        length++, rest++;
    bool colon = *rest == ':';
    char operation = rest[colon];
    if (length == 0 || (length_wanted && *rest) || (*rest && !strchr("-=+", operation)) ||
        (colon && !operation)) {
        complain("${%s}: bad substitution", inside);
        fail_command();
    }
    char *key = stack_copy(name, length);
    if (!length_wanted && !*rest && (*key == '@' || *key == '*')) {
        put_positional(e, quoted);
        return;
    }
    const char *value = value_of(key);
    const char *word = *rest ? rest + colon + 1 : NULL;
    if (length_wanted) {
        char number[24];
        snprintf(number, sizeof(number), "%zu", value ? strlen(value) : 0);
        put_value(e, number, quoted);
        return;
    }
    bool set = value && !(colon && !*value);
    if (word && operation == '=' && !set) {
        value = expand_one(word);
        set_variable(key, value, false);
    } else if (word && (operation == '+') == set) {
        expand_text(e, word, quoted);
        return;
    }
    if (value && !(word && operation == '+'))
        put_value(e, value, quoted);
}

// The text between an opening sign at `text` and its closing one.
static const char *end_of(const char *text, char open, char close) {
    int depth = 0;
    char quote = 0;
    for (; *text; text++) {
        if (*text == '\\' && quote != '\'' && text[1])
            text++;
        else if (quote)
            quote = *text == quote ? 0 : quote;
        else if (*text == '\'' || *text == '"')
            quote = *text;
        else if (*text == open)
            depth++;
        else if (*text == close && --depth == 0)
            return text;
    }
    return text;
}

// $ and what follows; returns the place after it.
static const char *expand_dollar(struct expansion *e, const char *text, bool quoted) {
    if (strncmp(text, "$((", 3) == 0) {
        const char *end = end_of(text + 1, '(', ')');
        if (end - text >= 4 && end[-1] == ')') {
            char number[24];
            const char *inside = stack_copy(text + 3, (size_t)(end - text - 4));
            snprintf(number, sizeof(number), "%ld", arithmetic(expand_one(inside)));
            put_value(e, number, quoted);
            return end + 1;
        }
    }
    if (text[1] == '(' || text[1] == '{') {
        const char *end = end_of(text + 1, text[1], text[1] == '(' ? ')' : '}');
        const char *inside = stack_copy(text + 2, (size_t)(end - text - 2));
        if (text[1] == '(')
            put_value(e, output_of(inside), quoted);
        else
            put_braces(e, inside, quoted);
        return *end ? end + 1 : end;
    }
    size_t length = parameter_length(text + 1);
    if (length == 0) {
        text_put(&e->field, '$');
        return text + 1;
    }
    char *name = stack_copy(text + 1, length);
    const char *value = NULL;
    if (*name == '@' || *name == '*')
        put_positional(e, quoted);
    else if ((value = value_of(name)))
        put_value(e, value, quoted);
    return text + 1 + length;
}

// Inside double quotes, or as if: a here-document ends with its text.
static const char *expand_quoted(struct expansion *e, const char *text, char close) {
    while (*text && *text != close) {
        if (*text == '$') {
            text = expand_dollar(e, text, true);
        } else {
            if (text[0] == '\\' && text[1] == '\n') { // the line goes on
                text += 2;
                continue;
            }
            if (*text == '\\' && text[1] && strchr(close ? "$`\"\\" : "$`\\", text[1]))
                text++;
            put_quoted(e, *text++);
        }
    }
    return *text ? text + 1 : text;
}

static void expand_text(struct expansion *e, const char *text, bool quoted) {
    while (*text) {
        switch (*text) {
        case '\\':
            if (text[1])
                text++;
            put_quoted(e, *text++);
            break;
        case '\'':
            if (quoted) {
                put_quoted(e, *text++);
                break;
            }
            e->present = true;
            for (text++; *text && *text != '\''; text++)
                put_quoted(e, *text);
            text += *text == '\'';
            break;
        case '"':
            // "$@" without arguments is no field at all.
            e->present |= strncmp(text, "\"$@\"", 4) != 0 || *positional;
            text = expand_quoted(e, text + 1, '"');
            break;
        case '$':
            text = expand_dollar(e, text, quoted);
            break;
        default:
            if (quoted)
                put_quoted(e, *text++);
            else
                text_put(&e->field, *text++);
        }
    }
}

static void expand_word(struct expansion *e, const char *word) {
    const char *home = get_variable("HOME");
    if (*word == '~' && (word[1] == '/' || !word[1]) && home) {
        put_value(e, home, true);
        word++;
    }
    expand_text(e, word, false);
}

char **expand_words(const struct word *words) {
    struct expansion e = {.split = true};
    for (; words; words = words->next) {
        expand_word(&e, words->text);
        end_field(&e);
    }
    if (!e.fields) {
        e.fields = stack_alloc(sizeof(*e.fields));
        e.fields[0] = NULL;
    }
    return e.fields;
}

char *expand_one(const char *word) {
    struct expansion e = {.split = false};
    expand_word(&e, word);
    return remove_backslashes(text_take(&e.field));
}

char *expand_pattern(const char *word) {
    struct expansion e = {.split = false};
    expand_word(&e, word);
    return text_take(&e.field);
}

char *expand_here(const char *text) {
    struct expansion e = {.split = false};
    expand_quoted(&e, text, '\0');
    return remove_backslashes(text_take(&e.field));
}
