#include "host/host_kern.hpp"
#include "sys/kauth.hpp"
#include "sys/resourcevar.hpp"
#include "sys/sched.hpp"
#include "sys/sleepq.hpp"
#include "sys/sysent.hpp"
#include "sys/wait.hpp"

#include <catch2/catch_test_macros.hpp>

namespace {

// A system whose process 2 is running: signals mean nothing to init.
struct Shell : host::System {
    proc* self;
    Shell() : self(fork()) { become(self); }
};

Errno kill_process(int pid, int signal) {
    const syscall_args args{{static_cast<u64>(pid), static_cast<u64>(signal)}};
    register_t retval[2];
    return sys_kill(curlwp, &args, retval);
}

Errno act(int signal, u64 handler, int flags = 0) {
    abi::sigaction sa{};
    sa.sa_handler = handler;
    sa.sa_flags = flags;
    return sigaction1(curlwp, signal, &sa, nullptr, 0x1000, 2);
}

void mask(int how, int signal) {
    abi::sigset_t set{};
    sigaddset(&set, signal);
    mutex_enter(curlwp->l_proc->p_lock);
    REQUIRE(sigprocmask1(curlwp, how, &set, nullptr) == EOK);
    mutex_exit(curlwp->l_proc->p_lock);
}

// On the way to user mode; false if the process did not get there.
bool to_user_mode() {
    try {
        mi_userret(curlwp);
        return true;
    } catch (const host::Switched&) {
        return false;
    }
}

constexpr u64 kHandler = 0x400000;

} // namespace

TEST_CASE("signal: by default SIGTERM ends a process on its way to user mode",
          "[guestos][kern][signal]") {
    Shell system;
    CHECK(kill_process(system.self->p_pid, SIGTERM) == EOK);
    CHECK(system.self->p_stat == SACTIVE);
    CHECK(curlwp->l_md.md_astpending == 1);
    CHECK_FALSE(to_user_mode());
    CHECK(system.self->p_stat == SZOMB);
    CHECK(proc_wait_status(system.self) == SIGTERM);
}

TEST_CASE("signal: SIGCHLD, SIGURG, SIGWINCH, SIGIO and SIGINFO do nothing by default",
          "[guestos][kern][signal]") {
    Shell system;
    for (const int signal : {SIGCHLD, SIGURG, SIGWINCH, SIGIO, SIGINFO, SIGCONT, SIGPWR}) {
        CHECK(kill_process(system.self->p_pid, signal) == EOK);
    }
    CHECK(to_user_mode());
    CHECK(sigisempty(&system.self->p_sigpend.sp_set));
}

TEST_CASE("signal: an ignored one is dropped, and so is one that was pending",
          "[guestos][kern][signal]") {
    Shell system;
    mask(abi::SIG_BLOCK, SIGTERM);
    REQUIRE(kill_process(system.self->p_pid, SIGTERM) == EOK);
    CHECK(sigismember(&system.self->p_sigpend.sp_set, SIGTERM));
    CHECK(act(SIGTERM, abi::SIG_IGN_VALUE) == EOK);
    CHECK_FALSE(sigismember(&system.self->p_sigpend.sp_set, SIGTERM));
    REQUIRE(kill_process(system.self->p_pid, SIGTERM) == EOK);
    CHECK_FALSE(sigismember(&system.self->p_sigpend.sp_set, SIGTERM));
}

TEST_CASE("signal: SIGKILL and SIGSTOP can be neither caught nor held back",
          "[guestos][kern][signal]") {
    Shell system;
    CHECK(act(SIGKILL, kHandler) == EINVAL);
    CHECK(act(SIGSTOP, abi::SIG_IGN_VALUE) == EINVAL);
    mask(abi::SIG_BLOCK, SIGKILL);
    CHECK_FALSE(sigismember(&curlwp->l_sigmask, SIGKILL));
}

TEST_CASE("signal: a masked one waits until the mask lets it through",
          "[guestos][kern][signal]") {
    Shell system;
    REQUIRE(act(SIGUSR1, kHandler) == EOK);
    mask(abi::SIG_BLOCK, SIGUSR1);
    REQUIRE(kill_process(system.self->p_pid, SIGUSR1) == EOK);
    CHECK(to_user_mode());
    CHECK(host::take_handlers().empty());
    mask(abi::SIG_UNBLOCK, SIGUSR1);
    CHECK(to_user_mode());
    CHECK(host::take_handlers() == std::vector<host::Handler>{{system.self->p_pid, SIGUSR1}});
}

