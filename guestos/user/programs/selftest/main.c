#include "selftest.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int checks, failures;

void headline(const char *text) {
    printf("# %s\n", text);
    fflush(stdout);
}

void check(bool condition, const char *sentence) {
    checks++;
    failures += !condition;
    printf("%s - %s\n", condition ? "ok" : "not ok", sentence);
    fflush(stdout); // a child must not inherit it unwritten
}

void check_error(long result, int number, const char *sentence) {
    int found = errno;
    check(result == -1 && found == number, sentence);
    if (result != -1)
        printf("#   the result was %ld\n", result);
    else if (found != number)
        printf("#   the error was: %s\n", strerror(found));
    fflush(stdout);
}

void give_up(const char *what) {
    printf("not ok - %s: %s\n", what, strerror(errno));
    exit(2);
}

int main(int argc, char **argv) {
    static const struct {
        const char *name;
        void (*function)(void);
    } groups[] = {
        {"processes", test_processes},
        {"exec", test_exec},
        {"files", test_files},
        {"pipes", test_pipes},
        {"addresses", test_bad_addresses},
        {"memory", test_memory},
        {"cow", test_cow},
        {"signals", test_signals},
        {"handlers", test_handlers},
        {"time", test_time},
    };
    for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
        if (argc < 2 || strcmp(argv[1], groups[i].name) == 0) {
            headline(groups[i].name);
            groups[i].function();
        }
    printf("selftest: %d checks, %d failed\n", checks, failures);
    return failures != 0;
}
