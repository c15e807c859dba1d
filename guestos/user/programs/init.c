// init: the first process. Runs one job and passes its status on; meanwhile it
// waits for the orphans that the kernel gives it.
//
// The job is, the first of these that is there:
//   /job/program with the arguments in /job/argv (each ends with a NUL),
//   $job with init's own arguments,
//   sh /etc/rc.
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

// The kernel may have opened the console already.
static void open_console(void) {
    for (int fd = 0; fd <= 2; fd++) {
        struct stat status;
        if (fstat(fd, &status) == 0)
            continue;
        int opened = fd == 0 ? open("/dev/console", O_RDWR) : dup(0);
        if (opened == -1)
            _exit(1); // nobody to tell
    }
}

static char *read_file(const char *path, size_t *length) {
    struct stat status;
    int fd = open(path, O_RDONLY);
    if (fd == -1)
        return NULL;
    if (fstat(fd, &status) == -1)
        err(1, "%s", path);
    char *text = malloc((size_t)status.st_size + 1);
    if (!text)
        err(1, NULL);
    ssize_t n = read(fd, text, (size_t)status.st_size);
    if (n == -1)
        err(1, "%s", path);
    close(fd);
    text[n] = '\0';
    *length = (size_t)n;
    return text;
}

// The strings that lie in text one after another, as an argument list.
static char **split(char *text, size_t length) {
    size_t count = 0;
    for (size_t i = 0; i < length; i += strlen(text + i) + 1)
        count++;
    char **argv = calloc(count + 2, sizeof(*argv));
    if (!argv)
        err(1, NULL);
    for (size_t i = 0, n = 0; i < length; i += strlen(text + i) + 1)
        argv[n++] = text + i;
    if (count == 0)
        argv[0] = "program";
    return argv;
}

static const char *find_job(const char *named, char **own_arguments, char ***argv) {
    static char *script[] = {"sh", "/etc/rc", NULL};
    size_t length;
    char *text = read_file("/job/argv", &length);
    if (text) {
        *argv = split(text, length);
        return "/job/program";
    }
    if (!named) {
        *argv = script;
        return "/bin/sh";
    }
    *argv = own_arguments;
    (*argv)[0] = (char *)named;
    return named;
}

static pid_t start(const char *program, char **argv) {
    pid_t pid = fork();
    if (pid == -1)
        err(1, "fork");
    if (pid > 0)
        return pid;
    // A session of its own, with the console as its terminal.
    if (setsid() != -1)
        ioctl(STDIN_FILENO, TIOCSCTTY);
    execve(program, argv, environ);
    warn("%s", program);
    fflush(stderr);
    _exit(127);
}

// What is left is killed and waited for, so that the system ends as it began.
static void end_others(void) {
    if (kill(-1, SIGKILL) == -1)
        return;
    while (wait(NULL) != -1 || errno == EINTR)
        continue;
}

int main(int argc, char **argv) {
    static char *no_arguments[] = {"init", NULL};
    open_console();
    if (getpid() != 1)
        errx(1, "already running");
    setenv("PATH", "/bin:/sbin", 0);
    setenv("HOME", "/root", 0);
    const char *named = getenv("job");
    unsetenv("job"); // it is init's, and maybe not what runs
    char **job_argv;
    const char *program = find_job(named, argc > 0 ? argv : no_arguments, &job_argv);
    pid_t job = start(program, job_argv);
    int status = 0;
    for (pid_t pid; (pid = wait(&status)) != job;)
        if (pid == -1 && errno != EINTR)
            err(1, "wait");
    end_others();
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
