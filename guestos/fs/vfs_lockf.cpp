// Locks on files: advisory, shared or exclusive, on ranges of bytes.
//
// All locks of all files stand in one list: there are few. Those of one owner on
// one file never overlap. A lock holds its file, which may lose its last descriptor
// sooner: a process that shares descriptors with the owner may close them.
#include "sys/lockf.hpp"

#include "machine/cpu.hpp"
#include "sys/condvar.hpp"
#include "sys/kauth.hpp"
#include "sys/pool.hpp"
#include "sys/proc.hpp"
#include "sys/resourcevar.hpp"
#include "sys/systm.hpp"
#include "sys/vnode.hpp"

namespace {

constexpr long kMaxLocksPerUid = 1024; // of users but root

struct file_lock {
    LIST_ENTRY<file_lock> lf_list;
    vnode* lf_vp; // referenced if the lock is in the list
    lock_owner lf_owner;
    lock_range lf_range;
    int lf_type;  // F_RDLCK or F_WRLCK
    uid_t lf_uid; // who is charged
};

// A process that waits for a lock to become free.
struct waiting {
    LIST_ENTRY<waiting> w_list;
    const file_lock* w_wanted;
    bool w_seen; // by the search for a deadlock
};

kmutex_t lockf_lock;
kcondvar_t lockf_cv;                             // a lock has gone, or become shared
LIST_HEAD<file_lock, &file_lock::lf_list> locks; // [lockf_lock]
LIST_HEAD<waiting, &waiting::w_list> waitings;   // [lockf_lock]
pool lockf_pool;

// Null: the user has more than `most` already.
file_lock* lf_alloc(long most) {
    const uid_t uid = curlwp->l_cred->cr_euid;
    if (chglockcnt(uid, 1) > most && uid != 0) {
        chglockcnt(uid, -1);
        return nullptr;
    }
    auto* lf = pool_get<file_lock>(&lockf_pool, PR_WAITOK | PR_ZERO);
    lf->lf_uid = uid;
    return lf;
}

void lf_free(file_lock* lf) {
    if (lf != nullptr) {
        chglockcnt(lf->lf_uid, -1);
        pool_put(&lockf_pool, lf);
    }
}

// => lockf_lock held
void lf_insert(file_lock* lf) {
    vref(lf->lf_vp);
    locks.insert_head(lf);
}

void lf_remove(file_lock* lf) {
    locks.remove(lf);
    vrele(lf->lf_vp);
    lf_free(lf);
}

bool overlap(const lock_range& a, const lock_range& b) {
    return a.start <= b.end && b.start <= a.end;
}

bool in_the_way(const file_lock& held, const file_lock& wanted) {
    return held.lf_vp == wanted.lf_vp && held.lf_owner != wanted.lf_owner &&
           overlap(held.lf_range, wanted.lf_range) &&
           (held.lf_type == abi::F_WRLCK || wanted.lf_type == abi::F_WRLCK);
}

// The lock in the way that begins first. => lockf_lock held
const file_lock* lf_getblock(const file_lock& wanted) {
    const file_lock* first = nullptr;
    for (const file_lock& held : locks) {
        if (in_the_way(held, wanted) &&
            (first == nullptr || held.lf_range.start < first->lf_range.start)) {
            first = &held;
        }
    }
    return first;
}

// What the owner has within the range goes; a lock that reaches out on both sides
// needs *spare for its second end. => lockf_lock held
void lf_carve(vnode* vp, const lock_owner& owner, const lock_range& range, file_lock** spare) {
    file_lock* next = nullptr;
    for (file_lock* lf = locks.first(); lf != nullptr; lf = next) {
        next = locks.next(lf);
        if (lf->lf_vp != vp || lf->lf_owner != owner || !overlap(lf->lf_range, range)) {
            continue;
        }
        const bool before = lf->lf_range.start < range.start;
        const bool behind = lf->lf_range.end > range.end;
        if (before && behind) {
            file_lock* tail = *spare;
            *spare = nullptr;
            tail->lf_vp = vp;
            tail->lf_owner = owner;
            tail->lf_type = lf->lf_type;
            tail->lf_range = {range.end + 1, lf->lf_range.end};
            lf_insert(tail);
        }
        if (before) {
            lf->lf_range.end = range.start - 1;
        } else if (behind) {
            lf->lf_range.start = range.end + 1;
        } else {
            lf_remove(lf);
        }
    }
}

// --- deadlocks ------------------------------------------------------------------------

bool waits_for(const file_lock& wanted, const proc* self, unsigned depth);

// Does process p wait, maybe for others, for a lock of `self`? One with other LWPs
// does not: they may free what it has. => lockf_lock held
bool proc_waits_for(const proc* p, const proc* self, unsigned depth) {
    if (p->p_nlwps > 1) {
        return false;
    }
    for (waiting& w : waitings) {
        if (w.w_wanted->lf_owner.p == p && !w.w_seen) {
            w.w_seen = true;
            return waits_for(*w.w_wanted, self, depth + 1);
        }
    }
    return false;
}

bool waits_for(const file_lock& wanted, const proc* self, unsigned depth) {
    constexpr unsigned kMaxDepth = 50; // further down it is taken for a deadlock
    if (depth == kMaxDepth) {
        return true;
    }
    for (const file_lock& held : locks) {
        const proc* p = held.lf_owner.p;
        if (p != nullptr && in_the_way(held, wanted) &&
            (p == self || proc_waits_for(p, self, depth))) {
            return true;
        }
    }
    return false;
}

bool deadlock(const file_lock& wanted) {
    for (waiting& w : waitings) {
        w.w_seen = false;
    }
    return wanted.lf_owner.p != nullptr && waits_for(wanted, wanted.lf_owner.p, 0);
}

// Until nothing is in the way. Who waits to lock a whole file exclusively lets go of
// what it has meanwhile. => lockf_lock held
Errno lf_wait(const file_lock& wanted) {
    Errno error = EOK;
    while (error == EOK && lf_getblock(wanted) != nullptr) {
        if (deadlock(wanted)) {
            return EDEADLK;
        }
        if (wanted.lf_owner.fp != nullptr) {
            file_lock* none = nullptr;
            lf_carve(wanted.lf_vp, wanted.lf_owner, LF_ALL, &none);
            cv_broadcast(&lockf_cv);
        }
        waiting w{{}, &wanted, false};
        waitings.insert_head(&w);
        error = cv_wait_sig(&lockf_cv, &lockf_lock);
        waitings.remove(&w);
    }
    return error;
}

} // namespace

