#include "host/host_kern.hpp"
#include "sys/filedesc.hpp"
#include "sys/kauth.hpp"
#include "sys/kmem.hpp"
#include "sys/resourcevar.hpp"
#include "sys/sched.hpp"
#include "sys/sysent.hpp"
#include "sys/systm.hpp"
#include "sys/vnode.hpp"
#include "sys/wait.hpp"

#include <catch2/catch_test_macros.hpp>

namespace {

// What a refused fork must leave as it was.
struct Counts {
    unsigned processes;
    long of_user;
    size_t uareas;
    u64 frames;
    bool operator==(const Counts&) const = default;
};

Counts counts(const host::System& system) {
    return {nprocs.load(), uid_find(curlwp->l_cred->cr_uid)->ui_proccnt.load(),
            system.uareas_in_use(), system.kernel().frames_used()};
}

void set_uid(uid_t uid) {
    kauth_cred* cred = kauth_cred_dup(curlwp->l_cred);
    cred->cr_uid = cred->cr_euid = cred->cr_svuid = uid;
    proc* p = curlwp->l_proc;
    chgproccnt(p->p_cred->cr_uid, -1);
    chgproccnt(uid, 1);
    kauth_cred_hold(cred);
    p->p_cred = cred;
    curlwp->l_cred = cred;
}

Errno try_fork(ForkFlags flags = ForkFlags{}) {
    register_t retval[2];
    return fork1(curlwp, flags, SIGCHLD, nullptr, 0, nullptr, nullptr, retval);
}

Errno try_clone(u64 flags) {
    const syscall_args args{{flags, 0}};
    register_t retval[2];
    return sys___clone(curlwp, &args, retval);
}

} // namespace

TEST_CASE("fork: the child is its parent's, runnable, and found by its number",
          "[guestos][kern][fork]") {
    host::System system;
    proc* parent = curlwp->l_proc;
    proc* child = system.fork();
    REQUIRE(child != nullptr);
    CHECK(child->p_pptr == parent);
    CHECK(child->p_ppid == parent->p_pid);
    CHECK(child->p_oppid == parent->p_pid);
    CHECK(child->p_exitsig == SIGCHLD);
    CHECK(child->p_stat == SACTIVE);
    CHECK(child->p_nlwps == 1);
    CHECK(child->p_lwps.first()->l_stat == LSRUN);
    CHECK(child->p_lwps.first()->l_lid == child->p_pid);
    mutex_enter(&proc_lock);
    CHECK(proc_find(child->p_pid) == child);
    mutex_exit(&proc_lock);
}

TEST_CASE("row F9: one region starts at zero, one is the parent's", "[guestos][kern][fork]") {
    host::System system;
    proc* parent = curlwp->l_proc;
    parent->p_uticks = 7;
    parent->p_xsig = 3;
    parent->p_acflag = ASU;
    parent->p_nice = 25;
    parent->p_psstrp = 0x1234;
    parent->p_sigctx.ps_signo = SIGTRAP;
    parent->p_sigctx.ps_inject = SIGHUP;
    kstrlcpy(parent->p_comm, "parent", sizeof(parent->p_comm));
    sigaddset(&parent->p_sigctx.ps_sigignore, SIGUSR1);
    const proc* child = system.fork();
    CHECK(child->p_uticks == 0);
    CHECK(child->p_xsig == 0);
    CHECK(child->p_acflag == AFORK);
    CHECK(child->p_nice == 25);
    CHECK(child->p_psstrp == 0x1234);
    CHECK(strcmp(child->p_comm, "parent") == 0);
    CHECK(sigismember(&child->p_sigctx.ps_sigignore, SIGUSR1));
    CHECK(child->p_pgrp == parent->p_pgrp);
    CHECK(child->p_sigctx.ps_signo == 0); // a tracer's news of the parent
    CHECK(child->p_sigctx.ps_inject == 0);
}

