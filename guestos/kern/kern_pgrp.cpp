// Process groups and sessions: setpgid(2), setsid(2), and who is under job control.
#include "sys/pidtable.hpp"
#include "sys/pool.hpp"
#include "sys/proc.hpp"
#include "sys/signalvar.hpp"
#include "sys/systm.hpp"
#include "sys/tty.hpp"

#include <initializer_list>

namespace {

pool pgrp_pool;
pool session_pool;

} // namespace

void pgrp_init() {
    pool_init(&pgrp_pool, sizeof(pgrp), 0, "pgrp", IPL_NONE);
    pool_init(&session_pool, sizeof(session), 0, "session", IPL_NONE);
}

pgrp* pgrp_find(pid_t pgid) {
    KASSERT(mutex_owned(&proc_lock));
    pgrp* pg = pids.find_pgrp(pgid);
    return pg != nullptr && !pg->pg_members.empty() ? pg : nullptr;
}

void proc_sesshold(session* ss) {
    KASSERT(mutex_owned(&proc_lock));
    ss->s_count++;
}

void proc_sessrele(session* ss) {
    KASSERT(mutex_owned(&proc_lock));
    const bool last = --ss->s_count == 0;
    mutex_exit(&proc_lock);
    if (last) {
        pool_put(&session_pool, ss);
    }
}

namespace {

// May curp put p into group pgid? => proc_lock held
Errno enterpgrp_check(const proc* curp, const proc* p, pid_t pgid, bool mksess) {
    if (p == nullptr || (p != curp && p->p_pptr != curp)) {
        return ESRCH;
    }
    if (p != curp) {
        if (p->p_pgrp->pg_session != curp->p_pgrp->pg_session) {
            return EPERM;
        }
        if ((p->p_flag & PK_EXEC) != 0) {
            return EACCES;
        }
    }
    if (p->p_pgrp->pg_session->s_leader == p) {
        return EPERM; // a session leader stays where it is
    }
    pgrp* pg = pids.find_pgrp(pgid);
    if (mksess) {
        return pg != nullptr ? EPERM : EOK;
    }
    if (pg == nullptr || pg->pg_members.empty()) {
        return pgid == p->p_pid ? EOK : EPERM;
    }
    return pg->pg_session == p->p_pgrp->pg_session ? EOK : EPERM;
}

// Starts a session led by p, without controlling terminal. => proc_lock held
void session_start(session* ss, proc* p) {
    *ss = {};
    ss->s_sid = p->p_pid;
    ss->s_leader = p;
    memcpy(ss->s_login, p->p_pgrp->pg_session->s_login, sizeof(ss->s_login));
    p->p_lflag &= ~PL_CONTROLT;
}

// The group with that number; made in `session`, from the spare one, if there is
// none. => proc_lock held
pgrp* pgrp_enter(pid_t pgid, session* session, pgrp** spare) {
    pgrp* pg = pids.find_pgrp(pgid);
    if (pg != nullptr) {
        return pg;
    }
    pg = *spare;
    *spare = nullptr;
    pg->pg_members.init();
    pg->pg_id = pgid;
    pg->pg_session = session;
    pg->pg_jobc = 0;
    session->s_count++;
    pids.set_pgrp(pgid, pg);
    return pg;
}

// An empty group goes, and with it perhaps its session.
// => proc_lock held; released
void pg_delete(pgrp* pg) {
    session* ss = pg->pg_session;
    if (ss->s_ttyp != nullptr && ss->s_ttyp->t_pgrp == pg) {
        ss->s_ttyp->t_pgrp = nullptr;
    }
    pids.set_pgrp(pg->pg_id, nullptr);
    pool_put(&pgrp_pool, pg);
    proc_sessrele(ss);
}

// A group nobody can continue any more: if a member is stopped, all are hung up
// and continued.
void orphanpg(pgrp* pg) {
    for (const proc& p : pg->pg_members) {
        if (p.p_stat == SSTOP) {
            pgsignal(pg, SIGHUP, false);
            pgsignal(pg, SIGCONT, false);
            return;
        }
    }
}

bool jobc_alive(const proc* p) {
    return p->p_stat == SACTIVE || p->p_stat == SSTOP;
}

// Who forked it, though a tracer may hold it now. Null: nobody any more.
const proc* jobc_parent(const proc* p) {
    const proc* parent = p->p_pptr;
    if ((p->p_slflag & PSL_TRACED) != 0 && p->p_oppid != parent->p_pid) {
        parent = proc_find(p->p_oppid);
    }
    return parent != nullptr && jobc_alive(parent) ? parent : nullptr;
}

// Does p bring its group under job control?
bool jobc_counts(const proc* p) {
    const proc* parent = jobc_alive(p) ? jobc_parent(p) : nullptr;
    return parent != nullptr && parent->p_pgrp != p->p_pgrp &&
           parent->p_pgrp->pg_session == p->p_pgrp->pg_session;
}

void jobc_drop(pgrp* pg) {
    KASSERT(pg->pg_jobc > 0);
    if (--pg->pg_jobc == 0) {
        orphanpg(pg);
    }
}

// Counts p if it ought to be counted (`up`), or no longer if it ought not.
void jobc_settle(proc* p, bool up) {
    if (jobc_counts(p) != up || ((p->p_lflag & PL_JOBC) != 0) == up) {
        return;
    }
    if (up) {
        p->p_lflag |= PL_JOBC;
        p->p_pgrp->pg_jobc++;
    } else {
        p->p_lflag &= ~PL_JOBC;
        jobc_drop(p->p_pgrp);
    }
}

} // namespace

