// ps: every process, in the order of their ids.
//
// The state is I being made, R running or ready, S asleep, T stopped, Z ended but
// not waited for; WCHAN says what a sleeper waits for.
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/sysctl.h>

static int by_pid(const void *a, const void *b) {
    return ((const struct kinfo_proc2 *)a)->p_pid - ((const struct kinfo_proc2 *)b)->p_pid;
}

static char state_of(const struct kinfo_proc2 *process) {
    switch (process->p_realstat) {
    case SIDL:
        return 'I';
    case SSTOP:
        return 'T';
    case SDYING:
    case SZOMB:
    case SDEAD:
        return 'Z';
    default:
        return process->p_wmesg[0] ? 'S' : 'R';
    }
}

int main(void) {
    int name[] = {CTL_KERN, KERN_PROC2, KERN_PROC_ALL, 0, sizeof(struct kinfo_proc2), 0};
    size_t size = 0;
    if (sysctl(name, 6, NULL, &size, NULL, 0) == -1)
        err(1, "kern.proc2");
    size += 8 * sizeof(struct kinfo_proc2); // those made meanwhile
    struct kinfo_proc2 *processes = malloc(size);
    if (!processes)
        err(1, NULL);
    name[5] = (int)(size / sizeof(*processes));
    if (sysctl(name, 6, processes, &size, NULL, 0) == -1)
        err(1, "kern.proc2");
    size_t count = size / sizeof(*processes);
    qsort(processes, count, sizeof(*processes), by_pid);
    puts("  PID  PPID  PGID S WCHAN    COMMAND");
    for (const struct kinfo_proc2 *p = processes; p < processes + count; p++)
        printf("%5d %5d %5d %c %-8.8s %.24s\n", (int)p->p_pid, (int)p->p_ppid, (int)p->p__pgid,
               state_of(p), p->p_wmesg[0] ? p->p_wmesg : "-", p->p_comm);
    return 0;
}
