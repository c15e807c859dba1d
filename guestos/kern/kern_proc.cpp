// Processes as a population: the tables they are found in, process groups,
// sessions.
#include "sys/proc.hpp"

#include "machine/cpu.hpp"
#include "sys/filedesc.hpp"
#include "sys/inject.hpp"
#include "sys/kauth.hpp"
#include "sys/kmem.hpp"
#include "sys/pidtable.hpp"
#include "sys/pool.hpp"
#include "sys/resourcevar.hpp"
#include "sys/sdt.hpp"
#include "sys/systm.hpp"
#include "sys/tty.hpp"
#include "uvm/uvm_extern.hpp"

#include <initializer_list>

kmutex_t proc_lock;
proc proc0;
proc* initproc;
proclist allproc;
proclist zombproc;
std::atomic<unsigned> nprocs;
int maxproc = 1044;

const emul emul_netbsd{"netbsd", nullptr, nullptr, nullptr};

namespace {

constexpr u32 kInitialPids = 64;

pid_table pids; // [proc_lock]
pid_t init_pid; // [proc_lock] kept for the first process that is forked
pool proc_pool;
pool pgrp_pool;
pool session_pool;

session session0;
pgrp pgrp0;

} // namespace

void procinit() {
    mutex_init(&proc_lock, MUTEX_DEFAULT, IPL_NONE);
    allproc.init();
    zombproc.init();
    nprocs.store(1); // process 0
    pids.init(kmem_new<pid_table::slot>(KM_SLEEP, kInitialPids), kInitialPids);
    init_pid = pids.alloc(); // kernel threads take numbers before init is forked
    pool_init(&proc_pool, sizeof(proc), CACHE_LINE_SIZE, "proc", IPL_NONE);
    pool_init(&pgrp_pool, sizeof(pgrp), 0, "pgrp", IPL_NONE);
    pool_init(&session_pool, sizeof(session), 0, "session", IPL_NONE);
}

namespace {

// Locks and lists of a process structure that has just been zeroed.
void proc_init_sync(proc* p) {
    p->p_children.init();
    p->p_lwps.init();
    mutex_init(&p->p_stmutex, MUTEX_DEFAULT, IPL_HIGH);
    mutex_init(&p->p_auxlock, MUTEX_DEFAULT, IPL_NONE);
    rw_init(&p->p_reflock);
    cv_init(&p->p_waitcv, "wait");
    cv_init(&p->p_lwpcv, "lwpwait");
}

} // namespace

void proc0_init() {
    proc* p = &proc0;
    proc_init_sync(p);
    p->p_lock = mutex_obj_alloc(MUTEX_DEFAULT, IPL_NONE);
    p->p_stat = SACTIVE;
    p->p_flag = PK_SYSTEM | PK_NOCLDWAIT;
    p->p_nice = 20;
    kstrlcpy(p->p_comm, "system", sizeof(p->p_comm));
    p->p_emul = &emul_netbsd;
    p->p_vmspace = &vmspace0;
    p->p_cred = kauth_cred_alloc();
    p->p_limit = lim_default;
    lim_addref(p->p_limit);
    p->p_stats = pstatscopy(nullptr);
    p->p_sigacts = sigactsinit(nullptr, false);
    p->p_fd = fd_init(nullptr);
    p->p_cwdi = cwdinit();
    siginit(p);
    sigpend_init(&p->p_sigpend);

    session0 = {};
    session0.s_count = 1;
    session0.s_leader = p;
    pgrp0.pg_session = &session0;
    pgrp0.pg_members.init();
    pgrp0.pg_members.insert_head(p);
    p->p_pgrp = &pgrp0;
    pids.find(0)->pt_proc = p;
    pids.set_pgrp(0, &pgrp0);
    allproc.insert_head(p);
}

// --- numbers --------------------------------------------------------------------------

namespace {

// A number of the common space; 0 if there is none left.
// => proc_lock held; released meanwhile if the table grows
pid_t alloc_number() {
    while (pids.crowded() && pids.size() < PID_MAX) {
        const u32 size = pids.size() * 2;
        mutex_exit(&proc_lock);
        auto* bigger = kmem_new<pid_table::slot>(KM_SLEEP, size);
        mutex_enter(&proc_lock);
        pid_table::slot* garbage = bigger;
        u32 garbage_size = size;
        if (pids.size() * 2 == size) { // nobody else was faster
            garbage = pids.grow(bigger);
            garbage_size = size / 2;
        }
        kmem_delete(garbage, garbage_size);
    }
    return pids.alloc();
}

} // namespace

