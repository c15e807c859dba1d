#include "host/host_kern.hpp"
#include "sys/sched.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <memory>

namespace {

struct Queue {
    std::unique_ptr<runqueue> rq = std::make_unique<runqueue>();
    lwp lwps[4] = {};

    Queue() { rq->init(); }
    lwp* take() {
        lwp* l = rq->first();
        if (l != nullptr) {
            rq->dequeue(l, rq->highest());
        }
        return l;
    }
};

} // namespace

TEST_CASE("runq: an empty queue has no first", "[guestos][kern][sched]") {
    Queue q;
    CHECK(q.rq->first() == nullptr);
    CHECK(q.rq->highest() == PRI_NONE);
}

TEST_CASE("runq: the highest priority comes first, equals in the order they came",
          "[guestos][kern][sched]") {
    Queue q;
    q.rq->enqueue(&q.lwps[0], 31);
    q.rq->enqueue(&q.lwps[1], PRI_COUNT - 1);
    q.rq->enqueue(&q.lwps[2], 31);
    q.rq->enqueue(&q.lwps[3], 0);
    CHECK(q.rq->rq_count == 4);
    CHECK(q.take() == &q.lwps[1]);
    CHECK(q.take() == &q.lwps[0]);
    CHECK(q.take() == &q.lwps[2]);
    CHECK(q.take() == &q.lwps[3]);
    CHECK(q.take() == nullptr);
}

TEST_CASE("runq: one that was preempted goes before its equals", "[guestos][kern][sched]") {
    Queue q;
    q.rq->enqueue(&q.lwps[0], 64);
    q.rq->enqueue(&q.lwps[1], 64, true);
    CHECK(q.take() == &q.lwps[1]);
}

TEST_CASE("runq: every priority has its bit", "[guestos][kern][sched]") {
    Queue q;
    for (pri_t pri = 0; pri < PRI_COUNT; pri++) {
        q.rq->enqueue(&q.lwps[0], pri);
        CHECK(q.rq->highest() == pri);
        q.rq->dequeue(&q.lwps[0], pri);
        CHECK(q.rq->highest() == PRI_NONE);
    }
}

TEST_CASE("sched: who uses up its slice sinks, and a sleep brings it back",
          "[guestos][kern][sched]") {
    host::System system;
    lwp* l = curlwp;
    const pri_t base = l->l_priority;
    for (int tick = 0; tick < sched_rrticks; tick++) {
        sched_tick(curcpu());
    }
    CHECK(l->l_priority == base - 1);
    for (int tick = 0; tick < 100 * sched_rrticks; tick++) {
        sched_tick(curcpu());
    }
    CHECK(l->l_priority == PRI_USER);
    lwp_lock(l);
    sched_wakeup(l);
    lwp_unlock(l);
    CHECK(l->l_priority == 31);
}

TEST_CASE("sched: a slice ends only if an equal waits", "[guestos][kern][sched]") {
    host::System system;
    curcpu()->ci_want_resched = 0;
    for (int tick = 0; tick < sched_rrticks; tick++) {
        sched_tick(curcpu());
    }
    CHECK(curcpu()->ci_want_resched == 0);
    proc* child = system.fork();
    REQUIRE(child != nullptr);
    curcpu()->ci_want_resched = 0;
    for (int tick = 0; tick < sched_rrticks; tick++) {
        sched_tick(curcpu());
    }
    CHECK(curcpu()->ci_want_resched == 1);
}

TEST_CASE("sched: a nicer process starts lower", "[guestos][kern][sched]") {
    host::System system;
    proc* p = curlwp->l_proc;
    mutex_enter(p->p_lock);
    sched_nice(p, 30);
    mutex_exit(p->p_lock);
    CHECK(curlwp->l_priority == 21);
    CHECK(p->p_nice == 30);
    CHECK(system.fork()->p_nice == 30);
}

