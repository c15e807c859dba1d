// selftest: what a program can see of every system call, one sentence a check.
// The output is the same on every machine and in every run.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { PAGE = 4096 };

// --- main.c ---
void headline(const char *text);
void check(bool condition, const char *sentence);
void check_error(long result, int number, const char *sentence); // -1 and errno
_Noreturn void give_up(const char *what);

// --- children.c ---
// Starts a child that runs `body` and exits with what it returns.
pid_t start(int (*body)(void *), void *argument);
int finish(pid_t pid);                                    // its wait status
int status_in_child(int (*body)(void *), void *argument); // both of the above
int signal_of(int wait_status);                           // 0: it exited
int exit_of(int wait_status);                             // -1: it was killed

// Bytes through a pipe, to put steps of two processes in order.
struct channel {
    int ends[2];
};
struct channel open_channel(void);
void tell(struct channel channel, char what);
char hear(struct channel channel);
void close_channel(struct channel channel);

// --- the groups ---
void test_processes(void);
void test_exec(void);
void test_files(void);
void test_pipes(void);
void test_bad_addresses(void);
void test_memory(void);
void test_cow(void);
void test_signals(void);
void test_handlers(void);
void test_time(void);
