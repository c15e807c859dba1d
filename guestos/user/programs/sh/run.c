// The tree, run: builtins in the shell itself, everything else in children.
#include "sh.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

bool option_exit, option_trace, interactive;
int breaking;
bool continuing;
bool returning;

static int tested;              // set -e does not count inside conditions
static int substitution_status; // of the last $(...)

static int run_child(struct node *node);

void complain(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fflush(stdout);
    fprintf(stderr, "sh: ");
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
}

// --- children ----------------------------------------------------------------

pid_t start_child(struct job *job, bool foreground) {
    fflush(stdout);
    fflush(stderr);
    pid_t pid = fork();
    if (pid == -1) {
        complain("cannot fork: %s", strerror(errno));
    } else if (pid == 0) {
        job_in_child(job, foreground);
        if (interactive)
            signal(SIGINT, SIG_DFL);
        interactive = false;
        forget_jobs();
    } else if (job) {
        job_in_parent(job, pid);
    }
    return pid;
}

void end_child(int status) {
    fflush(stdout);
    fflush(stderr);
    _exit(status);
}

int status_of(int wait_status) {
    if (!WIFSIGNALED(wait_status))
        return WEXITSTATUS(wait_status);
    int number = WTERMSIG(wait_status);
    if (number != SIGINT && number != SIGPIPE) {
        fflush(stdout);
        fprintf(stderr, "%s\n", strsignal(number));
    }
    return 128 + number;
}

// --- simple commands ---------------------------------------------------------

static void trace(char **argv) {
    fputc('+', stderr);
    for (; *argv; argv++)
        fprintf(stderr, " %s", *argv);
    fputc('\n', stderr);
}

static void assign_all(const struct word *word, const struct word *end, bool export) {
    for (; word != end; word = word->next)
        assign(expand_one(word->text), export);
}

static void execute(char **argv) {
    environ = exported_environment();
    execvp(argv[0], argv);
    if (errno == ENOENT) {
        complain("%s: not found", argv[0]);
        end_child(127);
    }
    complain("%s: %s", argv[0], strerror(errno));
    end_child(126);
}

// exec: its redirections stay, its command replaces the shell.
int builtin_exec(char **argv) {
    if (argv[1])
        execute(argv + 1);
    return 0;
}

static int run_builtin(builtin *function, char **argv, const struct node *node) {
    struct saved *saved = NULL;
    if (function == builtin_exec)
        return redirect_all(node->redirections, NULL) ? function(argv) : 1;
    int status = redirect_all(node->redirections, &saved) ? function(argv) : 1;
    restore(saved);
    return status;
}

static int run_function(const struct node *body, char **argv, const struct node *node,
                        const struct word *first) {
    struct saved *saved = NULL;
    assign_all(node->words, first, false);
    int status = redirect_all(node->redirections, &saved) ? call_function(body, argv) : 1;
    restore(saved);
    return status;
}

// With in_child the process is the command's own and does not come back from a
// program.
static int run_simple(const struct node *node, bool in_child) {
    const struct word *first = node->words;
    while (first && is_assignment(first->text))
        first = first->next;
    substitution_status = 0;
    char **argv = expand_words(first);
    if (option_trace && *argv)
        trace(argv);
    const struct node *body = *argv ? find_function(*argv) : NULL;
    if (body)
        return run_function(body, argv, node, first);
    builtin *function = *argv ? find_builtin(*argv) : NULL;
    if (!*argv || function) {
        assign_all(node->words, first, false);
        static char *nothing[] = {":", NULL};
        int status =
            run_builtin(*argv ? function : find_builtin(":"), *argv ? argv : nothing, node);
        return *argv || status ? status : substitution_status;
    }
    struct job *job = in_child ? NULL : new_job(node);
    pid_t pid = in_child ? 0 : start_child(job, true);
    if (pid != 0)
        return wait_foreground(job);
    assign_all(node->words, first, true);
    if (redirect_all(node->redirections, NULL))
        execute(argv);
    end_child(1);
    return 1;
}

// --- compound commands -------------------------------------------------------

static int run_pipeline(struct node *pipeline) {
    int input = -1;
    struct job *job = new_job(pipeline);
    for (struct node *node = pipeline->left; node; node = node->next) {
        int ends[2] = {-1, -1};
        if (node->next && pipe(ends) == -1) {
            complain("cannot make a pipe: %s", strerror(errno));
            break;
        }
        pid_t pid = start_child(job, true);
        if (pid == 0) {
            redirect_to(input, STDIN_FILENO);
            if (ends[0] != -1)
                close(ends[0]);
            redirect_to(ends[1], STDOUT_FILENO);
            end_child(run_child(node));
        }
        close(input);
        close(ends[1]);
        input = ends[0];
        if (pid == -1)
            break;
    }
    close(input);
    return wait_foreground(job);
}

