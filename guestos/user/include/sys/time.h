/* gettimeofday(2). NetBSD: sys/sys/time.h. */
#ifndef _SYS_TIME_H_
#define _SYS_TIME_H_

#include <sys/types.h> /* first: the others count on it */

#include <sys/_timespec.h>
#include <sys/_timeval.h>
#include <sys/cdefs.h>
#include <sys/select.h>

struct timezone {
    int tz_minuteswest;
    int tz_dsttime;
};

#define ITIMER_REAL 0
#define ITIMER_VIRTUAL 1
#define ITIMER_PROF 2
#define ITIMER_MONOTONIC 3

struct itimerval {
    struct timeval it_interval;
    struct timeval it_value;
};

#define timerclear(tvp) ((tvp)->tv_sec = (tvp)->tv_usec = 0)
#define timerisset(tvp) ((tvp)->tv_sec || (tvp)->tv_usec)
#define timercmp(tvp, uvp, cmp)                                                                    \
    (((tvp)->tv_sec == (uvp)->tv_sec) ? ((tvp)->tv_usec cmp(uvp)->tv_usec)                         \
                                      : ((tvp)->tv_sec cmp(uvp)->tv_sec))
#define timeradd(tvp, uvp, vvp)                                                                    \
    do {                                                                                           \
        (vvp)->tv_sec = (tvp)->tv_sec + (uvp)->tv_sec;                                             \
        (vvp)->tv_usec = (tvp)->tv_usec + (uvp)->tv_usec;                                          \
        if ((vvp)->tv_usec >= 1000000) {                                                           \
            (vvp)->tv_sec++;                                                                       \
            (vvp)->tv_usec -= 1000000;                                                             \
        }                                                                                          \
    } while (0)
#define timersub(tvp, uvp, vvp)                                                                    \
    do {                                                                                           \
        (vvp)->tv_sec = (tvp)->tv_sec - (uvp)->tv_sec;                                             \
        (vvp)->tv_usec = (tvp)->tv_usec - (uvp)->tv_usec;                                          \
        if ((vvp)->tv_usec < 0) {                                                                  \
            (vvp)->tv_sec--;                                                                       \
            (vvp)->tv_usec += 1000000;                                                             \
        }                                                                                          \
    } while (0)
#define timespecclear(tsp) ((tsp)->tv_sec = (tsp)->tv_nsec = 0)
#define timespecisset(tsp) ((tsp)->tv_sec || (tsp)->tv_nsec)
#define timespeccmp(tsp, usp, cmp)                                                                 \
    (((tsp)->tv_sec == (usp)->tv_sec) ? ((tsp)->tv_nsec cmp(usp)->tv_nsec)                         \
                                      : ((tsp)->tv_sec cmp(usp)->tv_sec))
#define timespecadd(tsp, usp, vsp)                                                                 \
    do {                                                                                           \
        (vsp)->tv_sec = (tsp)->tv_sec + (usp)->tv_sec;                                             \
        (vsp)->tv_nsec = (tsp)->tv_nsec + (usp)->tv_nsec;                                          \
        if ((vsp)->tv_nsec >= 1000000000L) {                                                       \
            (vsp)->tv_sec++;                                                                       \
            (vsp)->tv_nsec -= 1000000000L;                                                         \
        }                                                                                          \
    } while (0)
#define timespecsub(tsp, usp, vsp)                                                                 \
    do {                                                                                           \
        (vsp)->tv_sec = (tsp)->tv_sec - (usp)->tv_sec;                                             \
        (vsp)->tv_nsec = (tsp)->tv_nsec - (usp)->tv_nsec;                                          \
        if ((vsp)->tv_nsec < 0) {                                                                  \
            (vsp)->tv_sec--;                                                                       \
            (vsp)->tv_nsec += 1000000000L;                                                         \
        }                                                                                          \
    } while (0)

#define TIMEVAL_TO_TIMESPEC(tv, ts)                                                                \
    do {                                                                                           \
        (ts)->tv_sec = (tv)->tv_sec;                                                               \
        (ts)->tv_nsec = (tv)->tv_usec * 1000L;                                                     \
    } while (0)
#define TIMESPEC_TO_TIMEVAL(tv, ts)                                                                \
    do {                                                                                           \
        (tv)->tv_sec = (ts)->tv_sec;                                                               \
        (tv)->tv_usec = (suseconds_t)((ts)->tv_nsec / 1000);                                       \
    } while (0)

__BEGIN_DECLS
int gettimeofday(struct timeval *__restrict, void *__restrict);
int getitimer(int, struct itimerval *);
int setitimer(int, const struct itimerval *__restrict, struct itimerval *__restrict);
int utimes(const char *, const struct timeval *);
int lutimes(const char *, const struct timeval *);
int futimes(int, const struct timeval *);
__END_DECLS

#include <time.h>

#endif
