// Terminals: line discipline, job control. tty(4). kern/tty.cpp, kern/tty_ldisc.cpp
#pragma once

#include "abi/ttycom.hpp"
#include "sys/condvar.hpp"
#include "sys/mutex.hpp"
#include "sys/types.hpp"
#include "sys/uio.hpp"

struct knote;
struct lwp;
struct pgrp;
struct proc;
struct session;
struct vnode;

// A ring of characters. A character with kTtyEof stands for an end of file in
// the middle of input: it ends a line and is not delivered itself.
inline constexpr u16 kTtyEof = 0x100;
struct tty_queue {
    static constexpr unsigned kSize = 1024;
    u16 q_chars[kSize];
    unsigned q_in, q_out;

    [[nodiscard]] unsigned size() const { return q_in - q_out; }
    [[nodiscard]] bool full() const { return size() == kSize; }
    void put(u16 c) { q_chars[q_in++ % kSize] = c; }
    u16 get() { return q_chars[q_out++ % kSize]; }
    u16 unput() { return q_chars[--q_in % kSize]; }
    [[nodiscard]] u16 last() const { return q_chars[(q_in - 1) % kSize]; }
    void clear() { q_out = q_in; }
};

struct tty {
    kmutex_t t_lock;
    abi::termios t_termios;    // [t_lock]
    abi::winsize t_winsize;    // [t_lock]
    tty_queue t_line;          // [t_lock] the line being typed
    tty_queue t_input;         // [t_lock] what may be read
    unsigned t_lines;          // [t_lock] complete lines in t_input
    unsigned t_column;         // [t_lock] of the output, for tabs and erasing
    bool t_stopped;            // [t_lock] output held by ^S
    bool t_literal;            // [t_lock] the next character means itself (^V)
    kcondvar_t t_incv;         // input has come
    kcondvar_t t_outcv;        // output may go on
    knote* t_rklist;           // [t_lock] event queues that watch for input
    knote* t_wklist;           // [t_lock] and for output going on
    session* t_session;        // [proc_lock] whose controlling terminal it is
    pgrp* t_pgrp;              // [proc_lock] foreground group
    void (*t_putc)(int c);     // the device
};

void tty_init(tty* tp, void (*putc)(int c));
// A character from the device. => may sleep; no locks held
void ttyinput(int c, tty* tp);
Errno ttread(tty* tp, uio* uio, int fflags);
Errno ttwrite(tty* tp, uio* uio, int fflags);
Errno ttioctl(tty* tp, u64 com, void* data, vnode* vp, lwp* l);
int ttpoll(tty* tp, int events);
Errno ttkqfilter(tty* tp, knote* kn);
// The session ends or lets go of its terminal. => proc_lock held
void tty_leave_session(tty* tp);
