#include "host/host_kern.hpp"
#include "sys/resourcevar.hpp"
#include "sys/sched.hpp"
#include "sys/signalvar.hpp"

#include <catch2/catch_test_macros.hpp>

namespace {

constexpr u64 kSecond = 1'000'000'000;

void limit_cpu(proc* p, u64 soft, u64 hard) {
    const abi::rlimit limit{soft, hard};
    REQUIRE(dosetrlimit(curlwp, p, abi::RLIMIT_CPU, &limit) == EOK);
}

// Was p sent the signal? Then it is no longer pending.
bool sent(proc* p, int sig) {
    const bool there = sigismember(&p->p_sigpend.sp_set, sig);
    ksiginfo ksi;
    mutex_enter(p->p_lock);
    sigget(&p->p_sigpend, sig, &ksi);
    mutex_exit(p->p_lock);
    return there;
}

bool told_after(proc* p, u64 nanoseconds) {
    p->p_lwps.first()->l_rtime = nanoseconds;
    sched_pstats();
    return sent(p, SIGXCPU);
}

} // namespace

TEST_CASE("rlimit: SIGXCPU comes at the soft limit and every five seconds more",
          "[guestos][kern][rlimit]") {
    host::System system;
    proc* p = system.fork();
    limit_cpu(p, 3, 60);
    CHECK_FALSE(told_after(p, 3 * kSecond - 1));
    CHECK(told_after(p, 3 * kSecond));
    CHECK_FALSE(told_after(p, 7 * kSecond));
    CHECK(told_after(p, 8 * kSecond));
    CHECK(p->p_limit->pl_rlimit[abi::RLIMIT_CPU].rlim_cur == 3);
    CHECK_FALSE(sent(p, SIGKILL));
}

TEST_CASE("rlimit: who passes the hard limit of CPU time is killed", "[guestos][kern][rlimit]") {
    host::System system;
    proc* p = system.fork();
    limit_cpu(p, 1, 2);
    CHECK(told_after(p, kSecond));
    CHECK_FALSE(told_after(p, 2 * kSecond));
    CHECK(sent(p, SIGKILL));
}

TEST_CASE("rlimit: the CPU time of LWPs that have gone counts", "[guestos][kern][rlimit]") {
    host::System system;
    proc* p = system.fork();
    limit_cpu(p, 3, 60);
    p->p_rtime = 2 * kSecond;
    CHECK(told_after(p, kSecond));
}

TEST_CASE("rlimit: a child's CPU time begins at zero, under its parent's limit",
          "[guestos][kern][rlimit]") {
    host::System system;
    proc* p = curlwp->l_proc;
    limit_cpu(p, 3, 60);
    curlwp->l_rtime = 3 * kSecond;
    proc* child = system.fork();
    sched_pstats();
    CHECK(sent(p, SIGXCPU));
    CHECK_FALSE(sent(child, SIGXCPU));
    CHECK(told_after(child, 3 * kSecond));
}

TEST_CASE("rlimit: a new CPU limit is told of anew", "[guestos][kern][rlimit]") {
    host::System system;
    proc* p = system.fork();
    limit_cpu(p, 1, 60);
    CHECK(told_after(p, kSecond));
    limit_cpu(p, 2, 60);
    CHECK(told_after(p, 2 * kSecond));
}
