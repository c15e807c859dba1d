// sh [-eix] [FILE [ARGUMENT...]]
// sh [-ex] -c COMMANDS [NAME [ARGUMENT...]]
#include "sh.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern char **environ;

static jmp_buf recovery;

// A script ends here; a person at a terminal gets the next prompt.
void fail_command(void) {
    if (interactive)
        longjmp(recovery, 1);
    exit(2);
}

int run_source(struct source *source) {
    struct node *node;
    int status = 0;
    void *mark = stack_mark();
    while (!returning && parse(source, &node)) {
        if (node)
            status = run(node);
        breaking = 0;
        stack_cut(mark);
    }
    return status;
}

static void run_interactive(struct source *source) {
    signal(SIGINT, SIG_IGN);
    open_terminal();
    if (!get_variable("PS1"))
        set_variable("PS1", geteuid() == 0 ? "# " : "$ ", false);
    if (!get_variable("PS2"))
        set_variable("PS2", "> ", false);
    void *mark = stack_mark();
    for (;;) {
        struct node *node;
        report_jobs();
        fflush(stdout);
        fflush(stderr);
        if (setjmp(recovery) != 0) {
            last_status = 2;
            skip_line(source);
        } else if (!parse(source, &node)) {
            break;
        } else if (node) {
            run(node);
        }
        breaking = 0;
        returning = false;
        stack_cut(mark);
    }
}

static void usage(void) {
    fputs("usage: sh [-eix] [-c commands | file] [argument ...]\n", stderr);
    exit(2);
}

int main(int argc, char **argv) {
    static char *no_arguments[] = {NULL};
    const char *commands = NULL;
    shell_pid = getpid();
    import_environment(environ);
    for (int option; (option = getopt(argc, argv, "+c:eix")) != -1;) {
        switch (option) {
        case 'c':
            commands = optarg;
            break;
        case 'e':
            option_exit = true;
            break;
        case 'i':
            interactive = true;
            break;
        case 'x':
            option_trace = true;
            break;
        default:
            usage();
        }
    }
    struct source source;
    positional = optind < argc ? argv + optind + 1 : no_arguments;
    if (optind < argc)
        shell_name = argv[optind];
    if (commands) {
        source_of_string(&source, commands);
    } else if (optind < argc) {
        int fd = open(shell_name, O_RDONLY | O_CLOEXEC);
        if (fd == -1) {
            complain("%s: %s", shell_name, strerror(errno));
            return 127;
        }
        source_of_fd(&source, fd, false, true);
    } else {
        interactive |= isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
        source_of_fd(&source, STDIN_FILENO, interactive, false);
    }
    if (source.prompts)
        run_interactive(&source);
    else
        run_source(&source);
    return last_status;
}
