// What runs in the background, and what became of it.
#include "sh.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

struct job {
    int number;
    pid_t pid;
    bool done;
    int status;
    char *command;
    struct job *next;
};
static struct job *jobs; // by number

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

void add_job(pid_t pid, const struct node *node) {
    struct text text = {0};
    describe(&text, node);
    struct job **link = &jobs;
    int number = 1;
    for (; *link; link = &(*link)->next)
        number = (*link)->number + 1;
    *link = calloc(1, sizeof(**link));
    **link = (struct job){.number = number, .pid = pid, .command = text.data};
    if (interactive)
        fprintf(stderr, "[%d] %d\n", number, (int)pid);
}

static void remove_job(struct job *job) {
    struct job **link = &jobs;
    while (*link != job)
        link = &(*link)->next;
    *link = job->next;
    free(job->command);
    free(job);
}

static void finish(struct job *job, int options) {
    int status;
    pid_t pid;
    while (!job->done) {
        pid = waitpid(job->pid, &status, options);
        if (pid == 0)
            return;
        if (pid == job->pid) {
            job->status = status_of(status);
            job->done = true;
        } else if (errno != EINTR) {
            job->status = 127;
            job->done = true;
        }
    }
}

static void print(const struct job *job) {
    if (job->done && job->status)
        fprintf(stderr, "[%d] Exit %-3d %s\n", job->number, job->status, job->command);
    else
        fprintf(stderr, "[%d] %-8s %s\n", job->number, job->done ? "Done" : "Running",
                job->command);
}

void report_jobs(void) {
    for (struct job *job = jobs, *next; job; job = next) {
        next = job->next;
        finish(job, WNOHANG);
        if (job->done) {
            print(job);
            remove_job(job);
        }
    }
}

void list_jobs(void) {
    for (struct job *job = jobs; job; job = job->next) {
        finish(job, WNOHANG);
        print(job);
    }
}

int wait_for_job(pid_t pid) {
    for (struct job *job = jobs; job; job = job->next)
        if (job->pid == pid) {
            finish(job, 0);
            int status = job->status;
            remove_job(job);
            return status;
        }
    return 127;
}

void wait_for_jobs(void) {
    while (jobs) {
        finish(jobs, 0);
        remove_job(jobs);
    }
}

void forget_jobs(void) {
    while (jobs)
        remove_job(jobs);
}
