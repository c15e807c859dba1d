// The frame of the row tests. A program rows_X.c has a table of the rows of
// docs/fork-semantics.md that it checks, one line a check:
//
//   static const struct row rows[] = {
//       ROW("E1", "fork gives the child's pid and 0", check_fork),
//       ROW_OURS("F6", "no kernel stack means ENOMEM", check_uarea),
//   };
//   ROWS_MAIN(rows)
//
// The build finds the identifiers by these lines. ROW_OURS is for what only our
// machine can do (probes, injection); `rows_X -q` leaves it out, for QEMU.
// `rows_X` checks all rows, `rows_X E1` those with that identifier. Each check
// runs in a process of its own, so that it may change what it likes.
#ifndef ROWS_H_
#define ROWS_H_

#include "expect.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct row {
    const char *id;
    const char *sentence;
    bool (*check)(void);
    bool ours;
};
#define ROW(id, sentence, check) {id, sentence, check, false}
#define ROW_OURS(id, sentence, check) {id, sentence, check, true}

static bool row_run(const struct row *row) {
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        bool good = row->check();
        if (good)
            printf("ok %s - %s\n", row->id, row->sentence);
        else
            printf("not ok %s - %s (%s)\n", row->id, row->sentence, expect_came);
        fflush(stdout);
        _exit(good ? 0 : 1);
    }
    int status = -1;
    if (pid == -1 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status)) {
        printf("not ok %s - %s (the check died, status 0x%x)\n", row->id, row->sentence, status);
        return false;
    }
    return WEXITSTATUS(status) == 0;
}

static int rows_main(const struct row *rows, unsigned count, int argc, char **argv) {
    bool portable = argc > 1 && strcmp(argv[1], "-q") == 0;
    const char *wanted = argc > 1 && !portable ? argv[1] : NULL;
    unsigned failed = 0, ran = 0;
    for (unsigned i = 0; i < count; i++) {
        if ((portable && rows[i].ours) || (wanted && strcmp(wanted, rows[i].id) != 0))
            continue;
        ran++;
        failed += row_run(&rows[i]) ? 0 : 1;
    }
    if (wanted && ran == 0)
        printf("not ok %s - there is such a row\n", wanted);
    return failed || ran == 0 ? 1 : 0;
}

#define ROWS_MAIN(rows)                                                                            \
    int main(int argc, char **argv) {                                                              \
        return rows_main(rows, sizeof(rows) / sizeof((rows)[0]), argc, argv);                      \
    }

#endif
