// Pipes: a ring of bytes between those that have it open. kern/sys_pipe.cpp,
// fs/fifo_vnops.cpp
#pragma once

#include "sys/condvar.hpp"
#include "sys/mutex.hpp"
#include "sys/uio.hpp"

struct knote;

inline constexpr size_t PIPE_SIZE = 16384;
inline constexpr size_t PIPE_BUF = 512; // writes up to this size are not interleaved

struct pipe {
    kmutex_t lock;
    kcondvar_t readers; // wait for bytes
    kcondvar_t writers; // wait for room
    u8* buffer;
    size_t in;         // [lock] bytes ever written
    size_t out;        // [lock] bytes ever read
    knote* rklist;     // [lock] event queues that watch for bytes
    knote* wklist;     // [lock] and for room
    unsigned nreaders; // [lock] files that have it open to read
    unsigned nwriters; // [lock] and to write
    unsigned ropens;   // [lock] times that it was opened to read
    unsigned wopens;   // [lock] and to write

    [[nodiscard]] size_t used() const { return in - out; }
    [[nodiscard]] size_t room() const { return PIPE_SIZE - used(); }
};

void pipe_init();
struct pipe* pipe_create(); // nobody has it open
void pipe_destroy(struct pipe* pp);
// One more, or one less, has it open. `fflags` of the file, here and below: FREAD,
// FWRITE, O_NONBLOCK. => lock held
void pipe_open_end(struct pipe* pp, int fflags);
void pipe_close_end(struct pipe* pp, int fflags);
Errno pipe_read(struct pipe* pp, uio* uio, int fflags);
Errno pipe_write(struct pipe* pp, uio* uio, int fflags);
Errno pipe_ioctl(struct pipe* pp, u64 com, void* data);
int pipe_poll(struct pipe* pp, int events, int fflags);
Errno pipe_kqfilter(struct pipe* pp, knote* kn, int fflags);
