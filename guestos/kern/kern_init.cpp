// The upper half starts up: process 0, the scheduler, the root file system, and
// process 1, which becomes init.
#include "machine/cpu.hpp"
#include "sys/callout.hpp"
#include "sys/conf.hpp"
#include "sys/event.hpp"
#include "sys/filedesc.hpp"
#include "sys/inject.hpp"
#include "sys/kauth.hpp"
#include "sys/kernel.hpp"
#include "sys/kmem.hpp"
#include "sys/ktrace.hpp"
#include "sys/leakcheck.hpp"
#include "sys/pipe.hpp"
#include "sys/proc.hpp"
#include "sys/resourcevar.hpp"
#include "sys/sched.hpp"
#include "sys/sdt.hpp"
#include "sys/sleepq.hpp"
#include "sys/systm.hpp"
#include "sys/vnode.hpp"
#include "uvm/uvm_extern.hpp"

void kern_init_early() {
    lwp0.l_proc = &proc0; // curlwp is lwp0 from the first instruction on
    sched_cpuattach(curcpu());
    sleeptab_init();
    callout_startup();
    kauth_init();
    uid_init();
    fd_sys_init();
    resource_init();
    signal_init();
    kqueue_init();
    ktrace_init();
    pipe_init();
    procinit();
    lwpinit();
    proc0_init();
    mutex_enter(proc0.p_lock);
    lwp0_init();
    mutex_exit(proc0.p_lock);
}

void kern_init_cpu(cpu_info* ci) {
    const Errno error = create_idle_lwp(ci);
    if (error != EOK) {
        panic("kern_init_cpu: no idle LWP: %d", error);
    }
    callout_init_cpu();
}

// --- init -----------------------------------------------------------------------------

namespace {

constexpr unsigned kMaxWords = 64;

// Options that the kernel takes for itself; other words of the form k=v become
// init's environment.
constexpr const char* kernel_options[] = {"init=", "inject.", "loglevel=", "selftest="};

// init's arguments and environment, out of a copy of the command line.
struct init_words {
    char* line;
    size_t size;
    char* argv[kMaxWords + 1];
    char* envp[kMaxWords + 1];
    unsigned argc, envc;
    const char* path;
};

bool is_environment(const char* word) {
    for (const char* option : kernel_options) {
        if (strncmp(word, option, strlen(option)) == 0) {
            return false;
        }
    }
    return *word != '=' && kstrchr(word, '=') != nullptr;
}

// Cuts the next word off the line; null at its end.
char* next_word(char** line) {
    char* p = *line;
    while (*p == ' ') {
        p++;
    }
    if (*p == '\0') {
        return nullptr;
    }
    char* word = p;
    while (*p != '\0' && *p != ' ') {
        p++;
    }
    if (*p == ' ') {
        *p++ = '\0';
    }
    *line = p;
    return word;
}

void init_parse(init_words* w) {
    w->size = strlen(boot.bi_bootargs) + 1;
    w->line = static_cast<char*>(kmem_alloc(w->size, KM_SLEEP));
    memcpy(w->line, boot.bi_bootargs, w->size);
    w->path = "/sbin/init";
    static char name[] = "init";
    w->argv[w->argc++] = name;
    bool arguments = false; // after "--"
    char* rest = w->line;
    while (char* word = next_word(&rest)) {
        if (arguments && w->argc < kMaxWords) {
            w->argv[w->argc++] = word;
        } else if (strcmp(word, "--") == 0) {
            arguments = true;
        } else if (strncmp(word, "init=", 5) == 0) {
            w->path = word + 5;
        } else if (is_environment(word) && w->envc < kMaxWords) {
            w->envp[w->envc++] = word;
        }
    }
}

// Standard input, output and error.
void open_console(lwp* l) {
    vnode* vp = nullptr;
    const Errno error = vn_open(l, "/dev/console", nullptr, FREAD | FWRITE, 0, &vp);
    file* fp = nullptr;
    int fd = -1;
    if (error != EOK || fd_allocfile(&fp, &fd) != EOK || fd != 0) {
        panic("init: no console: %d", error);
    }
    fp->f_type = DTYPE_VNODE;
    fp->f_ops = &vnops;
    fp->f_data = vp;
    fp->f_flag.store(FREAD | FWRITE);
    fd_affix(l->l_proc, fp, fd);
    for (int copy = 1; copy <= 2; copy++) {
        if (fd_dup2(fp, copy, false, false) != EOK) {
            panic("init: no descriptor %d", copy);
        }
    }
}

// Process 1's first code, in the kernel; it goes on as init.
void start_init(void*) {
    lwp* l = curlwp;
    frame_count(0);
    open_console(l);
    auto* w = kmem_new<init_words>(KM_SLEEP);
    init_parse(w);
    const Errno error = kern_execve(l, w->path, w->argv, w->envp);
    if (error != EJUSTRETURN) {
        panic("init: %s: error %d", w->path, error);
    }
    kmem_free(w->line, w->size);
    kmem_delete(w);
    inject_init();
    sdt_probe(abi::ProbeId::BootDone);
}

} // namespace

void kern_start() {
    sched_pstats_start();
    vfs_init();
    vfs_mountroot();
    constty_init();
    const Errno error =
        fork1(&lwp0, ForkFlags{}, SIGCHLD, nullptr, 0, start_init, nullptr, nullptr);
    if (error != EOK) {
        panic("fork of init: %d", error);
    }
    mutex_enter(&proc_lock);
    initproc = proc_find_raw(1);
    mutex_exit(&proc_lock);
    KASSERT(initproc != nullptr);
    for (;;) { // the swapper of old: there is nothing to swap
        (void)kpause("schedule", false, 3600 * hz, nullptr);
    }
}

void init_exited(int exitcode, int signo) {
    uvm_proc_exit(curlwp->l_proc); // its frames are counted as free
    frame_count(1);
    sdt_probe(abi::ProbeId::GuestStatus, signo != 0 ? 128 + signo : exitcode);
    cpu_reboot(RebootHow::PowerOff);
}
