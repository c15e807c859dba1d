// lesson-sharers: three processes share a page; all of them write to it.
// The lesson is configs/lessons/last-sharer.json.
#include <moment.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

// A page of its own, so that nothing else touches it.
struct page {
    volatile int value;
} __attribute__((aligned(4096))) page;

MOMENT(all_share)
MOMENT(first_has_written)
MOMENT(second_has_written)
MOMENT(parent_has_written)
MOMENT(both_are_gone)
MOMENT(parent_has_written_again)
MOMENT(third_is_gone)
MOMENT(parent_has_written_at_last)

// A turn is one byte in a pipe.
static void give_turn(const int pipe[2]) {
    if (write(pipe[1], "", 1) != 1)
        exit(99);
}

static void take_turn(const int pipe[2]) {
    char byte;
    if (read(pipe[0], &byte, 1) != 1)
        exit(99);
}

// A child that waits for its turn, writes, tells, and waits for the end.
static pid_t writer(int value, void (*has_written)(void), int turn[2], int told[2], int end[2]) {
    pid_t child = fork();
    if (child != 0)
        return child;
    take_turn(turn);
    page.value = value;
    has_written();
    give_turn(told);
    take_turn(end);
    _exit(0);
}

int main(void) {
    int first_turn[2], second_turn[2], told[2], end[2];
    if (pipe(first_turn) || pipe(second_turn) || pipe(told) || pipe(end))
        return 99;
    page.value = 1;
    writer(2, first_has_written, first_turn, told, end);
    writer(3, second_has_written, second_turn, told, end);
    all_share();

    give_turn(first_turn);
    take_turn(told);
    give_turn(second_turn);
    take_turn(told);
    page.value = 4; // nobody else has this frame any more
    parent_has_written();

    give_turn(end);
    give_turn(end);
    wait(NULL);
    wait(NULL);
    both_are_gone();
    page.value = 5; // no fork since: an ordinary store
    parent_has_written_again();

    pid_t third = fork(); // a child that never writes to the page
    if (third == 0)
        _exit(0);
    waitpid(third, NULL, 0);
    third_is_gone();
    page.value = 6;
    parent_has_written_at_last();
    printf("parent : I wrote %d\n", page.value);
    return 0;
}
