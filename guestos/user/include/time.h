/* Time, with NetBSD's clock numbers. NetBSD: include/time.h, sys/sys/time.h. */
#ifndef _TIME_H_
#define _TIME_H_

#include <sys/types.h> /* first: the others count on it */

#include <stddef.h>
#include <sys/_locale.h>
#include <sys/_timespec.h>
#include <sys/cdefs.h>

#define CLOCKS_PER_SEC 100 /* of clock(3) on NetBSD */

#define CLOCK_REALTIME 0
#define CLOCK_VIRTUAL 1
#define CLOCK_PROF 2
#define CLOCK_MONOTONIC 3
#define CLOCK_THREAD_CPUTIME_ID 0x20000000
#define CLOCK_PROCESS_CPUTIME_ID 0x40000000
#define TIME_UTC 1
#define TIME_MONOTONIC 2
#define TIMER_RELTIME 0x0
#define TIMER_ABSTIME 0x1

/* The layout that picolibc's compiled functions fill. */
struct tm {
    int tm_sec;
    int tm_min;
    int tm_hour;
    int tm_mday;
    int tm_mon;
    int tm_year;
    int tm_wday;
    int tm_yday;
    int tm_isdst;
};

struct itimerspec {
    struct timespec it_interval;
    struct timespec it_value;
};

__BEGIN_DECLS
clock_t clock(void);
time_t time(time_t *);
double difftime(time_t, time_t);
time_t mktime(struct tm *);
time_t timegm(struct tm *);
char *asctime(const struct tm *);
char *asctime_r(const struct tm *__restrict, char *__restrict);
char *ctime(const time_t *);
char *ctime_r(const time_t *, char *);
struct tm *gmtime(const time_t *);
struct tm *gmtime_r(const time_t *__restrict, struct tm *__restrict);
struct tm *localtime(const time_t *);
struct tm *localtime_r(const time_t *__restrict, struct tm *__restrict);
size_t strftime(char *__restrict, size_t, const char *__restrict, const struct tm *__restrict);
size_t strftime_l(char *__restrict, size_t, const char *__restrict, const struct tm *__restrict,
                  locale_t);
char *strptime(const char *__restrict, const char *__restrict, struct tm *__restrict);
void tzset(void);

int clock_gettime(clockid_t, struct timespec *);
int clock_settime(clockid_t, const struct timespec *);
int clock_getres(clockid_t, struct timespec *);
int clock_getcpuclockid(pid_t, clockid_t *);
int clock_getcpuclockid2(int, id_t, clockid_t *); /* P_PID or P_LWPID, number */
int timespec_get(struct timespec *, int);
int timespec_getres(struct timespec *, int);
int clock_nanosleep(clockid_t, int, const struct timespec *, struct timespec *);
int nanosleep(const struct timespec *, struct timespec *);
__END_DECLS

#endif