size_t proc_table_pages() {
    const size_t bytes = pids.size() * sizeof(pid_table::slot);
    return bytes <= KMEM_MAXPOOLED ? 0 : atop(round_page(bytes));
}

proc* proc_alloc() {
    if (inject(Inject::Pid)) {
        return nullptr;
    }
    mutex_enter(&proc_lock);
    const pid_t pid = init_pid != 0 ? init_pid : alloc_number();
    init_pid = 0;
    mutex_exit(&proc_lock);
    if (pid == 0) {
        return nullptr;
    }
    proc* p = pool_get<proc>(&proc_pool, PR_WAITOK);
    memset(static_cast<void*>(p), 0, sizeof(*p));
    p->p_stat = SIDL;
    p->p_pid = pid;
    proc_init_sync(p);
    mutex_enter(&proc_lock);
    pids.find(pid)->pt_proc = p;
    mutex_exit(&proc_lock);
    return p;
}

void proc_free_pid(pid_t pid) {
    pids.free(pid);
}

void proc_free_mem(proc* p) {
    mutex_destroy(&p->p_stmutex);
    mutex_destroy(&p->p_auxlock);
    rw_destroy(&p->p_reflock);
    cv_destroy(&p->p_waitcv);
    cv_destroy(&p->p_lwpcv);
    nprocs.fetch_sub(1);
    pool_put(&proc_pool, p);
}

// The first LWP of a process has the process's number.
pid_t proc_alloc_lwpid(proc* p, lwp* l) {
    KASSERT(mutex_owned(p->p_lock));
    if (p->p_nlwps == 0) {
        return p->p_pid;
    }
    mutex_exit(p->p_lock);
    mutex_enter(&proc_lock);
    const pid_t lid = inject(Inject::Pid) ? 0 : alloc_number();
    if (lid != 0) {
        pids.find(lid)->pt_lwp = l;
    }
    mutex_exit(&proc_lock);
    mutex_enter(p->p_lock);
    return lid;
}

void proc_free_lwpid(proc* p, pid_t lid) {
    if (lid == p->p_pid) {
        return; // goes with the process
    }
    mutex_exit(p->p_lock);
    mutex_enter(&proc_lock);
    pids.free(lid);
    mutex_exit(&proc_lock);
    mutex_enter(p->p_lock);
}

lwp* proc_find_lwp(proc* p, lwpid_t lid) {
    KASSERT(mutex_owned(p->p_lock));
    for (lwp& l : p->p_lwps) {
        if (l.l_lid == lid && l.l_stat != LSZOMB) {
            return &l;
        }
    }
    return nullptr;
}

proc* proc_find_raw(pid_t pid) {
    KASSERT(mutex_owned(&proc_lock));
    pid_table::slot* s = pids.find(pid);
    return s != nullptr ? s->pt_proc : nullptr;
}

proc* proc_find(pid_t pid) {
    proc* p = proc_find_raw(pid);
    return p != nullptr && (p->p_stat == SACTIVE || p->p_stat == SSTOP) ? p : nullptr;
}

pgrp* pgrp_find(pid_t pgid) {
    KASSERT(mutex_owned(&proc_lock));
    pgrp* pg = pids.find_pgrp(pgid);
    return pg != nullptr && !pg->pg_members.empty() ? pg : nullptr;
}

// --- sessions and groups --------------------------------------------------------------

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

} // namespace

namespace {

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

// --- parents --------------------------------------------------------------------------

void proc_reparent(proc* t, proc* parent) {
    KASSERT(mutex_owned(&proc_lock));
    if (t->p_pptr == parent) {
        return;
    }
    if (t->p_stat == SZOMB || t->p_stat == SDEAD || (t->p_stat == SSTOP && t->p_waited == 0)) {
        t->p_pptr->p_nstopchild--; // the news is for the new parent now
        parent->p_nstopchild++;
    }
    t->p_pptr->p_children.remove(t);
    parent->p_children.insert_head(t);
    t->p_pptr = parent;
    if (parent == initproc) {
        t->p_ppid = parent->p_pid; // getppid(2) never names a tracer
    }
    sdt_probe(abi::ProbeId::ProcReparent, t->p_pid, parent->p_pid);
}

void proc_changeparent(proc* t, proc* tracer) {
    t->p_slflag |= PSL_TRACED;
    t->p_oppid = t->p_pptr->p_pid;
    proc_reparent(t, tracer);
}

int proc_exitsig(const proc* p) {
    const bool traced = (p->p_slflag & PSL_TRACED) != 0 && p->p_pptr != initproc;
    return traced ? SIGCHLD : p->p_exitsig;
}