TEST_CASE("signal: a handler runs with its own signal and sa_mask held back",
          "[guestos][kern][signal]") {
    Shell system;
    abi::sigaction sa{};
    sa.sa_handler = kHandler;
    sigaddset(&sa.sa_mask, SIGUSR2);
    REQUIRE(sigaction1(curlwp, SIGUSR1, &sa, nullptr, 0x1000, 2) == EOK);
    REQUIRE(kill_process(system.self->p_pid, SIGUSR1) == EOK);
    to_user_mode();
    CHECK(sigismember(&curlwp->l_sigmask, SIGUSR1));
    CHECK(sigismember(&curlwp->l_sigmask, SIGUSR2));
}

TEST_CASE("signal: SA_NODEFER lets it in again, SA_RESETHAND makes the next one fatal",
          "[guestos][kern][signal]") {
    Shell system;
    REQUIRE(act(SIGUSR1, kHandler, abi::SA_NODEFER | abi::SA_RESETHAND) == EOK);
    REQUIRE(kill_process(system.self->p_pid, SIGUSR1) == EOK);
    CHECK(to_user_mode());
    CHECK_FALSE(sigismember(&curlwp->l_sigmask, SIGUSR1));
    REQUIRE(kill_process(system.self->p_pid, SIGUSR1) == EOK);
    CHECK_FALSE(to_user_mode());
    CHECK(proc_wait_status(system.self) == SIGUSR1);
}

TEST_CASE("signal: several are taken lowest first", "[guestos][kern][signal]") {
    Shell system;
    for (const int signal : {SIGUSR2, SIGHUP, SIGTERM}) {
        REQUIRE(act(signal, kHandler) == EOK);
        REQUIRE(kill_process(system.self->p_pid, signal) == EOK);
    }
    to_user_mode();
    const pid_t pid = system.self->p_pid;
    CHECK(host::take_handlers() ==
          std::vector<host::Handler>{{pid, SIGHUP}, {pid, SIGTERM}, {pid, SIGUSR2}});
}

TEST_CASE("signal: stop and continue cancel each other while they are pending",
          "[guestos][kern][signal]") {
    Shell system;
    REQUIRE(kill_process(system.self->p_pid, SIGSTOP) == EOK);
    REQUIRE(kill_process(system.self->p_pid, SIGCONT) == EOK);
    CHECK_FALSE(sigismember(&system.self->p_sigpend.sp_set, SIGSTOP));
    CHECK(to_user_mode());
    CHECK(system.self->p_stat == SACTIVE);
}

TEST_CASE("signal: a terminal's stop signals don't stop an orphaned group",
          "[guestos][kern][signal]") {
    Shell system;
    REQUIRE(system.self->p_pgrp->pg_jobc == 0);
    REQUIRE(kill_process(system.self->p_pid, SIGTSTP) == EOK);
    CHECK(to_user_mode());
    CHECK(system.self->p_stat == SACTIVE);
    REQUIRE(kill_process(system.self->p_pid, SIGSTOP) == EOK);
    CHECK_FALSE(to_user_mode());
    CHECK(system.self->p_stat == SSTOP);
}

TEST_CASE("signal: a fault that is ignored or masked is fatal all the same",
          "[guestos][kern][signal]") {
    Shell system;
    REQUIRE(act(SIGSEGV, abi::SIG_IGN_VALUE) == EOK);
    ksiginfo ksi;
    ksiginfo_init(&ksi, SIGSEGV);
    trapsignal(curlwp, &ksi);
    CHECK_FALSE(to_user_mode());
    CHECK(proc_wait_status(system.self) == SIGSEGV);
}

TEST_CASE("signal: a fault that is caught goes to its handler at once",
          "[guestos][kern][signal]") {
    Shell system;
    REQUIRE(act(SIGSEGV, kHandler) == EOK);
    ksiginfo ksi;
    ksiginfo_init(&ksi, SIGSEGV);
    trapsignal(curlwp, &ksi);
    CHECK(host::take_handlers().size() == 1);
    CHECK(sigisempty(&system.self->p_sigpend.sp_set));
}

TEST_CASE("signal: an interruptible sleep ends, another one does not", "[guestos][kern][signal]") {
    Shell system;
    proc* sleeper = system.fork();
    system.become(sleeper);
    CHECK_THROWS_AS(kpause("test", true, 0, nullptr), host::Switched);
    lwp* l = sleeper->p_lwps.first();
    CHECK(l->l_stat == LSSLEEP);
    system.become(system.self);
    REQUIRE(kill_process(sleeper->p_pid, SIGTERM) == EOK);
    CHECK(l->l_stat == LSRUN);

    proc* deep = system.fork();
    system.become(deep);
    CHECK_THROWS_AS(kpause("test", false, 100, nullptr), host::Switched);
    system.become(system.self);
    REQUIRE(kill_process(deep->p_pid, SIGKILL) == EOK);
    CHECK(deep->p_lwps.first()->l_stat == LSSLEEP);
}