TEST_CASE("row F10: few flags are inherited, and a system process gets two",
          "[guestos][kern][fork]") {
    host::System system;
    proc* parent = curlwp->l_proc;
    parent->p_flag = PK_SUGID | PK_NOCLDWAIT | PK_CLDSIGIGN | PK_32 | PK_EXEC;
    CHECK(system.fork()->p_flag == (PK_SUGID | PK_NOCLDWAIT | PK_CLDSIGIGN | PK_32));
    parent->p_flag = PK_EXEC;
    CHECK(system.fork()->p_flag == ProcFlag{});
    CHECK(system.fork(FORK_SYSTEM)->p_flag == (PK_SYSTEM | PK_NOCLDWAIT));
}

TEST_CASE("row F11: a lock is shared exactly when signals are", "[guestos][kern][fork]") {
    host::System system;
    proc* parent = curlwp->l_proc;
    CHECK(system.fork()->p_lock != parent->p_lock);
    const proc* sharing = system.fork(FORK_SHARESIGS | FORK_SHAREVM);
    CHECK(sharing->p_lock == parent->p_lock);
    CHECK(sharing->p_sigacts == parent->p_sigacts);
    CHECK(parent->p_sigacts->sa_refcnt.load() == 2);
    CHECK_FALSE(mutex_obj_free(parent->p_lock)); // one reference more
    mutex_obj_hold(parent->p_lock);
}

TEST_CASE("row F12: credentials are shared by reference", "[guestos][kern][fork]") {
    host::System system;
    kauth_cred* cred = curlwp->l_proc->p_cred;
    const unsigned before = cred->cr_refcnt.load();
    const proc* child = system.fork();
    CHECK(child->p_cred == cred);
    CHECK(cred->cr_refcnt.load() == before + 2); // the process's and its LWP's
}

TEST_CASE("row F12: the program's path is copied", "[guestos][kern][fork]") {
    host::System system;
    proc* parent = curlwp->l_proc;
    REQUIRE(parent->p_path == nullptr);
    CHECK(system.fork()->p_path == nullptr);
    parent->p_path = kmem_strdupsize("/bin/program", nullptr, KM_SLEEP);
    const proc* child = system.fork();
    REQUIRE(child->p_path != nullptr);
    CHECK(child->p_path != parent->p_path);
    CHECK(strcmp(child->p_path, "/bin/program") == 0);
}

// As when another LWP calls setuid while this one is in fork.
TEST_CASE("row F7: the charge is the user's that the child has in the end",
          "[guestos][kern][fork]") {
    host::System system;
    kauth_cred* charged = curlwp->l_cred;
    kauth_cred_hold(charged);
    set_uid(1000);
    kauth_cred* now = curlwp->l_cred;
    const long before = uid_find(1000)->ui_proccnt.load();
    const long other = uid_find(charged->cr_uid)->ui_proccnt.load();
    curlwp->l_cred = charged;
    const proc* child = system.fork();
    curlwp->l_cred = now;
    REQUIRE(child != nullptr);
    CHECK(child->p_cred == now);
    CHECK(uid_find(1000)->ui_proccnt.load() == before + 1);
    CHECK(uid_find(charged->cr_uid)->ui_proccnt.load() == other);
    kauth_cred_free(charged);
}

TEST_CASE("row F13, row F14: descriptors and directories are shared, fresh or copied",
          "[guestos][kern][fork]") {
    host::System system;
    proc* parent = curlwp->l_proc;
    CHECK(system.fork()->p_fd != parent->p_fd);
    CHECK(system.fork(FORK_SHAREFILES)->p_fd == parent->p_fd);
    CHECK(system.fork(FORK_CLEANFILES)->p_fd->fd_lastfile == -1);
    CHECK(system.fork()->p_cwdi != parent->p_cwdi);
    parent->p_cwdi->cwdi_cmask = 077;
    CHECK(system.fork()->p_cwdi->cwdi_cmask == 077);
    CHECK(system.fork(FORK_SHARECWD)->p_cwdi == parent->p_cwdi);
    parent->p_mqueue_cnt = 3;
    CHECK(system.fork()->p_mqueue_cnt == 3);
}

