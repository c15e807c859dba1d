// Commands that must run in the shell itself, and test.
#include "sh.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int true_(char **argv) {
    (void)argv;
    return 0;
}

static int false_(char **argv) {
    (void)argv;
    return 1;
}

static int cd(char **argv) {
    const char *folder = argv[1] ? argv[1] : get_variable("HOME");
    if (!folder || chdir(folder) == -1) {
        complain("cd: %s: %s", folder ? folder : "HOME", folder ? strerror(errno) : "not set");
        return 1;
    }
    char path[1024];
    if (getcwd(path, sizeof(path)))
        set_variable("PWD", path, false);
    return 0;
}

static int pwd(char **argv) {
    (void)argv;
    char path[1024];
    if (!getcwd(path, sizeof(path))) {
        complain("pwd: %s", strerror(errno));
        return 1;
    }
    puts(path);
    return 0;
}

static int exit_(char **argv) {
    exit(argv[1] ? atoi(argv[1]) & 0xff : last_status);
}

static int leave_loop(char **argv, bool go_on) {
    breaking = argv[1] ? atoi(argv[1]) : 1;
    if (breaking < 1)
        breaking = 1;
    continuing = go_on;
    return 0;
}

static int break_(char **argv) {
    return leave_loop(argv, false);
}

static int continue_(char **argv) {
    return leave_loop(argv, true);
}

static int export(char **argv) {
    if (!argv[1])
        print_exported();
    for (argv++; *argv; argv++) {
        if (is_assignment(*argv)) {
            assign(*argv, true);
        } else if (name_length(*argv) == strlen(*argv)) {
            set_variable(*argv, NULL, true);
        } else {
            complain("export: %s: bad name", *argv);
            return 1;
        }
    }
    return 0;
}

static int unset(char **argv) {
    for (argv++; *argv; argv++)
        unset_variable(*argv);
    return 0;
}

static char **copy_of(char **argv) {
    size_t count = 0;
    while (argv[count])
        count++;
    char **copy = calloc(count + 1, sizeof(*copy));
    for (size_t i = 0; i < count; i++)
        copy[i] = strdup(argv[i]);
    return copy;
}

// set [-e] [-x] [+e] [+x] [--] [parameter ...]
static int set(char **argv) {
    for (argv++; *argv && (**argv == '-' || **argv == '+') && (*argv)[1]; argv++) {
        bool on = **argv == '-';
        if (strcmp(*argv, "--") == 0) {
            positional = copy_of(argv + 1);
            return 0;
        }
        for (const char *letter = *argv + 1; *letter; letter++) {
            if (*letter == 'e')
                option_exit = on;
            else if (*letter == 'x')
                option_trace = on;
            else
                complain("set: -%c: unknown option", *letter);
        }
    }
    if (*argv)
        positional = copy_of(argv);
    return 0;
}

static int shift(char **argv) {
    int count = argv[1] ? atoi(argv[1]) : 1;
    while (count-- > 0) {
        if (!*positional)
            return 1;
        positional++;
    }
    return 0;
}

// read NAME...: a line from standard input, in words; the last name gets the rest.
static int read_(char **argv) {
    struct text line = {0};
    char c;
    ssize_t n;
    while ((n = read(STDIN_FILENO, &c, 1)) == 1 && c != '\n')
        text_put(&line, c);
    bool end = n != 1 && line.length == 0;
    char *place = text_take(&line);
    for (argv++; *argv; argv++) {
        place += strspn(place, " \t");
        size_t length = argv[1] ? strcspn(place, " \t") : strlen(place);
        while (!argv[1] && length > 0 && strchr(" \t", place[length - 1]))
            length--;
        set_variable(*argv, stack_copy(place, length), false);
        place += length;
    }
    return end;
}

// return [status]: out of a function, or a file that `.` reads
static int return_(char **argv) {
    returning = true;
    breaking = INT_MAX;
    continuing = false;
    return argv[1] ? atoi(argv[1]) & 0xff : last_status;
}

static int wait_(char **argv) {
    int status = 0;
    if (!argv[1])
        wait_for_jobs();
    for (argv++; *argv; argv++)
        status = wait_for_job(*argv);
    return status;
}

static int fg(char **argv) {
    return continue_job(argv[1], true);
}

static int bg(char **argv) {
    return continue_job(argv[1], false);
}

static int jobs(char **argv) {
    (void)argv;
    list_jobs();
    return 0;
}

