// What must have happened, and what must not have, at certain moments of fork1.
#include "host/host_kern.hpp"
#include "sys/resourcevar.hpp"
#include "sys/sched.hpp"
#include "sys/sysent.hpp"
#include "sys/systm.hpp"

#include <catch2/catch_test_macros.hpp>

namespace {

Errno try_fork(ForkFlags flags = ForkFlags{}) {
    register_t retval[2];
    return fork1(curlwp, flags, SIGCHLD, nullptr, 0, nullptr, nullptr, retval);
}

// What the scheduler's hook found when fork1 called it.
struct Hooked {
    unsigned times = 0;
    const proc* parent = nullptr;
    const proc* child = nullptr;
    bool locked = false;
    proc_stat state{};
};
Hooked hooked;

unsigned runnable() {
    return curcpu()->ci_data.cpu_schedstate.spc_runq.rq_count;
}

// The moment before others may see the child: what it looks like then.
struct Unborn {
    unsigned times = 0;
    proc_stat state{};
    lwp_stat lwp_state{};
    unsigned on_queues = 0;
    bool found = false;
    Errno signalled = EOK;
};
Unborn unborn;

void look(proc* p2, proc*) {
    unborn.times++;
    unborn.state = p2->p_stat;
    unborn.lwp_state = p2->p_lwps.first()->l_stat;
    unborn.on_queues = runnable();
    mutex_enter(&proc_lock);
    unborn.found = proc_find(p2->p_pid) != nullptr;
    mutex_exit(&proc_lock);
    const syscall_args args{{static_cast<u64>(p2->p_pid), SIGTERM}};
    register_t retval[2];
    unborn.signalled = sys_kill(curlwp, &args, retval);
}

// While it lives, every fork is looked at.
struct Looking {
    Looking() {
        unborn = {};
        forkhook_establish(look);
    }
    ~Looking() { forkhook_disestablish(look); }
    Looking(const Looking&) = delete;
    Looking& operator=(const Looking&) = delete;
};

} // namespace

// The linker leads calls of sched_proc_fork here (--wrap in tests/CMakeLists.txt).
extern "C" void __real__Z15sched_proc_forkP4procS0_(proc* parent, proc* child);
extern "C" void __wrap__Z15sched_proc_forkP4procS0_(proc* parent, proc* child) {
    hooked = {hooked.times + 1, parent, child, mutex_owned(parent->p_lock), child->p_stat};
    __real__Z15sched_proc_forkP4procS0_(parent, child);
}

TEST_CASE("row F8: a fork that is refused has made nothing yet", "[guestos][kern][fork]") {
    host::System system;
    const Looking looking;
    const proc* newest = allproc.first();
    const int old = maxproc;
    host::take_probes();
    SECTION("by maxproc") {
        maxproc = static_cast<int>(nprocs.load()) + 1;
        CHECK(try_fork() == EAGAIN);
    }
    SECTION("by the lack of a kernel stack") {
        system.fail_uareas(1);
        CHECK(try_fork(FORK_PPWAIT) == ENOMEM);
    }
    maxproc = old;
    CHECK(unborn.times == 0);
    CHECK(host::count_probes(abi::ProbeId::LwpCreate) == 0);
    CHECK(host::count_probes(abi::ProbeId::ProcCreate) == 0);
    CHECK(allproc.first() == newest);
    CHECK_FALSE(curlwp->l_vforkwaiting);
    CHECK(try_fork() == EOK);
    CHECK(unborn.times == 1);
}

TEST_CASE("row F20: the scheduler's hook runs once, under the process lock",
          "[guestos][kern][fork]") {
    host::System system;
    proc* parent = curlwp->l_proc;
    hooked = {};
    proc* child = system.fork();
    REQUIRE(child != nullptr);
    CHECK(hooked.times == 1);
    CHECK(hooked.parent == parent);
    CHECK(hooked.child == child);
    CHECK(hooked.locked);
    CHECK(hooked.state == SIDL);
    CHECK_THROWS_AS(sched_proc_fork(parent, child), host::Panic); // it demands the lock
}

TEST_CASE("row F33: the child's LWP is idle until the end, then runnable",
          "[guestos][kern][fork]") {
    host::System system;
    const Looking looking;
    const unsigned before = runnable();
    const proc* child = system.fork();
    CHECK(unborn.lwp_state == LSIDL);
    CHECK(unborn.state == SIDL);
    CHECK(child->p_stat == SACTIVE);
    CHECK(child->p_nrlwps == 1);
    CHECK(child->p_lwps.first()->l_stat == LSRUN);
    CHECK(runnable() == before + 1);
}

TEST_CASE("row F35: nobody sees or runs a child that is half made", "[guestos][kern][fork]") {
    host::System system;
    const Looking looking;
    const unsigned before = runnable();
    proc* child = system.fork();
    CHECK(unborn.times == 1);
    CHECK(unborn.on_queues == before);
    CHECK_FALSE(unborn.found);
    CHECK(unborn.signalled == ESRCH);
    mutex_enter(&proc_lock);
    CHECK(proc_find(child->p_pid) == child);
    mutex_exit(&proc_lock);
}
