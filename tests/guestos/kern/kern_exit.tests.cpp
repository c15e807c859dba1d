#include "host/host_kern.hpp"
#include "sys/resourcevar.hpp"
#include "sys/sched.hpp"
#include "sys/sysent.hpp"
#include "sys/time.hpp"
#include "sys/wait.hpp"

#include <catch2/catch_test_macros.hpp>

namespace {

struct Waited {
    Errno error;
    int pid;
    int status;
    abi::wrusage wru;
};

Waited wait_for(int pid = abi::WAIT_ANY, int options = abi::WNOHANG) {
    Waited w{EOK, pid, 0, {}};
    w.error = do_sys_waitid(&w.pid, &w.status, options | abi::WEXITED | abi::WTRAPPED, &w.wru);
    return w;
}

// A child of the running process that has ended.
proc* zombie(host::System& system, int code, int signo = 0, int exitsig = SIGCHLD) {
    proc* parent = curlwp->l_proc;
    proc* child = system.fork(ForkFlags{}, exitsig);
    system.exit(child, code, signo);
    system.become(parent);
    return child;
}

void send(proc* p, int signal) {
    mutex_enter(&proc_lock);
    psignal(p, signal);
    mutex_exit(&proc_lock);
}

// The process goes through what stands before user mode.
void return_to_user(host::System& system, proc* p) {
    system.become(p);
    try {
        mi_userret(curlwp);
    } catch (const host::Switched&) {
    }
}

} // namespace

TEST_CASE("wait N1: the status tells the exit code", "[guestos][kern][exit]") {
    host::System system;
    const pid_t pid = zombie(system, 42)->p_pid;
    const Waited w = wait_for();
    CHECK(w.error == EOK);
    CHECK(w.pid == pid);
    CHECK(w.status == 42 << 8);
}

TEST_CASE("wait N1: the status tells the signal", "[guestos][kern][exit]") {
    host::System system;
    zombie(system, 0, SIGTERM);
    CHECK(wait_for().status == SIGTERM);
}

TEST_CASE("wait: without a child ECHILD, without news 0 or a sleep", "[guestos][kern][exit]") {
    host::System system;
    CHECK(wait_for().error == ECHILD);
    system.fork();
    CHECK(wait_for().error == EOK);
    CHECK(wait_for().pid == 0);
    CHECK_THROWS_AS(wait_for(abi::WAIT_ANY, 0), host::Switched);
}

TEST_CASE("wait: a pid, a group or any child can be asked for", "[guestos][kern][exit]") {
    host::System system;
    proc* self = curlwp->l_proc;
    REQUIRE(proc_enterpgrp(self, self->p_pid, self->p_pid, false) == EOK);
    proc* first = zombie(system, 1);
    proc* second = system.fork();
    REQUIRE(proc_enterpgrp(self, second->p_pid, second->p_pid, false) == EOK);
    const pid_t group = second->p_pid;
    system.exit(second, 2);
    system.become(self);
    CHECK(wait_for(first->p_pid + 1000).error == ECHILD);
    CHECK(wait_for(-group).status == 2 << 8);
    CHECK(wait_for(-group).error == ECHILD);
    CHECK(wait_for(abi::WAIT_MYPGRP).status == 1 << 8);
}

TEST_CASE("wait N3: children with another exit signal are seen with WALTSIG or WALLSIG only",
          "[guestos][kern][exit]") {
    host::System system;
    zombie(system, 1, 0, SIGUSR1);
    CHECK(wait_for().error == ECHILD);
    CHECK(wait_for(abi::WAIT_ANY, abi::WNOHANG | abi::WALTSIG).status == 1 << 8);
    zombie(system, 2, 0, 0);
    CHECK(wait_for(abi::WAIT_ANY, abi::WNOHANG | abi::WALLSIG).status == 2 << 8);
    zombie(system, 3);
    CHECK(wait_for(abi::WAIT_ANY, abi::WNOHANG | abi::WALTSIG).error == ECHILD);
    CHECK(wait_for(abi::WAIT_ANY, abi::WNOHANG | abi::WALLSIG).status == 3 << 8);
}

TEST_CASE("wait: with WNOWAIT the zombie stays", "[guestos][kern][exit]") {
    host::System system;
    zombie(system, 5);
    CHECK(wait_for(abi::WAIT_ANY, abi::WNOHANG | abi::WNOWAIT).status == 5 << 8);
    CHECK(wait_for().status == 5 << 8);
    CHECK(wait_for().error == ECHILD);
}

TEST_CASE("wait: an unknown option is EINVAL", "[guestos][kern][exit]") {
    host::System system;
    const syscall_args args{{static_cast<u64>(-1), 0, 0x100, 0}};
    register_t retval[2];
    CHECK(sys___wait450(curlwp, &args, retval) == EINVAL);
}

TEST_CASE("exit N1: counts fall when the zombie is reaped, not before", "[guestos][kern][exit]") {
    host::System system;
    const unsigned processes = nprocs.load();
    const long of_root = uid_find(0)->ui_proccnt.load();
    const size_t uareas = system.uareas_in_use();
    zombie(system, 0);
    CHECK(nprocs.load() == processes + 1);
    CHECK(uid_find(0)->ui_proccnt.load() == of_root + 1);
    CHECK(system.uareas_in_use() == uareas + 1);
    wait_for();
    CHECK(nprocs.load() == processes);
    CHECK(uid_find(0)->ui_proccnt.load() == of_root);
    CHECK(system.uareas_in_use() == uareas);
}

