/* Moments of a program at which a lesson may stop it: docs/lessons.md. */
#ifndef _MOMENT_H_
#define _MOMENT_H_

/* MOMENT(child_has_written) makes an empty function. Calling it does nothing but
 * be a place: the run stops there if a lesson says "run_to": "child_has_written". */
#define MOMENT(name)                                                                               \
    static __attribute__((__noipa__)) void name(void) {                                            \
        __asm__ volatile("");                                                                      \
    }

/* The same with a value to look at, which is in x0 at that moment. */
#define MOMENT_WITH(name)                                                                          \
    static __attribute__((__noipa__)) void name(long value) {                                      \
        __asm__ volatile("" ::"r"(value));                                                         \
    }

#endif
