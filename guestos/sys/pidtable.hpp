// The table of numbers: process ids, LWP ids and process group ids come from
// one space. Knows nothing of locks, so that tests can drive it.
// kern/kern_pid.cpp
#pragma once

#include "sys/types.hpp"

struct lwp;
struct pgrp;
struct proc;

inline constexpr pid_t PID_MAX = 30000;

// A number's slot is the number modulo the size of the table. It is in use
// while a process, an LWP or a process group has the number; then nobody else
// gets it. A slot that falls free goes to the end of the list of free slots and
// its next number is higher by the size of the table, so numbers come back late.
class pid_table {
public:
    struct slot {
        proc* pt_proc; // a process whose first LWP has gone, or that has none yet
        lwp* pt_lwp;   // an LWP; of a process's first LWP the number is the pid
        pgrp* pt_pgrp;
        pid_t pt_pid;  // the number it has, or had last
        u32 pt_next;   // free list
        bool pt_used;  // pt_proc, pt_lwp or a reservation
    };

    // => memory for 2^n slots that the caller keeps; size at least 2
    void init(slot* slots, u32 size);
    // Moves everything to a table of twice the size; returns the old one.
    slot* grow(slot* slots);
    [[nodiscard]] u32 size() const { return mask_ + 1; }
    [[nodiscard]] bool full() const { return nfree_ == 0; }
    // Would be good to grow: half of the slots are in use.
    [[nodiscard]] bool crowded() const { return nfree_ <= size() / 2; }

    // A number nobody uses, reserved; 0 if there is none.
    [[nodiscard]] pid_t alloc();
    // The number's user has gone. It stays taken while a group has it.
    void free(pid_t pid);
    // The slot of a number in use, or nullptr.
    [[nodiscard]] slot* find(pid_t pid);
    // A group begins or ceases to use a number that is, or was, in use.
    void set_pgrp(pid_t pid, pgrp* pgrp);
    [[nodiscard]] pgrp* find_pgrp(pid_t pid);

private:
    [[nodiscard]] slot& at(pid_t pid) { return slots_[static_cast<u32>(pid) & mask_]; }
    [[nodiscard]] pid_t next_number(const slot& s, u32 index) const;
    void append_free(u32 index);
    void release_if_unused(slot& s);
    static void split(const slot& old, slot* slots, u32 newmask);

    slot* slots_;
    u32 mask_;
    u32 nfree_;
    u32 first_free_; // valid if nfree_ > 0
    u32 last_free_;
};

extern pid_table pids; // [proc_lock] of all processes; kern/kern_proc.cpp