TEST_CASE("row F15: limits are shared until one side sets its own", "[guestos][kern][fork]") {
    host::System system;
    proc* parent = curlwp->l_proc;
    proc* child = system.fork();
    CHECK(child->p_limit == parent->p_limit);
    constexpr abi::rlimit limit{10, 20};
    REQUIRE(dosetrlimit(curlwp, parent, abi::RLIMIT_NOFILE, &limit) == EOK);
    CHECK(child->p_limit != parent->p_limit);
    CHECK(child->p_limit->pl_rlimit[abi::RLIMIT_NOFILE].rlim_cur != 10);
    // The parent's are its own now, so the next child has a copy.
    proc* second = system.fork();
    CHECK(second->p_limit != parent->p_limit);
    CHECK(second->p_limit->pl_rlimit[abi::RLIMIT_NOFILE].rlim_cur == 10);
    constexpr abi::rlimit lower{5, 20};
    REQUIRE(dosetrlimit(curlwp, parent, abi::RLIMIT_NOFILE, &lower) == EOK);
    CHECK(second->p_limit->pl_rlimit[abi::RLIMIT_NOFILE].rlim_cur == 10);
}

TEST_CASE("row F16, row V1: a vfork parent waits until its child ends", "[guestos][kern][fork]") {
    host::System system;
    lwp* waiter = curlwp;
    proc* child = system.fork(FORK_PPWAIT);
    REQUIRE(child != nullptr);
    CHECK((child->p_lflag & PL_PPWAIT) != 0);
    CHECK(child->p_vforklwp == waiter);
    CHECK(waiter->l_vforkwaiting);
    CHECK(child->p_lwps.first()->l_kpriority);
    system.exit(child, 0);
    CHECK_FALSE(waiter->l_vforkwaiting);
    system.become(waiter->l_proc);
    const proc* ordinary = system.fork();
    CHECK((ordinary->p_lflag & PL_PPWAIT) == 0);
    CHECK(ordinary->p_vforklwp == nullptr);
}

TEST_CASE("row F17, row F27: with FORK_NOWAIT the child is init's, and the forker is remembered",
          "[guestos][kern][fork]") {
    host::System system;
    proc* shell = system.fork();
    system.become(shell);
    const proc* child = system.fork(FORK_NOWAIT);
    CHECK(child->p_pptr == initproc);
    CHECK(child->p_ppid == initproc->p_pid);
    CHECK(child->p_oppid == shell->p_pid);
}

TEST_CASE("row F19: actions are copied, pending signals are not", "[guestos][kern][fork]") {
    host::System system;
    proc* parent = curlwp->l_proc;
    parent->p_sflag |= PS_NOCLDSTOP | PS_STOPEXEC;
    abi::sigaction sa{};
    sa.sa_handler = 0x400000;
    REQUIRE(sigaction1(curlwp, SIGUSR1, &sa, nullptr, 0x1000, 2) == EOK);
    sigaddset(&curlwp->l_sigmask, SIGUSR2);
    mutex_enter(&proc_lock);
    psignal(parent, SIGUSR2);
    mutex_exit(&proc_lock);
    proc* child = system.fork();
    CHECK(child->p_sigacts != parent->p_sigacts);
    CHECK(child->p_sigacts->sa_sigdesc[SIGUSR1].sd_sigact.sa_handler == 0x400000);
    CHECK(child->p_sflag == (PS_NOCLDSTOP | PS_STOPEXEC));
    CHECK(sigisempty(&child->p_sigpend.sp_set));
    CHECK(sigismember(&child->p_lwps.first()->l_sigmask, SIGUSR2));
}

// What was called, in turn.
std::string called;

