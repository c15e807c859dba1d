// The loops that break kernels; each is a part of soak_loops (main.c).
#ifndef LOOPS_H_
#define LOOPS_H_

#include "../soak.h"

#include <signal.h>
#include <sys/resource.h>

// forks.c
bool bomb_limit(unsigned forks);
bool bomb_maxproc(unsigned forks);
bool generations(unsigned count);
bool exec_generations(unsigned count);
bool vfork_chains(unsigned count);
int exec_generation(unsigned left); // what the executed program does

// memory.c
bool depth(unsigned levels);
bool storm_private(unsigned children);
bool storm_shared(unsigned children);
bool out_of_memory(unsigned rounds);
bool failing_allocations(unsigned most);

// moments.c
bool signal_moments(unsigned points);
bool vfork_moments(unsigned points);
bool kill_moments(unsigned points);

// tracing.c
bool traced_trees(unsigned rounds);
bool tracer_dies(unsigned rounds);

static inline char *map_pages(size_t pages, int how) {
    char *p = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_ANON | how, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

#endif
