// What was started: jobs of one or more processes, in the foreground until they
// end or stop, or in the background. With job control each is a process group,
// and the terminal belongs to the one in the foreground.
#include "sh.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

struct process {
    pid_t pid;
    bool done, stopped;
    int status;
};

struct job {
    int number; // 0: in the foreground, and on no list
    struct process *processes;
    int count;
    const struct node *node; // what it runs, while that is there
    char *command;           // the same as text, once it is on the list
    struct job *next;
};
static struct job *jobs; // by number

bool job_control;
static int terminal = -1;
static struct termios shell_modes;

static void describe(struct text *text, const struct node *node) {
    if (node->kind == NODE_PIPELINE) {
        for (const struct node *part = node->left; part; part = part->next) {
            describe(text, part);
            if (part->next)
                text_add(text, " | ");
        }
    } else if (node->kind == NODE_SIMPLE) {
        for (const struct word *word = node->words; word; word = word->next) {
            text_add(text, word->text);
            if (word->next)
                text_put(text, ' ');
        }
    } else {
        text_add(text, "(...)");
    }
}

// --- groups and the terminal -----------------------------------------------------

void open_terminal(void) {
    int fd = open("/dev/tty", O_RDWR | O_CLOEXEC);
    terminal = fd == -1 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 10);
    close(fd);
    if (terminal == -1)
        return;
    signal(SIGTSTP, SIG_IGN);
    signal(SIGTTIN, SIG_IGN);
    signal(SIGTTOU, SIG_IGN);
    setpgid(0, 0); // a session's leader has a group of its own already
    job_control = tcsetpgrp(terminal, getpgrp()) == 0 && tcgetattr(terminal, &shell_modes) == 0;
}

static pid_t group_of(const struct job *job) {
    return job->processes[0].pid;
}

// The child does this and, but for the terminal, the parent too: neither may go
// on before it is done. Keys that send signals work as soon as the terminal is
// the job's.
void job_in_child(const struct job *job, bool foreground) {
    if (!job_control || !job)
        return;
    setpgid(0, job->count > 0 ? group_of(job) : 0);
    signal(SIGINT, SIG_DFL);
    signal(SIGTSTP, SIG_DFL);
    signal(SIGTTIN, SIG_DFL);
    if (foreground)
        tcsetpgrp(terminal, getpgrp());
    signal(SIGTTOU, SIG_DFL);
    job_control = false;
}

void job_in_parent(struct job *job, pid_t pid) {
    if (job_control)
        setpgid(pid, job->count > 0 ? group_of(job) : pid);
    job->processes = realloc(job->processes, (size_t)(job->count + 1) * sizeof(*job->processes));
    job->processes[job->count++] = (struct process){.pid = pid};
}

static void take_terminal(void) {
    if (job_control) {
        tcsetpgrp(terminal, getpgrp());
        tcsetattr(terminal, TCSADRAIN, &shell_modes);
    }
}

// --- the list ----------------------------------------------------------------------

struct job *new_job(const struct node *node) {
    struct job *job = calloc(1, sizeof(*job));
    job->node = node;
    return job;
}

static void free_job(struct job *job) {
    free(job->processes);
    free(job->command);
    free(job);
}

static void list_job(struct job *job) {
    struct text text = {0};
    describe(&text, job->node);
    struct job **link = &jobs;
    job->number = 1;
    for (; *link; link = &(*link)->next)
        job->number = (*link)->number + 1;
    *link = job;
    job->node = NULL;
    job->command = text.data;
}

static void remove_job(struct job *job) {
    struct job **link = &jobs;
    while (*link != job)
        link = &(*link)->next;
    *link = job->next;
    free_job(job);
}

// %number or a process's number; NULL: the last job.
static struct job *find_job(const char *name) {
    struct job *found = NULL;
    int number = name ? atoi(name + (*name == '%')) : 0;
    for (struct job *job = jobs; job; job = job->next)
        if (!name || (*name == '%' ? job->number == number
                                   : job->processes[job->count - 1].pid == number))
            found = job;
    return found;
}

