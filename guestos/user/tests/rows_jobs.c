// Sessions, process groups, and job control on the terminal. Keys are typed by
// TIOCSTI, so no one has to sit there.
#include "rows.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/sysctl.h>
#include <termios.h>

enum { kTty = 0 };

static struct termios saved;

// The check's own group comes to the foreground, and nothing typed is echoed.
static void open_terminal(void) {
    struct termios quiet;
    signal(SIGTTOU, SIG_IGN);
    tcsetpgrp(kTty, getpgrp());
    tcgetattr(kTty, &saved);
    quiet = saved;
    quiet.c_lflag &= ~(unsigned)ECHO;
    tcsetattr(kTty, TCSANOW, &quiet);
}

static void close_terminal(void) {
    tcsetpgrp(kTty, getpgrp());
    tcsetattr(kTty, TCSAFLUSH, &saved);
}

static void type(const char *keys) {
    for (; *keys; keys++)
        ioctl(kTty, TIOCSTI, keys);
}

static void wait_for_ever(void) {
    for (;;)
        pause();
}

// A child that leads a group of its own, in the foreground.
static pid_t foreground_job(void (*job)(void)) {
    pid_t pid = fork();
    if (pid == 0) {
        setpgid(0, 0);
        signal(SIGTTOU, SIG_DFL);
        job();
        _exit(7);
    }
    setpgid(pid, pid);
    tcsetpgrp(kTty, pid);
    return pid;
}

static int status_of(pid_t pid) {
    int status = -1;
    return waitpid(pid, &status, WUNTRACED) == pid ? status : -1;
}

// What becomes of a job in the foreground when the key is pressed.
static int key_status(const char *key) {
    pid_t pid = foreground_job(wait_for_ever);
    usleep(20000);
    type(key);
    int status = status_of(pid);
    kill(pid, SIGKILL);
    if (WIFSTOPPED(status))
        status_of(pid);
    return status;
}

static bool control_characters(void) {
    open_terminal();
    int interrupted = key_status("\003"), quit = key_status("\034"), stopped = key_status("\032");
    close_terminal();
    EXPECT_EQ(WTERMSIG(interrupted), SIGINT);
    EXPECT_EQ(WTERMSIG(quit), SIGQUIT);
    EXPECT(WIFSTOPPED(stopped), "status 0x%x", stopped);
    EXPECT_EQ(WSTOPSIG(stopped), SIGTSTP);
    return true;
}

// errno of bringing a group to the foreground that can't be, or 0.
static int refused_group(pid_t pgid) {
    errno = 0;
    return tcsetpgrp(kTty, pgid) == -1 ? errno : 0;
}

static bool no_group(void) {
    open_terminal();
    int none = refused_group(getppid() + 20000), negative = refused_group(-5);
    bool kept = tcgetpgrp(kTty) == getpgrp();
    close_terminal();
    EXPECT_EQ(none, EPERM);
    EXPECT_EQ(negative, EINVAL);
    EXPECT(kept, "another group is in the foreground");
    return true;
}

static void read_a_line(void) {
    char line[16];
    _exit(read(kTty, line, sizeof(line)) == 3 && memcmp(line, "hi\n", 3) == 0 ? 3 : 4);
}

static bool background_read(void) {
    open_terminal();
    pid_t pid = foreground_job(read_a_line);
    tcsetpgrp(kTty, getpgrp()); // before it reads, or while it does
    kill(pid, SIGCONT);
    pid_t reader = fork();
    if (reader == 0) {
        setpgid(0, 0);
        read_a_line();
    }
    setpgid(reader, reader);
    int status = status_of(reader);
    tcsetpgrp(kTty, reader);
    kill(-reader, SIGCONT);
    type("hi\n");
    int end = status_of(reader);
    kill(pid, SIGKILL);
    status_of(pid);
    close_terminal();
    EXPECT(WIFSTOPPED(status), "status 0x%x", status);
    EXPECT_EQ(WSTOPSIG(status), SIGTTIN);
    EXPECT_EQ(WEXITSTATUS(end), 3);
    return true;
}

static bool background_write(void) {
    open_terminal();
    struct termios stop;
    tcgetattr(kTty, &stop);
    stop.c_lflag |= TOSTOP;
    tcsetattr(kTty, TCSANOW, &stop);
    pid_t pid = fork();
    if (pid == 0) {
        signal(SIGTTOU, SIG_DFL);
        setpgid(0, 0);
        _exit(write(kTty, "", 1) == 1 ? 3 : 4);
    }
    setpgid(pid, pid);
    int status = status_of(pid);
    kill(pid, SIGKILL);
    status_of(pid);
    close_terminal();
    EXPECT(WIFSTOPPED(status), "status 0x%x", status);
    EXPECT_EQ(WSTOPSIG(status), SIGTTOU);
    return true;
}

