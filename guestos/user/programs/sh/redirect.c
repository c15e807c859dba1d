// Redirections: < > >> <& >& <<.
#include "sh.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct saved {
    int fd, copy; // copy -1: it was closed
    struct saved *next;
};

bool redirect_to(int fd, int to) {
    if (fd == -1)
        return false;
    if (fd != to) {
        dup2(fd, to);
        close(fd);
    }
    return true;
}

// A file without a name, with the text in it.
static int here_document(const struct redirection *redirection) {
    char name[] = "/tmp/sh.XXXXXX";
    const char *text = redirection->quoted ? redirection->target : expand_here(redirection->target);
    int fd = mkstemp(name);
    if (fd == -1)
        return -1;
    unlink(name);
    size_t length = strlen(text);
    if (write(fd, text, length) != (ssize_t)length || lseek(fd, 0, SEEK_SET) == -1) {
        close(fd);
        return -1;
    }
    return fd;
}

static bool redirect(const struct redirection *redirection) {
    int fd = redirection->fd;
    bool done;
    if (strncmp(redirection->sign, "<<", 2) == 0) {
        done = redirect_to(here_document(redirection), fd);
        if (!done)
            complain("here-document: %s", strerror(errno));
        return done;
    }
    const char *target = expand_one(redirection->target);
    if (redirection->sign[1] == '&') {
        if (strcmp(target, "-") == 0) {
            close(fd);
            return true;
        }
        char *end;
        long from = strtol(target, &end, 10);
        done = *target && !*end && dup2((int)from, fd) != -1;
    } else if (*redirection->sign == '<') {
        done = redirect_to(open(target, O_RDONLY), fd);
    } else {
        int mode = redirection->sign[1] == '>' ? O_APPEND : O_TRUNC;
        done = redirect_to(open(target, O_WRONLY | O_CREAT | mode, 0666), fd);
    }
    if (!done)
        complain("%s: %s", target, strerror(errno));
    return done;
}

bool redirect_all(const struct redirection *list, struct saved **saved) {
    fflush(stdout);
    for (; list; list = list->next) {
        if (saved) {
            struct saved *entry = stack_alloc(sizeof(*entry));
            entry->fd = list->fd;
            entry->copy = fcntl(list->fd, F_DUPFD_CLOEXEC, 10);
            entry->next = *saved;
            *saved = entry;
        }
        if (!redirect(list))
            return false;
    }
    return true;
}

void restore(struct saved *saved) {
    fflush(stdout);
    for (; saved; saved = saved->next) {
        if (saved->copy == -1) {
            close(saved->fd);
        } else {
            dup2(saved->copy, saved->fd);
            close(saved->copy);
        }
    }
}