TEST_CASE("sched: who only yields uses its slices up too, and sinks", "[guestos][kern][sched]") {
    host::System system;
    REQUIRE(system.fork() != nullptr); // an equal to yield to
    lwp* l = curlwp;
    const pri_t base = l->l_priority;
    for (int tick = 0; tick < 2 * sched_rrticks; tick++) {
        CHECK_THROWS_AS(yield(), host::Switched);
        system.become(l->l_proc);
        sched_tick(curcpu());
    }
    CHECK(l->l_priority < base);
}

TEST_CASE("sched: who yields goes behind its equals, who is preempted before them",
          "[guestos][kern][sched]") {
    host::System system;
    proc* parent = curlwp->l_proc;
    proc* child = system.fork();
    REQUIRE(child != nullptr);
    try {
        yield();
    } catch (const host::Switched& s) {
        CHECK(s.to == child->p_lwps.first());
    }
    system.become(parent);
    CHECK_NOTHROW(preempt()); // nobody better: it is chosen again
    CHECK(curlwp == parent->p_lwps.first());
}

namespace {

void set_class(lwp* l, lwp_class sclass, pri_t pri) {
    lwp_lock(l);
    l->l_class = sclass;
    sched_changepri(l, pri);
    lwp_unlock(l);
}

} // namespace

TEST_CASE("sched: real time neither sinks nor is raised by a sleep or nice",
          "[guestos][kern][sched]") {
    host::System system;
    lwp* l = curlwp;
    const lwp_class sclass = GENERATE(SCHED_FIFO, SCHED_RR);
    set_class(l, sclass, PRI_USER_RT + 5);
    for (int tick = 0; tick < 10 * sched_rrticks; tick++) {
        sched_tick(curcpu());
    }
    CHECK(l->l_priority == PRI_USER_RT + 5);
    lwp_lock(l);
    sched_wakeup(l);
    lwp_unlock(l);
    mutex_enter(l->l_proc->p_lock);
    sched_nice(l->l_proc, 40);
    mutex_exit(l->l_proc->p_lock);
    CHECK(l->l_priority == PRI_USER_RT + 5);
}

TEST_CASE("sched: SCHED_RR gives way to an equal after its slice, SCHED_FIFO never",
          "[guestos][kern][sched]") {
    host::System system;
    const lwp_class sclass = GENERATE(SCHED_FIFO, SCHED_RR);
    set_class(curlwp, sclass, PRI_USER_RT + 5);
    proc* child = system.fork(); // of the same class and priority
    REQUIRE(child != nullptr);
    CHECK(child->p_lwps.first()->l_class == sclass);
    CHECK(child->p_lwps.first()->l_priority == PRI_USER_RT + 5);
    curcpu()->ci_want_resched = 0;
    for (int tick = 0; tick < 2 * sched_rrticks; tick++) {
        sched_tick(curcpu());
    }
    CHECK(curcpu()->ci_want_resched == (sclass == SCHED_RR ? 1 : 0));
}

TEST_CASE("sched: a change of priority is felt at once", "[guestos][kern][sched]") {
    host::System system;
    lwp* l = curlwp;
    set_class(l, SCHED_FIFO, PRI_USER_RT + 5);
    lwp* other = system.fork()->p_lwps.first();
    SECTION("another becomes better") {
        curcpu()->ci_want_resched = 0;
        set_class(other, SCHED_FIFO, PRI_USER_RT + 6);
        CHECK(curcpu()->ci_want_resched == 1);
    }
    SECTION("another becomes worse") {
        curcpu()->ci_want_resched = 0;
        set_class(other, SCHED_FIFO, PRI_USER_RT + 4);
        CHECK(curcpu()->ci_want_resched == 0);
    }
    SECTION("it becomes worse than another") {
        curcpu()->ci_want_resched = 0;
        set_class(l, SCHED_OTHER, PRI_USER + 5);
        CHECK(curcpu()->ci_want_resched == 1);
    }
    CHECK(other->l_qpriority == other->l_priority); // it stands in the right queue
}