// The terminal is given to groups of the session, by who has it.
static bool terminal_is_given(void) {
    int report[2];
    char byte;
    EXPECT_EQ(pipe(report), 0);
    open_terminal();
    pid_t pid = fork();
    if (pid == 0) {
        setsid();
        write(report[1], "", 1);
        wait_for_ever();
    }
    read(report[0], &byte, 1);
    int other = tcsetpgrp(kTty, pid), why = errno;
    int nobody = tcsetpgrp(kTty, 29999), why_not = errno;
    kill(pid, SIGKILL);
    status_of(pid);
    pid = fork();
    if (pid == 0) {
        setpgid(0, 0);
        signal(SIGTTOU, SIG_DFL);
        tcsetpgrp(kTty, getpgrp());
        _exit(0);
    }
    int status = status_of(pid);
    kill(pid, SIGKILL);
    if (WIFSTOPPED(status))
        status_of(pid);
    close_terminal();
    EXPECT_EQ(other, -1);
    EXPECT_EQ(why, EPERM);
    EXPECT_EQ(nobody, -1);
    EXPECT_EQ(why_not, EPERM);
    EXPECT(WIFSTOPPED(status), "status 0x%x", status);
    EXPECT_EQ(WSTOPSIG(status), SIGTTOU);
    return true;
}

// A group whose last tie to the session goes while a member is stopped is hung
// up and continued.
static volatile sig_atomic_t heard;

static void hear(int number) {
    heard |= 1 << number;
}

static bool orphaned_group(void) {
    int report[2];
    EXPECT_EQ(pipe(report), 0);
    pid_t shell = fork();
    if (shell == 0) {
        setpgid(0, 0);
        pid_t job = fork();
        if (job == 0) {
            setpgid(0, 0);
            signal(SIGHUP, hear);
            signal(SIGCONT, hear);
            raise(SIGSTOP);
            int got = heard;
            write(report[1], &got, sizeof(got));
            _exit(0);
        }
        status_of(job); // it has stopped
        _exit(0);
    }
    EXPECT_EQ(status_of(shell), 0);
    int got = 0;
    EXPECT_EQ(read(report[0], &got, sizeof(got)), (long)sizeof(got));
    EXPECT_EQ(got, 1 << SIGHUP | 1 << SIGCONT);
    return true;
}

static bool sessions(void) {
    pid_t session = getsid(0), pid = fork();
    if (pid == 0) {
        bool leads = setsid() == getpid() && getsid(0) == getpid() && getpgrp() == getpid();
        bool no_terminal = open("/dev/tty", O_RDWR) == -1 && errno == ENXIO;
        bool once = setsid() == -1 && errno == EPERM;
        bool apart = setpgid(0, session) == -1 && errno == EPERM;
        apart = apart && setpgid(0, 0) == -1 && errno == EPERM; // nor does it lead anew
        raise(SIGTSTP); // nobody could continue it: it is not stopped
        _exit(leads && no_terminal && once && apart ? 3 : 4);
    }
    EXPECT_EQ(WEXITSTATUS(status_of(pid)), 3);
    EXPECT_EQ(setpgid(1, 1), -1);
    EXPECT_EQ(errno, ESRCH);
    pid = vfork(); // it has executed when we go on
    if (pid == 0) {
        execl("/bin/sleep", "sleep", "9", NULL);
        _exit(1);
    }
    EXPECT_EQ(setpgid(pid, pid), -1);
    EXPECT_EQ(errno, EACCES);
    kill(pid, SIGKILL);
    EXPECT_EQ(status_of(pid), SIGKILL);
    return true;
}

// --- F26, F28 ------------------------------------------------------------------------

static int info_of(pid_t pid, struct kinfo_proc2 *info) {
    int name[] = {CTL_KERN, KERN_PROC2, KERN_PROC_PID, pid, sizeof(*info), 1};
    size_t size = sizeof(*info);
    return sysctl(name, 6, info, &size, NULL, 0) == 0 && size == sizeof(*info) ? 0 : -1;
}

