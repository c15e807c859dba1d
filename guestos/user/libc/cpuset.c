// cpuset(3): sets of CPUs.
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct _cpuset {
    unsigned int bits[1]; // as many as the CPUs take
};
enum { kBits = 32 };

static size_t words(void) {
    long cpus = sysconf(_SC_NPROCESSORS_CONF);
    return cpus < 1 ? 1 : ((size_t)cpus + kBits - 1) / kBits;
}

size_t _cpuset_size(const cpuset_t *set) {
    return words() * sizeof(set->bits[0]);
}

cpuset_t *_cpuset_create(void) {
    return calloc(words(), sizeof(unsigned int));
}

void _cpuset_destroy(cpuset_t *set) {
    free(set);
}

void _cpuset_zero(cpuset_t *set) {
    memset(set, 0, _cpuset_size(set));
}

static int in_range(cpuid_t cpu) {
    if (cpu / kBits < words())
        return 1;
    errno = EINVAL;
    return 0;
}

int _cpuset_isset(cpuid_t cpu, const cpuset_t *set) {
    return in_range(cpu) ? (int)(set->bits[cpu / kBits] >> cpu % kBits & 1) : -1;
}

int _cpuset_set(cpuid_t cpu, cpuset_t *set) {
    if (!in_range(cpu))
        return -1;
    set->bits[cpu / kBits] |= 1u << cpu % kBits;
    return 0;
}

int _cpuset_clr(cpuid_t cpu, cpuset_t *set) {
    if (!in_range(cpu))
        return -1;
    set->bits[cpu / kBits] &= ~(1u << cpu % kBits);
    return 0;
}
