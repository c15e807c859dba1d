// sh: a small shell. A command goes through five files:
//   lexer.c     characters to tokens
//   parser.c    tokens to a tree
//   expand.c    words to arguments: variables, $(...), $((...)), splitting, globs
//   run.c       the tree, with fork, exec, pipe and wait
//   redirect.c  its redirections, with open, dup2 and close
// jobs.c has what was started: process groups, the terminal, stop and continue.
// Memory of trees and arguments comes from a stack (memory.c) that is cut back
// when a command is done.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct job;

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
    TOKEN_CASE_END,    // ;;
    TOKEN_BACKGROUND,  // &
    TOKEN_PIPE,        // |
    TOKEN_AND,         // &&
    TOKEN_OR,          // ||
    TOKEN_OPEN,        // (
    TOKEN_CLOSE,       // )
    TOKEN_REDIRECTION, // < > >> <& >& << <<-
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

struct redirection {
    const char *sign;
    int fd;
    const char *target; // << and <<-: the text; before it is read its end
    bool quoted;        // the text's end was quoted: nothing in it is expanded
    struct redirection *next;
};

enum { kMaxHereDocuments = 8 }; // on one line

struct lexer {
    struct source *source;
    enum token token; // the current one
    const char *word; // of TOKEN_WORD: the text, quotes in place
    const char *sign; // of TOKEN_REDIRECTION: < > >> <& >& << <<-
    int fd;           // of TOKEN_REDIRECTION: the number before it, or -1
    struct redirection *waiting[kMaxHereDocuments]; // their text begins on the next line
    int waiting_count;
};
void advance(struct lexer *lexer);

// --- parser.c ---
struct word {
    const char *text;
    struct word *next;
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
    NODE_CASE,       // case words in, then each NODE_ITEM by `next`
    NODE_ITEM,       // words ) right ;;
    NODE_FUNCTION,   // name() right
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
char *expand_pattern(const char *word);        // the same, for fnmatch: quotes are backslashes
char *expand_here(const char *text);           // a here-document
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
extern bool returning;  // leave the function, or the file of `.`
int run(struct node *node);
int run_source(struct source *source);
int status_of(int wait_status);
char *output_of(const char *command);
void complain(const char *format, ...) __attribute__((__format__(__printf__, 1, 2)));
void fail_command(void) __attribute__((__noreturn__)); // after a syntax or expansion error

pid_t start_child(struct job *job, bool foreground); // job NULL: a part of this one
void end_child(int status) __attribute__((__noreturn__));

// --- redirect.c ---
struct saved;
bool redirect_to(int fd, int to);
// With `saved`, keeps copies of the descriptors for restore().
bool redirect_all(const struct redirection *list, struct saved **saved);
void restore(struct saved *saved);

// --- functions.c ---
const struct node *find_function(const char *name);
void define_function(const char *name, const struct node *body); // keeps a copy
int call_function(const struct node *body, char **argv);

// --- jobs.c ---
extern bool job_control; // each job has a process group, and the terminal in turn
void open_terminal(void); // and take it: job control is on if there is one
struct job *new_job(const struct node *node); // nothing runs yet; NULL: no node to name it by
void job_in_child(const struct job *job, bool foreground);
void job_in_parent(struct job *job, pid_t pid);
int wait_foreground(struct job *job); // until it has ended or stopped; its status
int keep_background(struct job *job);
void report_jobs(void); // those that ended or stopped since
void list_jobs(void);
int continue_job(const char *name, bool foreground); // %number, NULL: the last
int wait_for_job(const char *name); // its status, 127 if it is no job; a pid, or %number
void wait_for_jobs(void);
void forget_jobs(void); // in a subshell

// --- builtins.c ---
typedef int builtin(char **argv);
builtin *find_builtin(const char *name);
builtin builtin_exec; // run.c keeps its redirections