static int dot(char **argv) {
    int fd = argv[1] ? open(argv[1], O_RDONLY | O_CLOEXEC) : -1;
    if (fd == -1) {
        complain(".: %s: %s", argv[1] ? argv[1] : "", argv[1] ? strerror(errno) : "needs a file");
        return 1;
    }
    struct source source;
    source_of_fd(&source, fd, false, true);
    int status = run_source(&source);
    returning = false;
    close(fd);
    return status;
}

static int umask_(char **argv) {
    if (argv[1]) {
        umask((mode_t)strtol(argv[1], NULL, 8));
        return 0;
    }
    mode_t old = umask(0);
    umask(old);
    printf("%04o\n", (unsigned)old);
    return 0;
}

// --- test --------------------------------------------------------------------

static bool test_file(char operator_, const char *path) {
    struct stat status;
    switch (operator_) {
    case 'r':
        return access(path, R_OK) == 0;
    case 'w':
        return access(path, W_OK) == 0;
    case 'x':
        return access(path, X_OK) == 0;
    default:
        if (stat(path, &status) == -1)
            return false;
    }
    switch (operator_) {
    case 'd':
        return S_ISDIR(status.st_mode);
    case 'f':
        return S_ISREG(status.st_mode);
    case 's':
        return status.st_size > 0;
    default:
        return true;
    }
}

static int test_one(const char *operator_, const char *operand) {
    if (operator_[0] != '-' || !operator_[1] || operator_[2] ||
        !strchr("nzedfsrwxt", operator_[1])) {
        complain("test: %s: unknown operator", operator_);
        return 2;
    }
    switch (operator_[1]) {
    case 'n':
        return !*operand;
    case 'z':
        return *operand != '\0';
    case 't':
        return !isatty(atoi(operand));
    default:
        return !test_file(operator_[1], operand);
    }
}

static int test_two(const char *left, const char *operator_, const char *right) {
    static const char *const numeric[] = {"-eq", "-ne", "-lt", "-le", "-gt", "-ge"};
    if (strcmp(operator_, "=") == 0)
        return strcmp(left, right) != 0;
    if (strcmp(operator_, "!=") == 0)
        return strcmp(left, right) == 0;
    long a = strtol(left, NULL, 10), b = strtol(right, NULL, 10);
    bool answers[] = {a == b, a != b, a<b, a <= b, a> b, a >= b};
    for (size_t i = 0; i < sizeof(numeric) / sizeof(numeric[0]); i++)
        if (strcmp(operator_, numeric[i]) == 0)
            return !answers[i];
    complain("test: %s: unknown operator", operator_);
    return 2;
}

static int test_words(char **words, int count) {
    if (count == 0)
        return 1;
    if (count == 3 && strcmp(words[0], "!") != 0)
        return test_two(words[0], words[1], words[2]);
    if (strcmp(words[0], "!") == 0 && count > 1) {
        int status = test_words(words + 1, count - 1);
        return status > 1 ? status : !status;
    }
    if (count == 1)
        return !*words[0];
    if (count == 2)
        return test_one(words[0], words[1]);
    complain("test: too many arguments");
    return 2;
}

static int test(char **argv) {
    int count = 0;
    while (argv[count])
        count++;
    if (strcmp(argv[0], "[") == 0) {
        if (strcmp(argv[count - 1], "]") != 0 || count < 2) {
            complain("[: ] is missing");
            return 2;
        }
        count--;
    }
    return test_words(argv + 1, count - 1);
}

builtin *find_builtin(const char *name) {
    static const struct {
        const char *name;
        builtin *function;
    } builtins[] = {
        {":", true_},         {".", dot},      {"[", test},
        {"bg", bg},           {"break", break_}, {"cd", cd},
        {"continue", continue_}, {"exec", builtin_exec}, {"exit", exit_},
        {"export", export},   {"false", false_}, {"fg", fg},
        {"jobs", jobs},       {"pwd", pwd},    {"read", read_},
        {"return", return_},  {"set", set},    {"shift", shift},
        {"test", test},       {"true", true_}, {"umask", umask_},
        {"unset", unset},     {"wait", wait_},
    };
    for (size_t i = 0; i < sizeof(builtins) / sizeof(builtins[0]); i++)
        if (strcmp(builtins[i].name, name) == 0)
            return builtins[i].function;
    return NULL;
}
