/* Producers and consumers: processes share a ring by mmap(2), and in each
 * process LWPs do the work. Locks are atomic words. */
#include <sys/types.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include <err.h>
#include <lwp.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <ucontext.h>
#include <unistd.h>

#define SLOTS		8
#define ITEMS		200
#define NLWPS		2
#define STACKSIZE	32768

struct ring {
	atomic_flag	lock;
	unsigned	head, tail;
	int		slot[SLOTS];
	int		produced, consumed;
	long		sum;
};

static struct ring *ring;

static void
lock(void)
{
	while (atomic_flag_test_and_set(&ring->lock))
		sched_yield();
}

static void
unlock(void)
{
	atomic_flag_clear(&ring->lock);
}

static void
produce(void *arg)
{
	int done = 0;

	(void)arg;
	while (!done) {
		lock();
		if ((done = ring->produced == ITEMS) == 0 && ring->head - ring->tail < SLOTS)
			ring->slot[ring->head++ % SLOTS] = ++ring->produced;
		unlock();
		sched_yield();
	}
	_lwp_exit();
}

static void
consume(void *arg)
{
	int done = 0;

	(void)arg;
	while (!done) {
		lock();
		if ((done = ring->consumed == ITEMS) == 0 && ring->head != ring->tail) {
			ring->sum += ring->slot[ring->tail++ % SLOTS];
			ring->consumed++;
		}
		unlock();
		sched_yield();
	}
	_lwp_exit();
}

static void
work(void (*function)(void *))
{
	ucontext_t uc;
	lwpid_t lid[NLWPS];

	for (int i = 0; i < NLWPS; i++) {
		_lwp_makecontext(&uc, function, NULL, NULL, malloc(STACKSIZE), STACKSIZE);
		if (_lwp_create(&uc, 0, &lid[i]) == -1)
			err(1, "_lwp_create");
	}
	for (int i = 0; i < NLWPS; i++)
		if (_lwp_wait(lid[i], NULL) == -1)
			err(1, "_lwp_wait");
}

int
main(void)
{
	ring = mmap(NULL, sizeof(*ring), PROT_READ | PROT_WRITE, MAP_ANON | MAP_SHARED, -1, 0);
	if (ring == MAP_FAILED)
		err(1, "mmap");
	for (int i = 0; i < 3; i++)
		switch (fork()) {
		case -1:
			err(1, "fork");
		case 0:
			work(i == 0 ? produce : consume);
			_exit(0);
		}
	while (wait(NULL) != -1)
		continue;
	printf("produced %d, consumed %d, sum %ld\n", ring->produced, ring->consumed, ring->sum);
	return munmap(ring, sizeof(*ring));
}