TEST_CASE("signal: what is pending before an interruptible sleep prevents it",
          "[guestos][kern][signal]") {
    Shell system;
    REQUIRE(act(SIGUSR1, kHandler) == EOK);
    REQUIRE(kill_process(system.self->p_pid, SIGUSR1) == EOK);
    CHECK(kpause("test", true, 0, nullptr) == EINTR);
    REQUIRE(act(SIGUSR2, kHandler, abi::SA_RESTART) == EOK);
    to_user_mode();
    REQUIRE(kill_process(system.self->p_pid, SIGUSR2) == EOK);
    CHECK(kpause("test", true, 0, nullptr) == ERESTART);
}

TEST_CASE("signal: a stopped sleeper sleeps on when it is continued", "[guestos][kern][signal]") {
    Shell system;
    proc* sleeper = system.fork();
    system.become(sleeper);
    CHECK_THROWS_AS(kpause("test", true, 0, nullptr), host::Switched);
    system.become(system.self);
    REQUIRE(kill_process(sleeper->p_pid, SIGSTOP) == EOK);
    lwp* l = sleeper->p_lwps.first();
    // It wakes to stop itself on its way out, or is stopped where it is.
    if (l->l_stat == LSRUN) {
        system.become(sleeper);
        to_user_mode();
        system.become(system.self);
    }
    CHECK(sleeper->p_stat == SSTOP);
    REQUIRE(kill_process(sleeper->p_pid, SIGCONT) == EOK);
    CHECK(sleeper->p_stat == SACTIVE);
}

TEST_CASE("kill: who may signal whom", "[guestos][kern][signal]") {
    Shell system;
    proc* other = system.fork();
    kauth_cred* cred = kauth_cred_dup(other->p_cred);
    cred->cr_uid = cred->cr_euid = cred->cr_svuid = 200;
    chgproccnt(0, -1);
    chgproccnt(200, 1);
    kauth_cred* old = other->p_cred;
    other->p_cred = cred;
    kauth_cred* mine = kauth_cred_dup(curlwp->l_cred);
    mine->cr_uid = mine->cr_euid = 100;
    kauth_cred* root = curlwp->l_cred;
    curlwp->l_cred = mine;
    CHECK(kill_process(other->p_pid, SIGTERM) == EPERM);
    CHECK(kill_process(other->p_pid, 0) == EPERM);
    CHECK(kill_process(other->p_pid, SIGCONT) == EOK); // the same session
    CHECK(kill_process(29999, 0) == ESRCH);
    CHECK(kill_process(other->p_pid, NSIG) == EINVAL);
    curlwp->l_cred = root;
    CHECK(kill_process(other->p_pid, 0) == EOK);
    kauth_cred_free(mine);
    kauth_cred_free(old);
}

TEST_CASE("kill: -1 is everybody but init and oneself, 0 one's own group",
          "[guestos][kern][signal]") {
    Shell system;
    proc* child = system.fork();
    REQUIRE(act(SIGTERM, abi::SIG_DFL_VALUE) == EOK);
    CHECK(kill_process(-1, SIGTERM) == EOK);
    CHECK(sigismember(&child->p_sigpend.sp_set, SIGTERM));
    CHECK(sigisempty(&initproc->p_sigpend.sp_set));
    CHECK(sigisempty(&system.self->p_sigpend.sp_set));
    REQUIRE(proc_enterpgrp(system.self, child->p_pid, child->p_pid, false) == EOK);
    CHECK(kill_process(-child->p_pid, SIGHUP) == EOK);
    CHECK(sigismember(&child->p_sigpend.sp_set, SIGHUP));
    CHECK(kill_process(-29999, SIGHUP) == ESRCH);
}

TEST_CASE("exec: caught signals go back to their default, ignored ones stay ignored",
          "[guestos][kern][signal]") {
    Shell system;
    REQUIRE(act(SIGUSR1, kHandler) == EOK);
    REQUIRE(act(SIGUSR2, abi::SIG_IGN_VALUE) == EOK);
    REQUIRE(act(SIGCHLD, abi::SIG_IGN_VALUE) == EOK);
    CHECK((system.self->p_flag & PK_CLDSIGIGN) != 0);
    execsigs(system.self);
    const sigacts* ps = system.self->p_sigacts;
    CHECK(ps->sa_sigdesc[SIGUSR1].sd_sigact.sa_handler == abi::SIG_DFL_VALUE);
    CHECK(ps->sa_sigdesc[SIGUSR2].sd_sigact.sa_handler == abi::SIG_IGN_VALUE);
    CHECK(sigismember(&system.self->p_sigctx.ps_sigignore, SIGUSR2));
    CHECK((system.self->p_flag & PK_CLDSIGIGN) == 0);
}
