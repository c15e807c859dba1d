/* sched(3), cpuset(3), and what posix_spawn makes of them. */
#include <sys/cdefs.h>
__RCSID("$NetBSD$");

#include <sys/param.h>
#include <sys/sysctl.h>
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <sched.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *
policy_name(int policy)
{
	return policy == SCHED_OTHER ? "SCHED_OTHER" : policy == SCHED_FIFO ? "SCHED_FIFO" :
	    policy == SCHED_RR ? "SCHED_RR" : "?";
}

static void
ranges(void)
{
	struct timespec ts;
	char name[16];
	size_t len = sizeof(name);

	printf("priorities %d to %d", sched_get_priority_min(SCHED_FIFO),
	    sched_get_priority_max(SCHED_RR));
	printf(", of no policy: %d, %s\n", sched_get_priority_max(3), strerror(errno));
	if (sched_rr_get_interval(0, &ts) == -1)
		err(EXIT_FAILURE, "sched_rr_get_interval");
	printf("slice: %ld ms\n", (long)(ts.tv_sec * 1000 + ts.tv_nsec / 1000000));
	printf("of no process: %d, %s\n", sched_rr_get_interval(29999, &ts), strerror(errno));
	if (sysctlbyname("kern.sched.name", name, &len, NULL, 0) == -1)
		err(EXIT_FAILURE, "kern.sched.name");
	printf("policy %s, priorities below %ld\n", name, sysconf(_SC_SCHED_PRI_MAX) + 1);
}

static void
policies(void)
{
	struct sched_param sp = { .sched_priority = 20 };
	int old;

	printf("%s\n", policy_name(sched_getscheduler(0)));
	if ((old = sched_setscheduler(0, SCHED_FIFO, &sp)) == -1)
		err(EXIT_FAILURE, "sched_setscheduler");
	printf("%s -> %s\n", policy_name(old), policy_name(sched_getscheduler(getpid())));
	sp.sched_priority = 21;
	if (sched_setparam(0, &sp) == -1 || sched_getparam(0, &sp) == -1)
		err(EXIT_FAILURE, "sched_setparam");
	printf("priority %d\n", sp.sched_priority);
	sp.sched_priority = -1;
	if ((old = sched_setscheduler(0, SCHED_RR, &sp)) == -1 || sched_getparam(0, &sp) == -1)
		err(EXIT_FAILURE, "sched_setscheduler");
	printf("%s -> %s, still %d\n", policy_name(old), policy_name(sched_getscheduler(0)),
	    sp.sched_priority);
	sp.sched_priority = -1;
	if (sched_setscheduler(0, SCHED_OTHER, &sp) == -1)
		err(EXIT_FAILURE, "sched_setscheduler");
	printf("%s again\n", policy_name(sched_getscheduler(0)));
}

static void
cpus(void)
{
	cpuset_t *set;

	if ((set = cpuset_create()) == NULL)
		err(EXIT_FAILURE, "cpuset_create");
	printf("empty: %d\n", cpuset_isset(0, set));
	cpuset_set(0, set);
	printf("set: %d,", cpuset_isset(0, set));
	cpuset_clr(0, set);
	printf(" cleared: %d,", cpuset_isset(0, set));
	printf(" too high: %d, %s\n", cpuset_set(4096, set), strerror(errno));
	cpuset_destroy(set);
}

static int
spawned(const char *self, short flags, int policy, int priority)
{
	char *argv[] = { __UNCONST(self), __UNCONST("child"), NULL };
	char *envp[] = { NULL };
	struct sched_param sp = { .sched_priority = priority };
	posix_spawnattr_t attr;
	pid_t pid;
	int error, status;

	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(&attr, flags);
	posix_spawnattr_setschedpolicy(&attr, policy);
	posix_spawnattr_setschedparam(&attr, &sp);
	if ((error = posix_spawn(&pid, self, NULL, &attr, argv, envp)) != 0)
		return error;
	waitpid(pid, &status, 0);
	posix_spawnattr_destroy(&attr);
	return WEXITSTATUS(status);
}

int
main(int argc, char **argv)
{
	struct sched_param sp;

	if (argc > 1) {
		sched_getparam(0, &sp);
		if (sched_getscheduler(0) == SCHED_OTHER)
			printf("child: %s\n", policy_name(SCHED_OTHER));
		else
			printf("child: %s, %d\n", policy_name(sched_getscheduler(0)),
			    sp.sched_priority);
		return 3;
	}
	setvbuf(stdout, NULL, _IONBF, 0);
	ranges();
	policies();
	cpus();
	printf("spawn: %d\n", spawned(argv[0], POSIX_SPAWN_SETSCHEDULER, SCHED_RR, 12));
	printf("spawn: %d\n", spawned(argv[0], 0, SCHED_RR, 12));
	printf("spawn: %s\n", strerror(spawned(argv[0], POSIX_SPAWN_SETSCHEDULER, SCHED_FIFO, 99)));
	return 0;
}
