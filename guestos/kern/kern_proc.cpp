// Processes as a population: the tables they are found in, and their parents.
// Groups and sessions: kern_pgrp.cpp
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
#include "uvm/uvm_extern.hpp"

kmutex_t proc_lock;
proc proc0;
proc* initproc;
proclist allproc;
proclist zombproc;
std::atomic<unsigned> nprocs;
int maxproc = 1044;
pid_table pids;

const emul emul_netbsd{"netbsd", nullptr, nullptr, nullptr};

namespace {

constexpr u32 kInitialPids = 64;

pid_t init_pid; // [proc_lock] kept for the first process that is forked
pool proc_pool;

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
    pgrp_init();
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
