// The shell's job control: an interactive sh on the terminal, with keys typed by
// TIOCSTI, tells by files what it does.
#include "rows.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>

enum { kTty = 0 };

static struct termios saved;
static pid_t shell;

static void type(const char *keys) {
    for (; *keys; keys++)
        ioctl(kTty, TIOCSTI, keys);
}

// sh -i in a group of its own, whose messages go to a file.
static bool begin(void) {
    static char folder[] = "/tmp/shellXXXXXX";
    struct termios quiet;
    signal(SIGTTOU, SIG_IGN);
    if (!mkdtemp(folder) || chdir(folder) == -1)
        return false;
    tcgetattr(kTty, &saved);
    quiet = saved;
    quiet.c_lflag &= ~(unsigned)ECHO;
    tcsetattr(kTty, TCSANOW, &quiet);
    shell = fork();
    if (shell == 0) {
        int log = open("log", O_CREAT | O_WRONLY | O_APPEND, 0644);
        dup2(log, 1);
        dup2(log, 2);
        setenv("PS1", "", 1);
        execl("/bin/sh", "sh", "-i", NULL);
        _exit(99);
    }
    return shell > 0;
}

static bool end(int status) {
    int came = -1;
    type("exit\n");
    waitpid(shell, &came, 0);
    tcsetpgrp(kTty, getpgrp());
    tcsetattr(kTty, TCSAFLUSH, &saved);
    return came == W_EXITCODE(status, 0);
}

// What the file has, once it is there and complete: within two seconds.
static const char *file(const char *name) {
    static char text[512];
    text[0] = '\0';
    for (int i = 0; i < 200; i++) {
        int fd = open(name, O_RDONLY);
        if (fd != -1) {
            ssize_t n = read(fd, text, sizeof(text) - 1);
            close(fd);
            text[n > 0 ? n : 0] = '\0';
            if (n > 0 && text[n - 1] == '\n')
                break;
        }
        usleep(10000);
    }
    return text;
}

static bool says(const char *name, const char *expected) {
    const char *came = file(name);
    EXPECT(strcmp(came, expected) == 0, "%s has '%s'", name, came);
    return true;
}

#define SAYS(name, expected)                                                                       \
    do {                                                                                           \
        if (!says(name, expected))                                                                 \
            return false;                                                                          \
    } while (0)

// The group in the foreground, once it is not the one given.
static pid_t foreground_but(pid_t group) {
    pid_t now = group;
    for (int i = 0; i < 200 && (now = tcgetpgrp(kTty)) == group; i++)
        usleep(10000);
    return now;
}

static bool stop_and_continue(void) {
    EXPECT(begin(), "no shell");
    EXPECT_EQ(foreground_but(getpgrp()), shell);
    type("sleep 1000\n");
    pid_t job = foreground_but(shell);
    EXPECT(job != shell && job > 1, "the job is not in the foreground");
    type("\032"); // ^Z
    EXPECT_EQ(foreground_but(job), shell);
    type("echo $? >a; jobs 2>b\n");
    SAYS("a", "146\n"); // 128 + SIGTSTP
    SAYS("b", "[1] Stopped  sleep 1000\n");
    type("fg\n");
    EXPECT_EQ(foreground_but(shell), job);
    type("\003"); // ^C
    EXPECT_EQ(foreground_but(job), shell);
    type("echo $? >c; jobs 2>d; echo end >>d\n");
    SAYS("c", "130\n");
    SAYS("d", "end\n");
    EXPECT(end(0), "the shell does not end");
    return true;
}

static bool background(void) {
    EXPECT(begin(), "no shell");
    EXPECT_EQ(foreground_but(getpgrp()), shell);
    type("sleep 1000 | cat &\n");
    type("sleep 2000\n");
    pid_t job = foreground_but(shell);
    type("\032");
    EXPECT_EQ(foreground_but(job), shell);
    type("bg %2 2>a; jobs 2>b\n");
    SAYS("a", "sleep 2000 &\n");
    SAYS("b", "[1] Running  sleep 1000 | cat\n[2] Running  sleep 2000\n");
    type("\003"); // reaches the shell alone, which does not care
    type("echo $! >c\n");
    pid_t last = (pid_t)atoi(file("c"));
    EXPECT(last > 1 && kill(last, 0) == 0, "no process %d", last);
    EXPECT(kill(-job, SIGTERM) == 0, "no group");
    type("wait %2; echo $? >d\n");
    SAYS("d", "143\n");
    // The pipeline is one group: it ends as one.
    EXPECT_EQ(kill(-getpgid(last), SIGKILL), 0);
    type("wait %1; echo $? >e\n");
    SAYS("e", "137\n");
    EXPECT(end(0), "the shell does not end");
    return true;
}

// Who reads in the background stops, until it comes to the foreground.
static bool reads_in_background(void) {
    EXPECT(begin(), "no shell");
    EXPECT_EQ(foreground_but(getpgrp()), shell);
    type("cat >a &\nsleep 0.05; jobs 2>b\n");
    SAYS("b", "[1] Stopped  cat\n");
    type("fg\n");
    EXPECT(foreground_but(shell) != shell, "cat is not in the foreground");
    type("typed\n\004");
    SAYS("a", "typed\n");
    EXPECT(end(0), "the shell does not end");
    return true;
}

static const struct row rows[] = {
    ROW("N6", "a shell stops a job, brings it back, and has the terminal between", stop_and_continue),
    ROW("N6", "a shell's jobs run in the background, each a group", background),
    ROW("N6", "a shell's job that reads in the background is stopped", reads_in_background),
};
ROWS_MAIN(rows)
