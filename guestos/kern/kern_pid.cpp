// Allocation of process, LWP and process group numbers.
#include "sys/pidtable.hpp"

#include "sys/systm.hpp"

void pid_table::init(slot* slots, u32 size) {
    KASSERT(size >= 2 && (size & (size - 1)) == 0);
    slots_ = slots;
    mask_ = size - 1;
    nfree_ = 0;
    for (u32 i = 0; i < size; i++) {
        // As if the table had been gone through once before: numbers begin with
        // the index.
        slots_[i] = {};
        slots_[i].pt_pid = static_cast<pid_t>(i) - static_cast<pid_t>(size);
        if (i != 0) {
            append_free(i);
        }
    }
    slots_[0].pt_pid = 0; // process 0 is there from the beginning
    slots_[0].pt_used = true;
}

void pid_table::append_free(u32 index) {
    if (nfree_++ == 0) {
        first_free_ = index;
    } else {
        slots_[last_free_].pt_next = index;
    }
    last_free_ = index;
}

// One slot becomes two: the number in use keeps its place modulo the new size,
// and the other slot goes on where numbers of the old one would have.
void pid_table::split(const slot& old, slot* slots, u32 newmask) {
    const auto newsize = static_cast<pid_t>(newmask + 1);
    const u32 here = static_cast<u32>(old.pt_pid) & newmask;
    const u32 there = here ^ (newmask + 1) >> 1;
    slots[here] = old;
    slots[there] = {};
    const auto base = static_cast<pid_t>(there);
    const pid_t generations = old.pt_pid - base < 0 ? 0 : (old.pt_pid - base) / newsize + 1;
    slots[there].pt_pid = base + (generations - 1) * newsize;
}

pid_table::slot* pid_table::grow(slot* slots) {
    slot* old = slots_;
    const u32 oldsize = size();
    mask_ = oldsize * 2 - 1;
    for (u32 i = 0; i < oldsize; i++) {
        split(old[i], slots, mask_);
    }
    slots_ = slots;
    nfree_ = 0;
    for (u32 i = 0; i < oldsize * 2; i++) {
        if (!slots_[i].pt_used && slots_[i].pt_pgrp == nullptr) {
            append_free(i);
        }
    }
    return old;
}

pid_t pid_table::next_number(const slot& s, u32 index) const {
    const pid_t pid = s.pt_pid + static_cast<pid_t>(size());
    return pid > PID_MAX ? static_cast<pid_t>(index) : pid;
}

pid_t pid_table::alloc() {
    if (nfree_ == 0) {
        return 0;
    }
    const u32 index = first_free_;
    slot& s = slots_[index];
    first_free_ = s.pt_next;
    nfree_--;
    s.pt_pid = next_number(s, index);
    s.pt_used = true;
    return s.pt_pid;
}

void pid_table::release_if_unused(slot& s) {
    if (!s.pt_used && s.pt_pgrp == nullptr) {
        append_free(static_cast<u32>(&s - slots_));
    }
}

void pid_table::free(pid_t pid) {
    slot& s = at(pid);
    KASSERT(s.pt_used && s.pt_pid == pid);
    s.pt_proc = nullptr;
    s.pt_lwp = nullptr;
    s.pt_used = false;
    release_if_unused(s);
}

pid_table::slot* pid_table::find(pid_t pid) {
    if (pid < 0) {
        return nullptr;
    }
    slot& s = at(pid);
    return s.pt_used && s.pt_pid == pid ? &s : nullptr;
}

void pid_table::set_pgrp(pid_t pid, pgrp* pgrp) {
    slot& s = at(pid);
    KASSERT(s.pt_pid == pid && (s.pt_used || s.pt_pgrp != nullptr));
    s.pt_pgrp = pgrp;
    if (pgrp == nullptr) {
        release_if_unused(s);
    }
}

pgrp* pid_table::find_pgrp(pid_t pid) {
    if (pid < 0) {
        return nullptr;
    }
    slot& s = at(pid);
    return s.pt_pid == pid ? s.pt_pgrp : nullptr;
}
