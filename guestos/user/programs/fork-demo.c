// fork-demo: what happens to one page of memory when a process forks.
//
// Parent, child and grandchild look at and write to a page at the same virtual
// address. They take turns through pipes, so the order of the lines is fixed.
// What each step does to the page's frame is in the run's account.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAGE = 4096 };

// A page of its own, so that nothing else touches it.
static struct { char text[PAGE]; } page __attribute__((aligned(PAGE)));

static const char *who = "parent";

static void say(const char *what) {
    printf("%-10s %s\n", who, what);
    fflush(stdout);
}

static void look(const char *remark) {
    printf("%-10s reads  \"%s\"%s\n", who, page.text, remark);
    fflush(stdout);
}

static void change(const char *text, const char *remark) {
    strcpy(page.text, text);
    printf("%-10s writes \"%s\"%s\n", who, text, remark);
    fflush(stdout);
}

static void headline(const char *text) {
    printf("\n%s\n", text);
    fflush(stdout);
}

// A turn is one byte in a pipe.
static void give_turn(int fd) {
    if (write(fd, "", 1) != 1)
        exit(99);
}

static void take_turn(int fd) {
    char byte;
    if (read(fd, &byte, 1) != 1)
        exit(99);
}

static pid_t make(void) {
    fflush(stdout);
    pid_t pid = fork();
    if (pid == -1) {
        perror("fork");
        exit(99);
    }
    return pid;
}

static void await(pid_t pid, const char *name) {
    int status;
    if (waitpid(pid, &status, 0) != pid)
        exit(99);
    if (WIFEXITED(status))
        printf("%-10s learns that the %s has exited with status %d\n", who, name,
               WEXITSTATUS(status));
    else
        printf("%-10s learns that the %s was killed by signal %d\n", who, name, WTERMSIG(status));
    fflush(stdout);
}

static void be_grandchild(void) {
    who = "grandchild";
    look("");
    change("grandchild's", ": shared with the child, so the kernel copies the frame");
    exit(7);
}

static void be_child(int my_turn, int parents_turn) {
    who = "child";
    say("is here; it has a page at the same address, and fork copied no byte of it");
    look(": both processes map one frame, read-only");
    change("child's", ": the MMU faults, the kernel copies the frame, the store is repeated");
    look("");
    give_turn(parents_turn);

    take_turn(my_turn);
    look(": what the parent wrote meanwhile went to another frame");
    headline("3. A child of the child");
    pid_t grandchild = make();
    if (grandchild == 0)
        be_grandchild();
    await(grandchild, "grandchild");
    look("");
    change("child's again", ": the grandchild is gone, nobody shares the frame, no copy");
    exit(3);
}

static void be_reckless(void) {
    who = "child";
    say("stores to address 0, where nothing is mapped");
    *(volatile char *)0 = 1;
    say("is still here, which must not be");
    exit(98);
}

int main(void) {
    int to_child[2], to_parent[2];
    if (pipe(to_child) == -1 || pipe(to_parent) == -1) {
        perror("pipe");
        return 99;
    }

    printf("fork-demo: one page at %p, seen by a parent, a child and a grandchild\n",
           (void *)&page);
    headline("1. Sharing until somebody writes");
    change("parent's", " before fork");
    pid_t child = make();
    if (child == 0)
        be_child(to_child[0], to_parent[1]);
    take_turn(to_parent[0]);

    headline("2. The other side");
    look(": the child's store changed the child's frame only");
    change("parent's again", ": the last one to share the frame keeps it, no copy");
    give_turn(to_child[1]);
    await(child, "child");
    look(": nothing of all that has come through");

    headline("4. A store that is not allowed");
    pid_t reckless = make();
    if (reckless == 0)
        be_reckless();
    await(reckless, "child");
    look("");

    headline("fork-demo: done");
    return 0;
}