// --- waiting -------------------------------------------------------------------------

// By waitpid's options; the signals of those that are killed are told.
static void update_process(struct process *process, int options) {
    int status;
    pid_t pid;
    do
        pid = waitpid(process->pid, &status, options);
    while (pid == -1 && errno == EINTR);
    if (pid == -1) {
        process->done = true;
        process->status = 127;
    } else if (pid > 0 && WIFSTOPPED(status)) {
        process->stopped = true;
        process->status = 128 + WSTOPSIG(status);
    } else if (pid > 0) {
        process->done = true;
        process->status = status_of(status);
    }
}

// Waits for all of the job's processes, or with WNOHANG looks what they do.
static void update(struct job *job, int options) {
    for (int i = 0; i < job->count; i++)
        if (!job->processes[i].done && !job->processes[i].stopped)
            update_process(&job->processes[i], options | (job_control ? WUNTRACED : 0));
}

static bool is_done(const struct job *job) {
    for (int i = 0; i < job->count; i++)
        if (!job->processes[i].done)
            return false;
    return true;
}

static bool is_stopped(const struct job *job) {
    for (int i = 0; i < job->count; i++)
        if (job->processes[i].stopped)
            return true;
    return false;
}

static int job_status(const struct job *job) {
    return job->count > 0 ? job->processes[job->count - 1].status : 126;
}

static void print(const struct job *job) {
    int status = job_status(job);
    if (is_done(job) && status)
        fprintf(stderr, "[%d] Exit %-3d %s\n", job->number, status, job->command);
    else
        fprintf(stderr, "[%d] %-8s %s\n", job->number,
                is_done(job)      ? "Done"
                : is_stopped(job) ? "Stopped"
                                  : "Running",
                job->command);
}

int wait_foreground(struct job *job) {
    update(job, 0);
    take_terminal();
    int status = job_status(job);
    if (is_stopped(job)) {
        if (job->number == 0)
            list_job(job);
        fputc('\n', stderr);
        print(job);
    } else if (job->number != 0) {
        remove_job(job);
    } else {
        free_job(job);
    }
    return status;
}

int keep_background(struct job *job) {
    if (job->count == 0) {
        free_job(job);
        return 126;
    }
    list_job(job);
    if (interactive)
        fprintf(stderr, "[%d] %d\n", job->number, (int)group_of(job));
    return 0;
}

int continue_job(const char *name, bool foreground) {
    struct job *job = find_job(name);
    if (!job_control || !job) {
        complain("%s: %s", foreground ? "fg" : "bg", job_control ? "no such job" : "no job control");
        return 1;
    }
    fprintf(stderr, "%s%s\n", job->command, foreground ? "" : " &");
    for (int i = 0; i < job->count; i++)
        job->processes[i].stopped = false;
    if (foreground)
        tcsetpgrp(terminal, group_of(job));
    kill(-group_of(job), SIGCONT);
    return foreground ? wait_foreground(job) : 0;
}

void report_jobs(void) {
    for (struct job *job = jobs, *next; job; job = next) {
        bool stopped = is_stopped(job);
        next = job->next;
        update(job, WNOHANG);
        if (is_done(job)) {
            print(job);
            remove_job(job);
        } else if (is_stopped(job) && !stopped) {
            print(job);
        }
    }
}

void list_jobs(void) {
    for (struct job *job = jobs; job; job = job->next) {
        update(job, WNOHANG);
        print(job);
    }
}

int wait_for_job(const char *name) {
    struct job *job = find_job(name);
    if (!job)
        return 127;
    update(job, 0);
    int status = job_status(job);
    if (is_done(job))
        remove_job(job);
    return status;
}

void wait_for_jobs(void) {
    for (struct job *job = jobs, *next; job; job = next) {
        next = job->next;
        update(job, 0);
        if (is_done(job))
            remove_job(job);
    }
}

void forget_jobs(void) {
    while (jobs)
        remove_job(jobs);
}
