// A fuzzer of system calls: a worker makes random calls with random arguments in
// a jail, with children and LWPs that do the same; a supervisor starts the next
// worker when one has ended, died or got stuck.
#ifndef FUZZ_H_
#define FUZZ_H_

#include "../soak.h"

// What supervisor and workers share; the only memory that outlives a worker.
struct shared {
    volatile uint64_t calls;     // made so far, by everybody
    volatile uint64_t good[512]; // those that succeeded, by number
    volatile uint64_t failed[512];
    volatile int first_pid; // processes after this one are the worker's
};
extern struct shared *shared;

// The worker's playground: pages that calls may map, unmap, protect and write.
enum { ARENA_PAGES = 64 };
extern char *arena;

// One call: its number and what its arguments are made of, a letter each.
struct call {
    short number;
    const char *arguments;
};
extern const struct call calls[];
extern const unsigned call_count;

extern bool is_root;      // this worker was not given another user
extern int relatives[16]; // pids that this process made, the newest last

// arguments.c: what the letter stands for, or something wild.
long argument(char letter);
long wild(void);

// worker.c: makes `limit` calls unless it comes to another end; then it exits.
__attribute__((noreturn)) void worker(uint64_t seed, bool root, unsigned limit);
void lwp_calls(void *seed); // what an LWP of it does

#endif
