// pipe, and reads and writes that wait.
#include "selftest.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { AMOUNT = 200 * 1000 };

static unsigned char byte_at(int place) {
    return (unsigned char)(place * 7 + place / 251);
}

// Writes AMOUNT bytes in pieces of changing size.
static int fill(void *ends) {
    const int *fd = ends;
    close(fd[0]);
    unsigned char piece[3000];
    for (int done = 0, size = 1; done < AMOUNT; size = size % 2999 + 117) {
        if (size > (int)sizeof(piece))
            size = sizeof(piece);
        if (size > AMOUNT - done)
            size = AMOUNT - done;
        for (int i = 0; i < size; i++)
            piece[i] = byte_at(done + i);
        if (write(fd[1], piece, (size_t)size) != size)
            return 1;
        done += size;
    }
    return 0;
}

static void test_amount(void) {
    int ends[2];
    if (pipe(ends) == -1)
        give_up("pipe");
    pid_t child = start(fill, ends);
    close(ends[1]);
    unsigned char piece[1000];
    int done = 0;
    bool right = true;
    for (ssize_t n; (n = read(ends[0], piece, sizeof(piece))) > 0; done += (int)n)
        for (int i = 0; i < n; i++)
            right &= piece[i] == byte_at(done + i);
    check(done == AMOUNT && right, "200,000 bytes come through a pipe, in order");
    check(exit_of(finish(child)) == 0, "and the writer saw every write taken");
    close(ends[0]);
}

static int write_to_nobody(void *end) {
    write(*(int *)end, "x", 1);
    return 0;
}

static int echo_byte(void *channels) {
    struct channel *both = channels;
    tell(both[1], (char)(hear(both[0]) + 1));
    return 0;
}

void test_pipes(void) {
    int ends[2];
    char buffer[16];
    check(pipe(ends) == 0 && ends[0] != ends[1], "pipe gives two descriptors");
    check(write(ends[1], "hello", 5) == 5, "a short write does not wait for a reader");
    check(read(ends[0], buffer, 2) == 2 && read(ends[0], buffer + 2, 8) == 3 &&
              memcmp(buffer, "hello", 5) == 0,
          "read gives what is there, and not more");
    check_error(lseek(ends[0], 0, SEEK_SET), ESPIPE, "a pipe has no places: ESPIPE");
    check_error(write(ends[0], "x", 1), EBADF, "the reading end can't be written");
    check_error(read(ends[1], buffer, 1), EBADF, "the writing end can't be read");
    close(ends[1]);
    check(read(ends[0], buffer, 1) == 0, "a pipe without writers is at its end");
    close(ends[0]);
    struct channel both[2] = {open_channel(), open_channel()};
    pid_t child = start(echo_byte, both);
    tell(both[0], 'a');
    check(hear(both[1]) == 'b', "a read waits until another process writes");
    finish(child);
    close_channel(both[0]);
    close_channel(both[1]);
    test_amount();
    if (pipe(ends) == -1)
        give_up("pipe");
    close(ends[0]);
    check(signal_of(status_in_child(write_to_nobody, &ends[1])) == SIGPIPE,
          "a write that nobody can read ends in SIGPIPE");
    close(ends[1]);
}