TEST_CASE("row F25: the emulation's hook, others, then the probe", "[guestos][kern][fork]") {
    host::System system;
    proc* shell = system.fork();
    system.become(shell);
    const emul counting{"counting",
                        [](proc*, lwp* l1, unsigned flags) {
                            CHECK(l1 == curlwp);
                            CHECK(flags == FORK_NOWAIT);
                            called += "emulation ";
                        },
                        nullptr, nullptr};
    const forkhook hook = [](proc*, proc*) { called += "hook "; };
    shell->p_emul = &counting;
    called.clear();
    forkhook_establish(hook);
    host::watch_probes([&](const abi::ProbeRecord& record) {
        if (record.id == static_cast<u32>(abi::ProbeId::ProcCreate)) {
            called += "probe";
            CHECK(record.arg[1] == static_cast<u64>(initproc->p_pid)); // the parent
            CHECK(record.arg[3] == static_cast<u64>(shell->p_pid));    // the forker
        }
    });
    proc* child = system.fork(FORK_NOWAIT);
    host::watch_probes(nullptr);
    forkhook_disestablish(hook);
    CHECK(called == "emulation hook probe");
    shell->p_emul = child->p_emul = &emul_netbsd;
}

TEST_CASE("row F26: the terminal is kept where session and parent have one",
          "[guestos][kern][fork]") {
    host::System system;
    proc* parent = curlwp->l_proc;
    session* ss = parent->p_pgrp->pg_session;
    const auto kept = [&] { return (system.fork()->p_lflag & PL_CONTROLT) != 0; };
    CHECK_FALSE(kept());
    parent->p_lflag |= PL_CONTROLT; // the session has lost it
    CHECK_FALSE(kept());
    vnode terminal{};
    ss->s_ttyvp = &terminal;
    CHECK(kept());
    CHECK(system.fork(FORK_PPWAIT)->p_lflag == (PL_CONTROLT | PL_PPWAIT));
    parent->p_lflag &= ~PL_CONTROLT;
    CHECK_FALSE(kept());
    ss->s_ttyvp = nullptr;
}

TEST_CASE("row F31, row F21: profiling goes on in the child, other statistics do not",
          "[guestos][kern][fork]") {
    host::System system;
    proc* parent = curlwp->l_proc;
    parent->p_stflag = PST_PROFIL;
    parent->p_stats->p_prof.pr_scale = 77;
    parent->p_stats->p_ru.ru_nsignals = 5;
    parent->p_stats->p_cru.ru_minflt = 6;
    const proc* child = system.fork();
    CHECK(child->p_stflag == PST_PROFIL);
    CHECK(child->p_stats->p_prof.pr_scale == 77);
    CHECK(child->p_stats->p_ru.ru_nsignals == 0);
    CHECK(child->p_stats->p_cru.ru_minflt == 0);
}

TEST_CASE("row F25: hooks, then the probe with child, parent, flags and forker",
          "[guestos][kern][fork]") {
    host::System system;
    static proc* hooked;
    hooked = nullptr;
    const forkhook hook = [](proc* p2, proc*) {
        hooked = p2;
        CHECK(host::count_probes(abi::ProbeId::ProcCreate) == 0);
    };
    forkhook_establish(hook);
    host::take_probes();
    proc* child = system.fork(FORK_SHARECWD);
    forkhook_disestablish(hook);
    CHECK(hooked == child);
    unsigned seen = 0;
    for (const abi::ProbeRecord& record : host::take_probes()) {
        if (record.id == static_cast<u32>(abi::ProbeId::ProcCreate)) {
            seen++;
            CHECK(record.arg[0] == static_cast<u64>(child->p_pid));
            CHECK(record.arg[1] == 1);
            CHECK(record.arg[2] == FORK_SHARECWD);
            CHECK(record.arg[3] == 1);
        }
    }
    CHECK(seen == 1);
}

