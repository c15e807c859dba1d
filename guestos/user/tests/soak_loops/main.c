// soak_loops [-t SECONDS] [PART [SIZE]]: see ../soak.h.
#include "loops.h"

static const struct part parts[] = {
    {"bomb-limit", bomb_limit, 300, "a fork bomb under RLIMIT_NPROC leaves room for others"},
    {"bomb-maxproc", bomb_maxproc, 300, "a fork bomb under kern.maxproc leaves room for root"},
    {"generations", generations, 500, "each generation forks the next and exits"},
    {"exec-generations", exec_generations, 100, "each generation forks, executes, and exits"},
    {"vfork-chains", vfork_chains, 40, "vfork under vfork, to every kind of end"},
    {"depth", depth, 64, "levels share pages, and each writes"},
    {"storm-private", storm_private, 50, "children and parent write to the same private pages"},
    {"storm-shared", storm_shared, 50, "children and parent write to the same shared pages"},
    {"out-of-memory", out_of_memory, 2, "memory ends in the middle of copying on write"},
    {"failing-allocations", failing_allocations, 20,
     "every kind of allocation fails, sooner or later"},
    {"signal-moments", signal_moments, 150, "a signal comes at moments of fork"},
    {"vfork-moments", vfork_moments, 150, "a signal comes at moments of vfork"},
    {"kill-moments", kill_moments, 150, "a signal kills the parent at moments of fork"},
    {"traced-trees", traced_trees, 6, "a tracer sees trees of processes grow"},
    {"tracer-dies", tracer_dies, 12, "a tracer goes while those it traces fork"},
};

int main(int argc, char **argv) {
    if (argc == 3 && strcmp(argv[1], "generation") == 0)
        return exec_generation((unsigned)atol(argv[2]));
    return parts_main(parts, sizeof(parts) / sizeof(parts[0]), argc, argv);
}
