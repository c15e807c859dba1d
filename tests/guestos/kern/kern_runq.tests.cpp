#include "host/host_kern.hpp"
#include "sys/sched.hpp"

#include <catch2/catch_test_macros.hpp>

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