static int run_background(struct node *node) {
    struct job *job = new_job(node);
    const bool may_read = job_control; // it stops when it does
    pid_t pid = start_child(job, false);
    if (pid == 0) {
        if (!may_read)
            redirect_to(open("/dev/null", O_RDONLY), STDIN_FILENO);
        end_child(run_child(node));
    }
    if (pid != -1)
        last_background = pid;
    return keep_background(job);
}

static int run_subshell(struct node *node) {
    struct job *job = new_job(node);
    if (start_child(job, true) == 0)
        end_child(run_child(node));
    return wait_foreground(job);
}

static int run_condition(struct node *node) {
    tested++;
    int status = run(node);
    tested--;
    return status;
}

// After a loop's body: does the loop go on?
static bool goes_on(void) {
    if (breaking == 0)
        return true;
    if (--breaking > 0 || !continuing)
        return false;
    continuing = false;
    return true;
}

static int run_while(const struct node *node) {
    int status = 0;
    while ((run_condition(node->left) == 0) == (node->kind == NODE_WHILE) && !breaking) {
        status = run(node->right);
        if (!goes_on())
            break;
    }
    return status;
}

static int run_for(const struct node *node) {
    int status = 0;
    for (char **value = expand_words(node->words); *value; value++) {
        set_variable(node->name, *value, false);
        status = run(node->right);
        if (!goes_on())
            break;
    }
    return status;
}

static int run_case(const struct node *node) {
    const char *value = expand_one(node->words->text);
    for (const struct node *item = node->left; item; item = item->next)
        for (const struct word *word = item->words; word; word = word->next)
            if (fnmatch(expand_pattern(word->text), value, 0) == 0)
                return item->right ? run(item->right) : 0;
    return 0;
}

static int run_compound(struct node *node) {
    int status;
    switch (node->kind) {
    case NODE_GROUP:
        return run(node->left);
    case NODE_IF:
        status = run_condition(node->left);
        if (breaking)
            return status;
        if (status == 0)
            return run(node->right);
        return node->other ? run(node->other) : 0;
    case NODE_FOR:
        return run_for(node);
    case NODE_CASE:
        return run_case(node);
    default:
        return run_while(node);
    }
}

static int run_redirected(struct node *node) {
    struct saved *saved = NULL;
    int status = 1;
    if (redirect_all(node->redirections, &saved))
        status = node->kind == NODE_SUBSHELL ? run_subshell(node->left) : run_compound(node);
    restore(saved);
    return status;
}

static int run_node(struct node *node) {
    int status;
    switch (node->kind) {
    case NODE_SIMPLE:
        return run_simple(node, false);
    case NODE_PIPELINE:
        return run_pipeline(node);
    case NODE_BACKGROUND:
        return run_background(node->left);
    case NODE_NOT:
        return !run_condition(node->left);
    case NODE_FUNCTION:
        define_function(node->name, node->right);
        return 0;
    case NODE_SEQUENCE:
        status = run(node->left);
        return breaking ? status : run(node->right);
    case NODE_AND:
    case NODE_OR:
        status = run_condition(node->left);
        if (breaking || (status == 0) != (node->kind == NODE_AND))
            return status;
        return run(node->right);
    default:
        return run_redirected(node);
    }
}

int run(struct node *node) {
    void *mark = stack_mark();
    last_status = run_node(node);
    stack_cut(mark);
    bool counts =
        node->kind == NODE_SIMPLE || node->kind == NODE_PIPELINE || node->kind == NODE_SUBSHELL;
    if (option_exit && counts && last_status != 0 && tested == 0)
        exit(last_status);
    return last_status;
}

// In a process made for this node: a program takes its place.
static int run_child(struct node *node) {
    tested = 0;
    if (node->kind == NODE_SIMPLE)
        return run_simple(node, true);
    return run(node);
}

char *output_of(const char *command) {
    int ends[2];
    if (pipe(ends) == -1) {
        complain("cannot make a pipe: %s", strerror(errno));
        fail_command();
    }
    pid_t pid = start_child(NULL, true);
    if (pid == -1)
        fail_command();
    if (pid == 0) {
        close(ends[0]);
        redirect_to(ends[1], STDOUT_FILENO);
        struct source source;
        source_of_string(&source, command);
        end_child(run_source(&source));
    }
    close(ends[1]);
    struct text text = {0};
    char buffer[256];
    ssize_t n;
    while ((n = read(ends[0], buffer, sizeof(buffer))) > 0 || (n == -1 && errno == EINTR))
        for (ssize_t i = 0; i < n; i++)
            text_put(&text, buffer[i]);
    close(ends[0]);
    int status;
    while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
        ;
    substitution_status = status_of(status);
    while (text.length > 0 && text.data[text.length - 1] == '\n')
        text.data[--text.length] = '\0';
    return text_take(&text);
}
