// Clocks and sleeping over the system calls.
#include <errno.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

time_t time(time_t *result) {
    struct timespec now;
    if (clock_gettime(CLOCK_REALTIME, &now) == -1)
        return -1;
    if (result)
        *result = now.tv_sec;
    return now.tv_sec;
}

clock_t clock(void) {
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) == -1)
        return (clock_t)-1;
    long seconds = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec;
    long micros = usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
    return (clock_t)(seconds * CLOCKS_PER_SEC + micros / (1000000 / CLOCKS_PER_SEC));
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
