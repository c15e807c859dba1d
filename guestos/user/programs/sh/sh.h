// sh: a small shell. A command goes through four files:
//   lexer.c   characters to tokens
//   parser.c  tokens to a tree
//   expand.c  words to arguments: variables, $(...), $((...)), splitting, globs
//   run.c     the tree, with fork, exec, pipe, dup2 and wait
// Memory of trees and arguments comes from a stack (memory.c) that is cut back
// when a command is done.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

// --- memory.c ---
void *stack_alloc(size_t size);
char *stack_copy(const char *text, size_t length);
void *stack_mark(void);
void stack_cut(void *mark);

// A string that grows. NUL-terminated after every call.
struct text {
    char *data;
    size_t length, capacity;
};
void text_put(struct text *text, char c);
void text_add(struct text *text, const char *string);
char *text_take(struct text *text); // moves it to the stack and empties it

// --- lexer.c ---
enum token {
    TOKEN_END,
    TOKEN_NEWLINE,
    TOKEN_WORD,
    TOKEN_SEMICOLON,
    TOKEN_BACKGROUND,  // &
    TOKEN_PIPE,        // |
    TOKEN_AND,         // &&
    TOKEN_OR,          // ||
    TOKEN_OPEN,        // (
    TOKEN_CLOSE,       // )
    TOKEN_REDIRECTION, // < > >> <& >&
};

// Where commands come from: a descriptor or a string.
struct source {
    int fd; // -1: string
    const char *string;
    bool prompts;    // a terminal: show $PS1 and $PS2
    bool read_ahead; // nobody else reads from the descriptor
    bool at_start;   // the next line begins a command
    bool mid_line;   // the last character was no newline
    int pushed;      // a character given back, or -2
    char buffer[512];
    int length, next;
};
void source_of_string(struct source *source, const char *string);
void source_of_fd(struct source *source, int fd, bool prompts, bool read_ahead);
void skip_line(struct source *source); // the rest of it

struct lexer {
    struct source *source;
    enum token token; // the current one
    const char *word; // of TOKEN_WORD: the text, quotes in place
    const char *sign; // of TOKEN_REDIRECTION: < > >> <& >&
    int fd;           // of TOKEN_REDIRECTION: the number before it, or -1
};
void advance(struct lexer *lexer);

// --- parser.c ---
struct word {
    const char *text;
    struct word *next;
};

struct redirection {
    const char *sign;
    int fd;
    const char *target;
    struct redirection *next;
};

enum node_kind {
    NODE_SIMPLE,     // words, redirections
    NODE_PIPELINE,   // first | next | ...: left, then each one's `next`
    NODE_AND,        // left && right
    NODE_OR,         // left || right
    NODE_NOT,        // ! left
    NODE_SEQUENCE,   // left ; right
    NODE_BACKGROUND, // left &
    NODE_SUBSHELL,   // ( left )
    NODE_GROUP,      // { left }
    NODE_IF,         // if left then right else other
    NODE_WHILE,      // while left do right
    NODE_UNTIL,      // until left do right
    NODE_FOR,        // for name in words do right
};

struct node {
    enum node_kind kind;
    struct word *words;
    struct redirection *redirections;
    const char *name;
    struct node *left, *right, *other, *next;
};

// Reads one complete command. Returns false at the end of the source; *result
// is NULL for an empty line. A syntax error is reported and jumps to on_error.
bool parse(struct source *source, struct node **result);

// --- expand.c ---
char **expand_words(const struct word *words); // NULL-terminated
char *expand_one(const char *word);            // no splitting, no globs
long arithmetic(const char *expression);

// --- variables.c ---
extern const char *shell_name; // $0
extern char **positional;      // $1 and on, NULL-terminated
extern int last_status;        // $?
extern pid_t shell_pid;        // $$
extern pid_t last_background;  // $!
void import_environment(char **envp);
const char *get_variable(const char *name); // NULL: not set
void set_variable(const char *name, const char *value, bool export);
void unset_variable(const char *name);
char **exported_environment(void);
void print_exported(void);
size_t name_length(const char *text); // of the name that text begins with
bool is_assignment(const char *word);
void assign(const char *assignment, bool export);

// --- run.c ---
extern bool option_exit;  // set -e
extern bool option_trace; // set -x
extern bool interactive;
extern int breaking;    // loops to leave yet (break n)
extern bool continuing; // and then go on with the next turn
int run(struct node *node);
int run_source(struct source *source);
int status_of(int wait_status);
char *output_of(const char *command);
void complain(const char *format, ...) __attribute__((__format__(__printf__, 1, 2)));
void fail_command(void) __attribute__((__noreturn__)); // after a syntax or expansion error

// --- jobs.c ---
void add_job(pid_t pid, const struct node *node);
void report_jobs(void); // those that ended since
void list_jobs(void);
int wait_for_job(pid_t pid); // its status, 127 if it is no job
void wait_for_jobs(void);
void forget_jobs(void); // in a subshell

// --- builtins.c ---
typedef int builtin(char **argv);
builtin *find_builtin(const char *name);
builtin builtin_exec; // run.c keeps its redirections