// p is in another group, or dies: which groups are under job control changes. A
// group is while the parent of some member is in another group of the same session.
// What counts up comes first, so that no group looks orphaned meanwhile.
void fixjobc(proc* p) {
    KASSERT(mutex_owned(&proc_lock));
    for (const bool up : {true, false}) {
        jobc_settle(p, up);
        for (proc& child : p->p_children) {
            jobc_settle(&child, up);
        }
        for (proc& child : allproc) {
            if ((child.p_slflag & PSL_TRACED) != 0 && child.p_oppid == p->p_pid) {
                jobc_settle(&child, up);
            }
        }
    }
}

namespace {

// => proc_lock held
void pgrp_move(proc* p, pgrp* pg) {
    pgrp* old = p->p_pgrp;
    const bool counted = (p->p_lflag & PL_JOBC) != 0;
    p->p_lflag &= ~PL_JOBC;
    old->pg_members.remove(p);
    p->p_pgrp = pg;
    pg->pg_members.insert_head(p);
    fixjobc(p);
    if (counted) {
        jobc_drop(old);
    }
}

} // namespace

Errno proc_enterpgrp(proc* curp, pid_t pid, pid_t pgid, bool mksess) {
    pgrp* spare_pgrp = pool_get<pgrp>(&pgrp_pool, PR_WAITOK);
    session* spare_session = mksess ? pool_get<session>(&session_pool, PR_WAITOK) : nullptr;
    pgrp* emptied = nullptr;

    mutex_enter(&proc_lock);
    proc* p = pid == curp->p_pid ? curp : proc_find(pid);
    const Errno error = enterpgrp_check(curp, p, pgid, mksess);
    if (error == EOK) {
        session* ss = p->p_pgrp->pg_session;
        if (mksess) {
            ss = spare_session;
            session_start(ss, p);
            spare_session = nullptr;
        }
        pgrp* pg = pgrp_enter(pgid, ss, &spare_pgrp);
        pgrp* old = p->p_pgrp;
        if (pg != old) {
            pgrp_move(p, pg);
            emptied = old->pg_members.empty() ? old : nullptr;
        }
    }
    if (emptied != nullptr) {
        pg_delete(emptied);
    } else {
        mutex_exit(&proc_lock);
    }
    if (spare_pgrp != nullptr) {
        pool_put(&pgrp_pool, spare_pgrp);
    }
    if (spare_session != nullptr) {
        pool_put(&session_pool, spare_session);
    }
    return error;
}

void proc_leavepgrp(proc* p) {
    KASSERT(mutex_owned(&proc_lock));
    pgrp* pg = p->p_pgrp;
    pg->pg_members.remove(p);
    p->p_pgrp = nullptr;
    if (pg->pg_members.empty()) {
        pg_delete(pg);
    } else {
        mutex_exit(&proc_lock);
    }
}