TEST_CASE("exit: a zombie can't be found or signalled as a process", "[guestos][kern][exit]") {
    host::System system;
    proc* dead = zombie(system, 0);
    mutex_enter(&proc_lock);
    CHECK(proc_find(dead->p_pid) == nullptr);
    CHECK(proc_find_raw(dead->p_pid) == dead);
    mutex_exit(&proc_lock);
    send(dead, SIGKILL);
    CHECK(wait_for().status == 0);
}

TEST_CASE("exit N2: orphans go to init with SIGCHLD as their signal", "[guestos][kern][exit]") {
    host::System system;
    proc* shell = system.fork();
    system.become(shell);
    proc* child = system.fork(ForkFlags{}, SIGUSR1);
    proc* dead = zombie(system, 9);
    host::take_probes();
    system.exit(shell, 0);
    system.become(initproc);
    CHECK(child->p_pptr == initproc);
    CHECK(child->p_ppid == 1);
    CHECK(child->p_exitsig == SIGCHLD);
    CHECK(child->p_oppid == shell->p_pid);
    CHECK(host::count_probes(abi::ProbeId::ProcReparent) == 2);
    CHECK(wait_for(dead->p_pid).status == 9 << 8);
    CHECK(wait_for(shell->p_pid).status == 0);
    CHECK(initproc->p_nstopchild == 0);
}

TEST_CASE("exit N2: if the parent ignores SIGCHLD, init gets the zombie",
          "[guestos][kern][exit]") {
    for (const ProcFlag flag : {PK_CLDSIGIGN, PK_NOCLDWAIT}) {
        host::System system;
        proc* parent = system.fork();
        system.become(parent);
        parent->p_flag |= flag;
        proc* child = system.fork();
        const pid_t pid = child->p_pid;
        system.exit(child, 3);
        system.become(parent);
        CHECK(wait_for().error == ECHILD);
        system.become(initproc);
        CHECK(wait_for(pid).status == 3 << 8);
    }
}

TEST_CASE("exit: the exit signal is sent, and none if it is 0", "[guestos][kern][exit]") {
    host::System system;
    proc* parent = system.fork();
    system.become(parent);
    abi::sigaction catching{};
    catching.sa_handler = 0x400000;
    REQUIRE(sigaction1(curlwp, SIGUSR1, &catching, nullptr, 0x1000, 2) == EOK);
    zombie(system, 0, 0, SIGUSR1);
    CHECK(sigismember(&parent->p_sigpend.sp_set, SIGUSR1));
    ksiginfo* freed = nullptr;
    mutex_enter(parent->p_lock);
    sigclearall(parent, nullptr, &freed);
    mutex_exit(parent->p_lock);
    ksiginfo_queue_drain(freed);
    zombie(system, 0, 0, 0);
    CHECK(sigisempty(&parent->p_sigpend.sp_set));
}

TEST_CASE("exit: a child's times become its parent's children's", "[guestos][kern][exit]") {
    host::System system;
    proc* parent = curlwp->l_proc;
    proc* child = system.fork();
    system.become(child);
    curlwp->l_stime = nsecuptime();
    system.advance(2'000'000'000);
    child->p_uticks = 3;
    child->p_sticks = 1;
    system.exit(child, 0);
    system.become(parent);
    CHECK(parent->p_stats->p_cru.ru_utime.tv_sec == 0);
    const Waited w = wait_for();
    CHECK(w.wru.wru_self.ru_utime.tv_sec == 1);
    CHECK(w.wru.wru_self.ru_utime.tv_usec == 500000);
    CHECK(w.wru.wru_self.ru_stime.tv_usec == 500000);
    CHECK(parent->p_stats->p_cru.ru_utime.tv_sec == 1);
}

TEST_CASE("stop: wait with WUNTRACED tells it once", "[guestos][kern][exit]") {
    host::System system;
    proc* parent = curlwp->l_proc;
    proc* child = system.fork();
    send(child, SIGSTOP);
    return_to_user(system, child);
    CHECK(child->p_stat == SSTOP);
    system.become(parent);
    CHECK(parent->p_nstopchild == 1);
    CHECK(wait_for().pid == 0);
    const Waited w = wait_for(abi::WAIT_ANY, abi::WNOHANG | abi::WUNTRACED);
    CHECK(w.pid == child->p_pid);
    CHECK(w.status == ((SIGSTOP << 8) | 0177));
    CHECK(wait_for(abi::WAIT_ANY, abi::WNOHANG | abi::WUNTRACED).pid == 0);
    CHECK(parent->p_nstopchild == 0);
}

TEST_CASE("stop: SIGCONT lets it go on, SIGKILL ends it", "[guestos][kern][exit]") {
    host::System system;
    proc* parent = curlwp->l_proc;
    proc* child = system.fork();
    send(child, SIGSTOP);
    return_to_user(system, child);
    system.become(parent);
    send(child, SIGCONT);
    CHECK(child->p_stat == SACTIVE);
    CHECK(parent->p_nstopchild == 0);
    send(child, SIGSTOP);
    return_to_user(system, child);
    REQUIRE(child->p_stat == SSTOP);
    system.become(parent);
    send(child, SIGKILL);
    CHECK(child->p_stat == SACTIVE);
    return_to_user(system, child);
    system.become(parent);
    CHECK(wait_for().status == SIGKILL);
}

TEST_CASE("exit: init's end is the run's end", "[guestos][kern][exit]") {
    host::System system;
    host::take_probes();
    mutex_enter(initproc->p_lock);
    CHECK_THROWS_AS(exit1(curlwp, 7, 0), host::Panic); // the machine is turned off
    bool told = false;
    for (const abi::ProbeRecord& record : host::take_probes()) {
        if (record.id == static_cast<u32>(abi::ProbeId::GuestStatus)) {
            told = true;
            CHECK(record.arg[0] == 7);
        }
    }
    CHECK(told);
}
