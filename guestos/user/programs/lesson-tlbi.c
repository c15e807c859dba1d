// lesson-tlbi: what happens if fork forgets to tell the TLB.
// The lesson is configs/lessons/missing-tlbi.json.
//
// The kernel has a switch for this fault. While it is on, parent and child may
// spoil each other's memory, so this program does little in between: it calls no
// function of the C library that keeps data of its own.
#include <moment.h>
#include <sys/sysctl.h>
#include <sys/wait.h>
#include <unistd.h>

// A page of its own, so that nothing else touches it.
struct page {
    volatile int value;
} __attribute__((aligned(4096))) page;

MOMENT(before_good_fork)
MOMENT(parent_wrote_after_good_fork)
MOMENT_WITH(child_sees_after_good_fork)
MOMENT(before_bad_fork)
MOMENT(parent_wrote_after_bad_fork)
MOMENT_WITH(child_sees_after_bad_fork)
MOMENT(end_of_both)

static void skip_tlbi(int skip) {
    static const int name[] = {CTL_DEBUG, DEBUG_SKIP_TLBI};
    if (sysctl(name, 2, NULL, NULL, &skip, sizeof(skip)) != 0)
        _exit(99);
}

// The child waits for a byte; until then the parent can write.
static void child(const int turn[2], void (*sees)(long)) {
    char byte;
    if (read(turn[0], &byte, 1) != 1)
        _exit(99);
    sees(page.value);
    _exit(0);
}

static void experiment(void (*before)(void), void (*parent_wrote)(void), void (*sees)(long)) {
    int turn[2];
    if (pipe(turn) != 0)
        _exit(99);
    page.value = 1; // the TLB now has an entry that allows this store
    before();
    if (fork() == 0)
        child(turn, sees);
    page.value = 2; // ought to fault
    parent_wrote();
    if (write(turn[1], "", 1) != 1)
        _exit(99);
    wait(NULL);
}

int main(void) {
    experiment(before_good_fork, parent_wrote_after_good_fork, child_sees_after_good_fork);
    skip_tlbi(1);
    experiment(before_bad_fork, parent_wrote_after_bad_fork, child_sees_after_bad_fork);
    skip_tlbi(0);
    end_of_both();
    return 0;
}