static bool terminal_is_kept(void) {
    struct kinfo_proc2 info;
    pid_t pid = fork();
    if (pid == 0)
        _exit(open("/dev/tty", O_RDWR) >= 0 ? 3 : 4);
    EXPECT_EQ(WEXITSTATUS(status_of(pid)), 3);
    pid = fork();
    if (pid == 0)
        wait_for_ever();
    int found = info_of(pid, &info);
    kill(pid, SIGKILL);
    status_of(pid);
    EXPECT_EQ(found, 0);
    EXPECT(info.p_eflag & EPROC_CTTY, "no terminal");
    EXPECT_EQ(info.p_exitsig, SIGCHLD);
    EXPECT_EQ(info.p_ppid, getpid());
    EXPECT_EQ(info.p__pgid, getpgrp());
    return true;
}

// The youngest child is the head of the list, where wait begins to look.
static bool youngest_first(void) {
    pid_t children[3];
    for (int i = 0; i < 3; i++) {
        children[i] = fork();
        if (children[i] == 0)
            _exit(0);
    }
    usleep(50000); // all are dead
    for (int i = 2; i >= 0; i--)
        EXPECT_EQ(wait(NULL), children[i]);
    return true;
}

// Where the program spends its time, four bytes of it to a counter.
static volatile unsigned short profile[32768];
enum { TEXT = 0x400000, QUARTER = 0x8000 };

static long ticks_counted(void) {
    long sum = 0;
    for (unsigned i = 0; i < sizeof(profile) / sizeof(profile[0]); i++)
        sum += profile[i];
    return sum;
}

static long counted_while_busy(void) {
    for (unsigned i = 0; i < sizeof(profile) / sizeof(profile[0]); i++)
        profile[i] = 0;
    for (volatile long i = 0; i < 20000000; i++)
        continue;
    return ticks_counted();
}

static bool profiled_child(void) {
    EXPECT_EQ(profil((char *)profile, sizeof(profile), TEXT, 65537), -1);
    EXPECT_EQ(errno, EINVAL);
    EXPECT_EQ(profil((char *)profile, sizeof(profile), TEXT, QUARTER), 0);
    EXPECT(counted_while_busy() > 0, "nothing counted");
    pid_t pid = fork();
    if (pid == 0)
        _exit(counted_while_busy() > 0 ? 7 : 1);
    EXPECT_EQ(status_of(pid), W_EXITCODE(7, 0));
    EXPECT_EQ(profil((char *)profile, sizeof(profile), TEXT, 0), 0);
    EXPECT_EQ(counted_while_busy(), 0);
    // Counters that are not there end it.
    EXPECT_EQ(profil((char *)8, sizeof(profile), TEXT, QUARTER), 0);
    EXPECT_EQ(counted_while_busy(), 0);
    EXPECT_EQ(profil((char *)profile, sizeof(profile), TEXT, 0), 0);
    return true;
}

static bool start_and_account(void) {
    struct kinfo_proc2 own, child;
    EXPECT_EQ(info_of(getpid(), &own), 0);
    usleep(50000);
    pid_t pid = fork();
    if (pid == 0)
        wait_for_ever();
    int found = info_of(pid, &child);
    kill(pid, SIGKILL);
    status_of(pid);
    EXPECT_EQ(found, 0);
    long later = ((long)child.p_ustart_sec - (long)own.p_ustart_sec) * 1000000 +
                 (long)child.p_ustart_usec - (long)own.p_ustart_usec;
    EXPECT(later >= 49000 && later < 10000000, "%ld us", later);
    EXPECT_EQ(child.p_acflag & 1, 1); // AFORK
    EXPECT_EQ(info_of(1, &own), 0);
    EXPECT_EQ(own.p_acflag & 1, 0); // init has executed a program
    return true;
}

static const struct row rows[] = {
    ROW("N6", "control characters signal the group in the foreground", control_characters),
    ROW("N6", "only a group of the session comes to the foreground", no_group),
    ROW("N6", "who reads in the background is stopped by SIGTTIN", background_read),
    ROW("N6", "who writes in the background is stopped by SIGTTOU if TOSTOP is set",
        background_write),
    ROW("N6", "the terminal is given within its session, by who has it", terminal_is_given),
    ROW("N6", "a stopped group that is orphaned is hung up and continued", orphaned_group),
    ROW("N6", "a session begins without a terminal, and is left by nobody", sessions),
    ROW("F26", "a child keeps the controlling terminal, and has its exit signal", terminal_is_kept),
    ROW("F26", "the youngest child is the first of its parent's children", youngest_first),
    ROW("F31", "a profiled parent's child is profiled", profiled_child),
    ROW("F31", "a child's start time is set, and that it has only forked", start_and_account),
};
ROWS_MAIN(rows)
