// posix_spawn(3) over vfork(2): the child tells of a failure through the memory
// that it shares with its parent.
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum what { kOpen, kDup2, kClose, kChdir, kFchdir };

struct posix_spawn_file_action {
    enum what what;
    int fd;
    int newfd;  // kDup2
    char *path; // kOpen, kChdir
    int flags;
    mode_t mode;
};

// --- in the child --------------------------------------------------------------

static int open_as(const struct posix_spawn_file_action *action) {
    int fd = open(action->path, action->flags, action->mode);
    if (fd == -1 || fd == action->fd)
        return fd;
    int result = dup2(fd, action->fd);
    close(fd);
    return result;
}

static int act(const struct posix_spawn_file_action *action) {
    switch (action->what) {
    case kOpen:
        return open_as(action);
    case kDup2:
        if (action->fd != action->newfd)
            return dup2(action->fd, action->newfd);
        return fcntl(action->fd, F_SETFD, fcntl(action->fd, F_GETFD) & ~FD_CLOEXEC);
    case kClose:
        return close(action->fd);
    case kChdir:
        return chdir(action->path);
    default:
        return fchdir(action->fd);
    }
}

// POSIX_SPAWN_SETSCHEDULER sets the parameters too.
static int set_scheduling(const posix_spawnattr_t *attributes) {
    if (attributes->sa_flags & POSIX_SPAWN_SETSCHEDULER)
        return sched_setscheduler(0, attributes->sa_schedpolicy, &attributes->sa_schedparam);
    if (attributes->sa_flags & POSIX_SPAWN_SETSCHEDPARAM)
        return sched_setparam(0, &attributes->sa_schedparam);
    return 0;
}

static int set_attributes(const posix_spawnattr_t *attributes) {
    short flags = attributes->sa_flags;
    if (flags & POSIX_SPAWN_SETPGROUP && setpgid(0, attributes->sa_pgroup) == -1)
        return -1;
    if (set_scheduling(attributes) == -1)
        return -1;
    if (flags & POSIX_SPAWN_RESETIDS && (setegid(getgid()) == -1 || seteuid(getuid()) == -1))
        return -1;
    for (int number = 1; flags & POSIX_SPAWN_SETSIGDEF && number < NSIG; number++)
        if (sigismember(&attributes->sa_sigdefault, number) == 1)
            signal(number, SIG_DFL);
    if (flags & POSIX_SPAWN_SETSIGMASK)
        return sigprocmask(SIG_SETMASK, &attributes->sa_sigmask, NULL);
    return 0;
}

typedef int exec_function(const char *, char *const *, char *const *);

// Returns only with an error.
static void become(const char *file, const posix_spawn_file_actions_t *actions,
                   const posix_spawnattr_t *attributes, char *const *argv, char *const *envp,
                   exec_function *exec) {
    if (attributes && set_attributes(attributes) == -1)
        return;
    for (unsigned i = 0; actions && i < actions->len; i++)
        if (act(&actions->fae[i]) == -1)
            return;
    exec(file, argv, envp);
}

// --- in the parent ---------------------------------------------------------------

static int spawn(pid_t *pid, const char *file, const posix_spawn_file_actions_t *actions,
                 const posix_spawnattr_t *attributes, char *const *argv, char *const *envp,
                 exec_function *exec) {
    volatile int error = 0;
    int saved = errno;
    pid_t child = vfork();
    if (child == 0) {
        become(file, actions, attributes, argv, envp, exec);
        error = errno;
        _exit(127);
    }
    if (child == -1)
        error = errno;
    else if (error)
        while (wait4(child, NULL, 0, NULL) == -1 && errno == EINTR)
            continue;
    else if (pid)
        *pid = child;
    errno = saved;
    return error;
}

int posix_spawn(pid_t *restrict pid, const char *restrict path,
                const posix_spawn_file_actions_t *actions,
                const posix_spawnattr_t *restrict attributes, char *const *restrict argv,
                char *const *restrict envp) {
    return spawn(pid, path, actions, attributes, argv, envp, execve);
}

int posix_spawnp(pid_t *restrict pid, const char *restrict file,
                 const posix_spawn_file_actions_t *actions,
                 const posix_spawnattr_t *restrict attributes, char *const *restrict argv,
                 char *const *restrict envp) {
    return spawn(pid, file, actions, attributes, argv, envp, execvpe);
}

// --- file actions ------------------------------------------------------------------

int posix_spawn_file_actions_init(posix_spawn_file_actions_t *actions) {
    memset(actions, 0, sizeof(*actions));
    return 0;
}

