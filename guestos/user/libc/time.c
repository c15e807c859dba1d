// Clocks and sleeping over the system calls.
#include <errno.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <utime.h>

time_t time(time_t *result) {
    struct timespec now;
    if (clock_gettime(CLOCK_REALTIME, &now) == -1)
        return -1;
    if (result)
        *result = now.tv_sec;
    return now.tv_sec;
}

// The clock of a time base of C23, or none: -1.
static int clock_of(int base) {
    return base == TIME_UTC ? CLOCK_REALTIME : base == TIME_MONOTONIC ? CLOCK_MONOTONIC : -1;
}

int timespec_get(struct timespec *time, int base) {
    int clock = clock_of(base);
    return clock != -1 && clock_gettime(clock, time) == 0 ? base : 0;
}

int timespec_getres(struct timespec *time, int base) {
    int clock = clock_of(base);
    return clock != -1 && clock_getres(clock, time) == 0 ? base : 0;
}

// => the result is the error itself, as POSIX has it for this call
int clock_getcpuclockid(pid_t pid, clockid_t *clock) {
    int old = errno;
    int error = clock_getcpuclockid2(P_PID, pid, clock) == -1 ? errno : 0;
    errno = old;
    return error;
}

static clock_t ticks_of(const struct timeval *time) {
    return (clock_t)(time->tv_sec * CLOCKS_PER_SEC + time->tv_usec / (1000000 / CLOCKS_PER_SEC));
}

clock_t clock(void) {
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) == -1)
        return (clock_t)-1;
    struct timeval sum;
    timeradd(&usage.ru_utime, &usage.ru_stime, &sum);
    return ticks_of(&sum);
}

unsigned int sleep(unsigned int seconds) {
    struct timespec time = {.tv_sec = seconds}, left = {0};
    if (nanosleep(&time, &left) == 0)
        return 0;
    return (unsigned int)left.tv_sec + (left.tv_nsec > 0);
}

int usleep(useconds_t micros) {
    struct timespec time = {.tv_sec = micros / 1000000, .tv_nsec = micros % 1000000 * 1000L};
    return nanosleep(&time, NULL);
}

unsigned int alarm(unsigned int seconds) {
    struct itimerval next = {.it_value.tv_sec = seconds}, old;
    if (setitimer(ITIMER_REAL, &next, &old) == -1)
        return (unsigned int)-1;
    return (unsigned int)old.it_value.tv_sec + (old.it_value.tv_usec > 0);
}

useconds_t ualarm(useconds_t micros, useconds_t interval) {
    struct itimerval next = {
        .it_value = {micros / 1000000, (suseconds_t)(micros % 1000000)},
        .it_interval = {interval / 1000000, (suseconds_t)(interval % 1000000)}};
    struct itimerval old;
    if (setitimer(ITIMER_REAL, &next, &old) == -1)
        return (useconds_t)-1;
    return (useconds_t)(old.it_value.tv_sec * 1000000 + old.it_value.tv_usec);
}

// What it returns counts from when the system started.
clock_t times(struct tms *tms) {
    struct rusage own, children;
    struct timespec now;
    if (getrusage(RUSAGE_SELF, &own) == -1 || getrusage(RUSAGE_CHILDREN, &children) == -1 ||
        clock_gettime(CLOCK_MONOTONIC, &now) == -1)
        return (clock_t)-1;
    tms->tms_utime = ticks_of(&own.ru_utime);
    tms->tms_stime = ticks_of(&own.ru_stime);
    tms->tms_cutime = ticks_of(&children.ru_utime);
    tms->tms_cstime = ticks_of(&children.ru_stime);
    struct timeval since = {now.tv_sec, (suseconds_t)(now.tv_nsec / 1000)};
    return ticks_of(&since);
}

int utime(const char *path, const struct utimbuf *times) {
    if (!times)
        return utimes(path, NULL);
    struct timeval both[2] = {{.tv_sec = times->actime}, {.tv_sec = times->modtime}};
    return utimes(path, both);
}
