// Locks on files: flock(2)'s on all of one, fcntl(2)'s on ranges.
// fs/vfs_lockf.cpp
#pragma once

#include "abi/fcntl.hpp"
#include "sys/types.hpp"

struct file;
struct proc;
struct vnode;

// Who holds a lock. A child of fork is another process, but has the open file.
struct lock_owner {
    proc* p;  // of fcntl's
    file* fp; // of flock's, for which p is null
    bool operator==(const lock_owner&) const = default;
};

// Bytes of a file, both ends included.
struct lock_range {
    off_t start;
    off_t end; // LF_EOF: to wherever the file ends
};
inline constexpr off_t LF_EOF = 0x7fffffffffffffff;
inline constexpr lock_range LF_ALL{0, LF_EOF};

void lf_init();
// What a program's description means, where SEEK_CUR is `here` and SEEK_END `size`.
[[nodiscard]] Errno lf_range_of(const abi::flock& fl, off_t here, off_t size, lock_range* range);
// Sets a lock of that type, in the place of what the owner has there; F_UNLCK takes
// that away. => EAGAIN, EDEADLK, ENOLCK; may sleep if `wait`, and then EINTR
[[nodiscard]] Errno lf_setlock(vnode* vp, const lock_owner& owner, const lock_range& range,
                               int type, bool wait);
// F_GETLK: the first lock of others in the way of fl->l_type there, or F_UNLCK.
void lf_getlock(vnode* vp, const lock_owner& owner, const lock_range& range, abi::flock* fl);
// All of the owner's locks on a file, or (null) on all files, are gone.
void lf_release(vnode* vp, const lock_owner& owner);