void lf_init() {
    mutex_init(&lockf_lock, MUTEX_DEFAULT, IPL_NONE);
    cv_init(&lockf_cv, "lockf");
    locks.init();
    waitings.init();
    pool_init(&lockf_pool, sizeof(file_lock), 0, "lockf", IPL_NONE);
}

Errno lf_range_of(const abi::flock& fl, off_t here, off_t size, lock_range* range) {
    off_t base = 0;
    switch (fl.l_whence) {
    case abi::SEEK_SET:
        break;
    case abi::SEEK_CUR:
        base = here;
        break;
    case abi::SEEK_END:
        base = size;
        break;
    default:
        return EINVAL;
    }
    off_t start = 0;
    off_t end = LF_EOF;
    if (__builtin_add_overflow(base, fl.l_start, &start)) {
        return EINVAL;
    }
    if (fl.l_len > 0 && __builtin_add_overflow(start, fl.l_len - 1, &end)) {
        return EINVAL;
    }
    if (fl.l_len < 0) { // what stands before
        end = start - 1;
        start += fl.l_len;
    }
    *range = {start, end};
    return start < 0 || end < 0 ? EINVAL : EOK;
}

Errno lf_setlock(vnode* vp, const lock_owner& owner, const lock_range& range, int type, bool wait) {
    file_lock* spare = lf_alloc(2 * kMaxLocksPerUid); // unlocking may split a lock
    file_lock* lock = type != abi::F_UNLCK ? lf_alloc(kMaxLocksPerUid) : nullptr;
    if (spare == nullptr || (lock == nullptr && type != abi::F_UNLCK)) {
        lf_free(spare);
        lf_free(lock);
        return ENOLCK;
    }
    Errno error = EOK;
    mutex_enter(&lockf_lock);
    if (lock != nullptr) {
        lock->lf_vp = vp;
        lock->lf_owner = owner;
        lock->lf_range = range;
        lock->lf_type = type;
        error = wait ? lf_wait(*lock) : lf_getblock(*lock) != nullptr ? EAGAIN : EOK;
    }
    if (error == EOK) {
        lf_carve(vp, owner, range, &spare);
        if (lock != nullptr) {
            lf_insert(lock);
            lock = nullptr;
        }
        cv_broadcast(&lockf_cv);
    }
    mutex_exit(&lockf_lock);
    lf_free(spare);
    lf_free(lock);
    return error;
}

void lf_getlock(vnode* vp, const lock_owner& owner, const lock_range& range, abi::flock* fl) {
    const file_lock wanted{{}, vp, owner, range, fl->l_type, 0};
    mutex_enter(&lockf_lock);
    const file_lock* block = lf_getblock(wanted);
    if (block == nullptr) {
        fl->l_type = abi::F_UNLCK;
    } else {
        const lock_range& r = block->lf_range;
        fl->l_type = static_cast<short>(block->lf_type);
        fl->l_whence = abi::SEEK_SET;
        fl->l_start = r.start;
        fl->l_len = r.end == LF_EOF ? 0 : r.end - r.start + 1;
        fl->l_pid = block->lf_owner.p != nullptr ? block->lf_owner.p->p_pid : -1;
    }
    mutex_exit(&lockf_lock);
}

void lf_release(vnode* vp, const lock_owner& owner) {
    mutex_enter(&lockf_lock);
    file_lock* next = nullptr;
    for (file_lock* lf = locks.first(); lf != nullptr; lf = next) {
        next = locks.next(lf);
        if ((vp == nullptr || lf->lf_vp == vp) && lf->lf_owner == owner) {
            lf_remove(lf);
        }
    }
    cv_broadcast(&lockf_cv);
    mutex_exit(&lockf_lock);
}