int posix_spawn_file_actions_destroy(posix_spawn_file_actions_t *actions) {
    for (unsigned i = 0; i < actions->len; i++)
        free(actions->fae[i].path);
    free(actions->fae);
    return posix_spawn_file_actions_init(actions);
}

// The path is copied: the caller's may be gone by the time of the spawn.
static int add(posix_spawn_file_actions_t *actions, struct posix_spawn_file_action action,
               const char *path) {
    if (action.fd < 0 || (action.what == kDup2 && action.newfd < 0))
        return EBADF;
    if (actions->len == actions->size) {
        unsigned size = actions->size ? actions->size * 2 : 8;
        void *bigger = realloc(actions->fae, size * sizeof(action));
        if (!bigger)
            return ENOMEM;
        actions->fae = bigger;
        actions->size = size;
    }
    if (path && !(action.path = strdup(path)))
        return ENOMEM;
    actions->fae[actions->len++] = action;
    return 0;
}

int posix_spawn_file_actions_addopen(posix_spawn_file_actions_t *restrict actions, int fd,
                                     const char *restrict path, int flags, mode_t mode) {
    return add(
        actions,
        (struct posix_spawn_file_action){.what = kOpen, .fd = fd, .flags = flags, .mode = mode},
        path);
}

int posix_spawn_file_actions_adddup2(posix_spawn_file_actions_t *actions, int fd, int newfd) {
    return add(actions, (struct posix_spawn_file_action){.what = kDup2, .fd = fd, .newfd = newfd},
               NULL);
}

int posix_spawn_file_actions_addclose(posix_spawn_file_actions_t *actions, int fd) {
    return add(actions, (struct posix_spawn_file_action){.what = kClose, .fd = fd}, NULL);
}

int posix_spawn_file_actions_addchdir(posix_spawn_file_actions_t *restrict actions,
                                      const char *restrict path) {
    return add(actions, (struct posix_spawn_file_action){.what = kChdir}, path);
}

int posix_spawn_file_actions_addfchdir(posix_spawn_file_actions_t *actions, int fd) {
    return add(actions, (struct posix_spawn_file_action){.what = kFchdir, .fd = fd}, NULL);
}

// --- attributes ----------------------------------------------------------------------

int posix_spawnattr_init(posix_spawnattr_t *attributes) {
    memset(attributes, 0, sizeof(*attributes));
    return 0;
}

int posix_spawnattr_destroy(posix_spawnattr_t *attributes) {
    return posix_spawnattr_init(attributes);
}

int posix_spawnattr_getflags(const posix_spawnattr_t *restrict attributes, short *restrict value) {
    *value = attributes->sa_flags;
    return 0;
}

int posix_spawnattr_setflags(posix_spawnattr_t *attributes, short value) {
    attributes->sa_flags = value;
    return 0;
}

int posix_spawnattr_getpgroup(const posix_spawnattr_t *restrict attributes, pid_t *restrict value) {
    *value = attributes->sa_pgroup;
    return 0;
}

int posix_spawnattr_setpgroup(posix_spawnattr_t *attributes, pid_t value) {
    attributes->sa_pgroup = value;
    return 0;
}

int posix_spawnattr_getschedparam(const posix_spawnattr_t *restrict attributes,
                                  struct sched_param *restrict value) {
    *value = attributes->sa_schedparam;
    return 0;
}

int posix_spawnattr_setschedparam(posix_spawnattr_t *restrict attributes,
                                  const struct sched_param *restrict value) {
    attributes->sa_schedparam = *value;
    return 0;
}

int posix_spawnattr_getschedpolicy(const posix_spawnattr_t *restrict attributes,
                                   int *restrict value) {
    *value = attributes->sa_schedpolicy;
    return 0;
}

int posix_spawnattr_setschedpolicy(posix_spawnattr_t *attributes, int value) {
    attributes->sa_schedpolicy = value;
    return 0;
}

int posix_spawnattr_getsigdefault(const posix_spawnattr_t *restrict attributes,
                                  sigset_t *restrict value) {
    *value = attributes->sa_sigdefault;
    return 0;
}

int posix_spawnattr_setsigdefault(posix_spawnattr_t *restrict attributes,
                                  const sigset_t *restrict value) {
    attributes->sa_sigdefault = *value;
    return 0;
}

int posix_spawnattr_getsigmask(const posix_spawnattr_t *restrict attributes,
                               sigset_t *restrict value) {
    *value = attributes->sa_sigmask;
    return 0;
}

int posix_spawnattr_setsigmask(posix_spawnattr_t *restrict attributes,
                               const sigset_t *restrict value) {
    attributes->sa_sigmask = *value;
    return 0;
}