TEST_CASE("row F28: after the parent in its group, first of all processes, hidden until it runs",
          "[guestos][kern][fork]") {
    host::System system;
    static proc* found;
    found = &proc0;
    const forkhook hook = [](proc* p2, proc*) {
        mutex_enter(&proc_lock);
        found = proc_find(p2->p_pid);
        mutex_exit(&proc_lock);
    };
    forkhook_establish(hook);
    proc* parent = curlwp->l_proc;
    proc* first = system.fork();
    proc* second = system.fork();
    forkhook_disestablish(hook);
    CHECK(found == nullptr);
    CHECK(allproc.first() == second);
    CHECK(parent->p_children.first() == second);
    CHECK(decltype(parent->p_pgrp->pg_members)::next(parent) == second);
    CHECK(decltype(parent->p_pgrp->pg_members)::next(second) == first);
}

TEST_CASE("row F29: counters of this CPU rise on success only", "[guestos][kern][fork]") {
    host::System system;
    const u64* counts = curcpu()->ci_data.cpu_counts;
    const u64 forks = counts[CPU_COUNT_FORKS];
    system.fork();
    CHECK(counts[CPU_COUNT_FORKS] == forks + 1);
    CHECK(counts[CPU_COUNT_FORKS_PPWAIT] == 0);
    system.fork(FORK_SHAREVM);
    CHECK(counts[CPU_COUNT_FORKS_SHAREVM] == 1);
    system.fail_uareas(1);
    CHECK(system.fork() == nullptr);
    CHECK(counts[CPU_COUNT_FORKS] == forks + 2);
}

TEST_CASE("row F32: with PS_STOPFORK the child is born stopped and is news",
          "[guestos][kern][fork]") {
    host::System system;
    proc* parent = curlwp->l_proc;
    parent->p_sflag |= PS_STOPFORK;
    const unsigned news = parent->p_nstopchild;
    const proc* child = system.fork();
    CHECK(child->p_stat == SSTOP);
    CHECK(child->p_waited == 0);
    CHECK(child->p_nrlwps == 0);
    CHECK(child->p_lwps.first()->l_stat == LSSTOP);
    CHECK(parent->p_nstopchild == news + 1);
}

TEST_CASE("row F23, row F24: the child's LWP has the caller's class, mask, stack and pointer",
          "[guestos][kern][fork]") {
    host::System system;
    curlwp->l_class = SCHED_RR;
    curlwp->l_sigstk = {0x5000, 0x2000, 0};
    curlwp->l_private = &system;
    sigaddset(&curlwp->l_sigmask, SIGHUP);
    const lwp* l = system.fork()->p_lwps.first();
    CHECK(l->l_class == SCHED_RR);
    CHECK(l->l_sigstk.ss_sp == 0x5000);
    CHECK(l->l_private == &system);
    CHECK(sigismember(&l->l_sigmask, SIGHUP));
}

// --- refusals --------------------------------------------------------------------------------

TEST_CASE("row F1, row F3: at maxproc it is refused, nothing is charged, one line is logged",
          "[guestos][kern][fork]") {
    host::System system;
    const int old = std::exchange(maxproc, static_cast<int>(nprocs.load()) + 1);
    const Counts before = counts(system);
    CHECK(try_fork() == EAGAIN);
    CHECK(try_fork() == EAGAIN);
    CHECK(counts(system) == before);
    const std::string text = host::console();
    const size_t at = text.find("proc: table is full");
    CHECK(at != std::string::npos);
    CHECK(text.find("proc: table is full", at + 1) == std::string::npos);
    maxproc = old;
}

TEST_CASE("row F2: the last five slots are root's", "[guestos][kern][fork]") {
    host::System system;
    const int old = std::exchange(maxproc, static_cast<int>(nprocs.load()) + 4);
    CHECK(try_fork() == EOK);
    set_uid(100);
    const Counts before = counts(system);
    CHECK(try_fork() == EAGAIN);
    CHECK(counts(system) == before);
    maxproc = old;
}

