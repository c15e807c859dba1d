// soak_fuzz CALLS [SEED]: makes so many random system calls. The supervisor
// starts one worker after another, every other one as root, each in a jail that
// is made anew; it prods those that are stuck, ends what they leave behind, and
// tells at the end what was done. The kernel must stay whole, and keep nothing.
#include "fuzz.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/stat.h>
#include <termios.h>

enum { CALLS_OF_A_WORKER = 10000, MOST_AT_START = 64 };

struct shared *shared;
static int at_start[MOST_AT_START]; // processes that are not the workers'
static int count_at_start;
static struct termios terminal;
static int maxproc;

// --- the jail -------------------------------------------------------------------

static void copy(const char *from, const char *to) {
    char block[PAGE];
    int in = open(from, O_RDONLY), out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0755);
    for (ssize_t n; (n = read(in, block, sizeof(block))) > 0;)
        if (write(out, block, (size_t)n) != n)
            break;
    close(in);
    close(out);
}

static void make_jail(void) {
    static const char *const devices[] = {"null", "zero", "tty", "console"};
    umask(0);
    mkdir("/tmp/jail", 0777);
    mkdir("/tmp/jail/bin", 0755);
    mkdir("/tmp/jail/dev", 0755);
    mkdir("/tmp/jail/d", 0777);
    copy("/bin/true", "/tmp/jail/bin/true");
    copy("/bin/echo", "/tmp/jail/bin/echo");
    for (unsigned i = 0; i < sizeof(devices) / sizeof(devices[0]); i++) {
        char from[32], to[32];
        struct stat status;
        snprintf(from, sizeof(from), "/dev/%s", devices[i]);
        snprintf(to, sizeof(to), "/tmp/jail/dev/%s", devices[i]);
        if (stat(from, &status) == 0)
            mknod(to, status.st_mode | 0666, status.st_rdev);
    }
}

static void remove_jail(void) {
    pid_t pid = fork();
    if (pid == 0) {
        execl("/bin/rm", "rm", "-rf", "/tmp/jail", (char *)NULL);
        _exit(1);
    }
    status_of(pid);
}

// --- workers ----------------------------------------------------------------------

static bool is_known(int pid) {
    for (int i = 0; i < count_at_start; i++)
        if (at_start[i] == pid)
            return true;
    return false;
}

static void note_processes(void) {
    int n = list_processes();
    for (int i = 0; i < n && i < MOST_AT_START; i++)
        at_start[count_at_start++] = soak_processes[i].p_pid;
}

// Kills all that the worker has left; false if something does not die.
static bool end_all(void) {
    for (int round = 0; round < 500; round++) {
        int n = list_processes(), others = 0;
        for (int i = 0; i < n; i++) {
            int pid = soak_processes[i].p_pid;
            if (is_known(pid))
                continue;
            others++;
            kill(pid, SIGKILL);
        }
        if (others == 0)
            return true;
        while (waitpid(-1, NULL, WNOHANG | WALLSIG) > 0)
            continue;
        usleep(10000);
    }
    for (int i = 0, n = list_processes(); i < n; i++)
        if (!is_known(soak_processes[i].p_pid))
            printf("pid %d, parent %d, state %d of process %ld, waits for %.8s\n",
                   soak_processes[i].p_pid, soak_processes[i].p_ppid, soak_processes[i].p_stat,
                   (long)soak_processes[i].p_realstat, soak_processes[i].p_wmesg);
    return false;
}

// Waits for the worker. One that makes no calls is prodded, and in
// the end left to end_all.
static void watch(int pid) {
    static const int prods[] = {0, 0, SIGUSR1, SIGUSR2, SIGALRM, SIGHUP, SIGIO, SIGWINCH};
    uint64_t last = shared->calls;
    for (int idle = 0; idle < 8;) {
        if (waitpid(pid, NULL, WNOHANG | WALLSIG) == pid)
            return;
        usleep(20000);
        idle = shared->calls == last ? idle + 1 : 0;
        last = shared->calls;
        if (idle > 1) {
            kill(pid, SIGCONT);
            kill(pid, prods[idle]);
        }
    }
}

// What a worker as root may have changed for all.
static void restore_system(void) {
    set_number(CTL_KERN, KERN_MAXPROC, maxproc);
    set_number(CTL_KERN, KERN_FORKFSLEEP, 0);
    tcsetattr(STDOUT_FILENO, TCSANOW, &terminal);
}

// The supervisor runs before any worker, whatever class one gets itself.
static void as_class(int policy, int priority) {
    struct sched_param param = {.sched_priority = priority};
    sched_setscheduler(0, policy, &param);
}

static bool run_worker(uint64_t seed, bool root, unsigned limit) {
    pid_t pid = fork();
    if (pid == -1)
        return false;
    if (pid == 0) {
        shared->first_pid = getpid() - 1;
        as_class(SCHED_OTHER, -1);
        if (chroot("/tmp/jail") != 0 || chdir("/") != 0)
            _exit(6);
        worker(seed, root, limit);
    }
    watch(pid);
    bool ended = end_all();
    restore_system();
    return ended;
}

static bool fuzz(uint64_t calls_wanted, uint64_t seed, unsigned *workers) {
    uint64_t last = 0;
    for (int barren = 0; shared->calls < calls_wanted && barren < 100; (*workers)++) {
        if (*workers % 8 == 0) {
            remove_jail();
            make_jail();
        }
        uint64_t left = calls_wanted - shared->calls;
        unsigned limit = left < CALLS_OF_A_WORKER ? (unsigned)left : CALLS_OF_A_WORKER;
        if (!run_worker(seed * 1000003 + *workers, *workers % 2 == 1, limit))
            return false;
        barren = shared->calls == last ? barren + 1 : 0;
        last = shared->calls;
    }
    remove_jail();
    return shared->calls >= calls_wanted;
}

// How many different calls were made, and have succeeded.
static unsigned numbers(const volatile uint64_t *count) {
    unsigned n = 0;
    for (unsigned i = 0; i < 512; i++)
        n += count[i] != 0;
    return n;
}

int main(int argc, char **argv) {
    if (argc < 2) {
        fprintf(stderr, "usage: soak_fuzz CALLS [SEED]\n");
        return 2;
    }
    uint64_t wanted = strtoul(argv[1], NULL, 10), seed = argc > 2 ? strtoul(argv[2], NULL, 10) : 1;
    signal(SIGTTOU, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    tcgetattr(STDOUT_FILENO, &terminal);
    maxproc = number_of(CTL_KERN, KERN_MAXPROC);
    shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_ANON | MAP_SHARED, -1, 0);
    as_class(SCHED_FIFO, sched_get_priority_max(SCHED_FIFO));
    note_processes();
    leaks_begin();
    unsigned workers = 0;
    bool ended = fuzz(wanted, seed, &workers);
    int different = leaks();
    printf("\n%s fuzz - seed %lu: %lu calls by %u workers, %u numbers tried, %u succeeded, "
           "%d things leaked\n",
           ended && different == 0 ? "ok" : "not ok", (unsigned long)seed,
           (unsigned long)shared->calls, workers, numbers(shared->failed), numbers(shared->good),
           different);
    return ended && different == 0 ? 0 : 1;
}