TEST_CASE("row F5: beyond RLIMIT_NPROC a user is refused without a word, root is not",
          "[guestos][kern][fork]") {
    host::System system;
    constexpr abi::rlimit one{1, 1};
    REQUIRE(dosetrlimit(curlwp, curlwp->l_proc, abi::RLIMIT_NPROC, &one) == EOK);
    CHECK(try_fork() == EOK);
    set_uid(100);
    const Counts before = counts(system);
    const std::string text = host::console();
    CHECK(try_fork() == EAGAIN);
    CHECK(counts(system) == before);
    CHECK(host::console() == text);
}

TEST_CASE("row F6: without a kernel stack it is refused with ENOMEM and nothing is charged",
          "[guestos][kern][fork]") {
    host::System system;
    const Counts before = counts(system);
    system.fail_uareas(1);
    CHECK(try_fork() == ENOMEM);
    CHECK(counts(system) == before);
    CHECK(try_fork() == EOK);
}

TEST_CASE("fork: a refusal is told by its probe", "[guestos][kern][fork]") {
    host::System system;
    host::take_probes();
    system.fail_uareas(1);
    REQUIRE(try_fork(FORK_SHAREVM) == ENOMEM);
    const std::vector<abi::ProbeRecord> probes = host::take_probes();
    REQUIRE(probes.size() == 1);
    CHECK(probes[0].id == static_cast<u32>(abi::ProbeId::ForkFailure));
    CHECK(probes[0].arg[1] == ENOMEM);
    CHECK(probes[0].arg[2] == FORK_SHAREVM);
}

// --- __clone ------------------------------------------------------------------------------------

TEST_CASE("row E6, row E7, row E8: what does not go together is EINVAL", "[guestos][kern][fork]") {
    host::System system;
    CHECK(try_clone(0x2000) == EINVAL);        // CLONE_PTRACE
    CHECK(try_clone(0x0800) == EINVAL);        // CLONE_SIGHAND without CLONE_VM
    CHECK(try_clone(64) == EINVAL);            // exit signal NSIG
    CHECK(try_clone(0x1000 | SIGCHLD) == EOK); // CLONE_PID
    CHECK(try_clone(0x0900) == EOK);
    CHECK(try_clone(63) == EOK);
}

TEST_CASE("row E4: flags say what is shared, the low byte is the exit signal",
          "[guestos][kern][fork]") {
    host::System system;
    proc* parent = curlwp->l_proc;
    REQUIRE(try_clone(0x0f00 | SIGUSR1) == EOK);
    const proc* child = parent->p_children.first();
    CHECK(child->p_exitsig == SIGUSR1);
    CHECK(child->p_vmspace == parent->p_vmspace);
    CHECK(child->p_cwdi == parent->p_cwdi);
    CHECK(child->p_fd == parent->p_fd);
    CHECK(child->p_sigacts == parent->p_sigacts);
    REQUIRE(try_clone(0) == EOK);
    CHECK(parent->p_children.first()->p_exitsig == 0);
}

TEST_CASE("row E9: a table with a close-on-fork descriptor is not shared",
          "[guestos][kern][fork]") {
    host::System system;
    curlwp->l_fd->fd_foclose = true;
    CHECK(try_clone(0x0400) == EINVAL);
    CHECK(try_clone(0x0100) == EOK);
}

// --- and all of it again, and again ------------------------------------------------------------

TEST_CASE("fork: a thousand forks, exits and waits leave everything as it was",
          "[guestos][kern][fork]") {
    host::System system;
    proc* parent = curlwp->l_proc;
    const auto round = [&] {
        proc* child = system.fork();
        REQUIRE(child != nullptr);
        system.exit(child, 0);
        system.become(parent);
        int pid = abi::WAIT_ANY;
        int status = 0;
        abi::wrusage wru;
        REQUIRE(do_sys_waitid(&pid, &status, abi::WEXITED, &wru) == EOK);
    };
    for (int i = 0; i < 200; i++) {
        round(); // tables grow
    }
    const Counts before = counts(system);
    for (int i = 0; i < 1000; i++) {
        round();
    }
    CHECK(counts(system) == before);
    CHECK(parent->p_nstopchild == 0);
    CHECK(nfiles.load() == 0);
}
