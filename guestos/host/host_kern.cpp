// The fake machine under the upper half of the kernel: threads that are never
// really switched to, devices that are not there.

#include "host/host_kern.hpp"

#include "dev/drivers.hpp"
#include "machine/cpu.hpp"
#include "sys/conf.hpp"
#include "sys/filedesc.hpp"
#include "sys/kernel.hpp"
#include "sys/proc.hpp"
#include "sys/ptrace.hpp"
#include "sys/resourcevar.hpp"
#include "sys/sched.hpp"
#include "sys/signalvar.hpp"
#include "sys/sysent.hpp"
#include "sys/systm.hpp"
#include "uvm/uvm_extern.hpp"

#include <map>

namespace {

u64 clock_count;          // of the fake timer, nanoseconds
unsigned uareas_to_fail;  // allocations that come first
std::set<vaddr_t> uareas; // in use
std::vector<host::Handler> handlers;
std::map<const u64*, u64> rates; // when each rate limit was last used up, in ticks

} // namespace

// --- threads -----------------------------------------------------------------------------

// The thread that would run next is running now, as far as the kernel knows; the
// test goes on where it called the kernel.
lwp* cpu_switchto(lwp* oldlwp, lwp* newlwp, bool) {
    cpu_info* ci = curcpu();
    ci->ci_curlwp = newlwp;
    lwp_switched(oldlwp);
    spl0();
    throw host::Switched{oldlwp, newlwp};
}

void cpu_lwp_fork(lwp*, lwp* l2, void*, size_t, void (*)(void*), void*) {
    l2->l_md.md_utf = reinterpret_cast<trapframe*>(l2->l_addr);
}

void cpu_lwp_free(lwp*, bool) {}
void md_child_return(lwp*) {}
void cpu_idle() {
    throw host::Panic("idle for ever");
}
vaddr_t cpu_userpc(const lwp*) {
    return 0;
}

void cpu_signotify(lwp* l) {
    l->l_md.md_astpending = 1;
}
Errno cpu_lwp_setprivate(lwp*, void*) {
    return EOK;
}
void* cpu_lwp_getprivate(lwp*) {
    return nullptr;
}
void cpu_setregs(lwp* l, vaddr_t pc, vaddr_t sp) {
    *l->l_md.md_utf = {};
    l->l_md.md_utf->tf_pc = pc;
    l->l_md.md_utf->tf_sp = sp;
}
void cpu_reboot(RebootHow) {
    throw host::Panic("rebooted");
}

vaddr_t uvm_uarea_alloc() {
    if (uareas_to_fail > 0) {
        uareas_to_fail--;
        return 0;
    }
    const auto uaddr = reinterpret_cast<vaddr_t>(std::aligned_alloc(16, USPACE));
    uareas.insert(uaddr);
    uvmexp.uareas++;
    return uaddr;
}

void uvm_uarea_free(vaddr_t uaddr) {
    KASSERT(uareas.erase(uaddr) == 1);
    uvmexp.uareas--;
    std::free(reinterpret_cast<void*>(uaddr));
}

void uvm_lwp_setuarea(lwp* l, vaddr_t uaddr) {
    l->l_addr = uaddr;
}
vaddr_t uvm_lwp_getuarea(lwp* l) {
    return l->l_addr;
}

void sendsig(const ksiginfo* ksi, const abi::sigset_t*) {
    handlers.push_back({curlwp->l_proc->p_pid, ksi->ksi_info.signo});
}

// A tracer can't see registers that are the host's.
void process_read_regs(lwp*, abi::reg* regs) {
    *regs = {};
}
Errno process_write_regs(lwp*, const abi::reg*) {
    return EINVAL;
}
void process_read_fpregs(lwp*, abi::fpreg* regs) {
    *regs = {};
}
void process_write_fpregs(lwp*, const abi::fpreg*) {}
void process_sstep(lwp*, bool) {}
void process_set_pc(lwp* l, vaddr_t pc) {
    l->l_md.md_utf->tf_pc = pc;
}

void setucontext(lwp*, const abi::ucontext*) {}
Errno sys_getcontext(lwp*, const syscall_args*, register_t*) {
    return ENOSYS;
}
Errno sys_setcontext(lwp*, const syscall_args*, register_t*) {
    return ENOSYS;
}

// --- user space: addresses are the host's own ---------------------------------------------

Errno copyin(const void* uaddr, void* kaddr, size_t len) {
    if (len == 0) {
        return EOK;
    }
    if (uaddr == nullptr) {
        return EFAULT;
    }
    memcpy(kaddr, uaddr, len);
    return EOK;
}

Errno copyout(const void* kaddr, void* uaddr, size_t len) {
    if (len == 0) {
        return EOK;
    }
    if (uaddr == nullptr) {
        return EFAULT;
    }
    memcpy(uaddr, kaddr, len);
    return EOK;
}

Errno copyinstr(const void* uaddr, void* kaddr, size_t len, size_t* done) {
    if (uaddr == nullptr) {
        return EFAULT;
    }
    const size_t n = kstrnlen(static_cast<const char*>(uaddr), len);
    memcpy(kaddr, uaddr, n == len ? n : n + 1);
    if (done != nullptr) {
        *done = n == len ? n : n + 1;
    }
    return n == len ? ENAMETOOLONG : EOK;
}

// --- devices ----------------------------------------------------------------------------------

u64 gtmr_count() {
    return clock_count;
}
u64 gtmr_frequency() {
    return 1'000'000'000;
}
i64 plrtc_gettime() {
    return 1'750'000'000;
}

void constty_init() {}

namespace {

Errno no_transfer(dev_t, uio*, int) {
    return ENXIO;
}

} // namespace

const cdevsw cons_cdevsw{"cons",      nullptr, nullptr, no_transfer,
                         no_transfer, nullptr, nullptr, nullptr};
const cdevsw ctty_cdevsw = cons_cdevsw;

u64 sdt_string_arg(const char* s, unsigned word) {
    const size_t len = strlen(s);
    u64 value = 0;
    if (len > word * 8) {
        memcpy(&value, s + word * 8, min(size_t{8}, len - word * 8));
    }
    return value;
}

// Not by *last, which outlives a System.
bool ratecheck(u64* last, unsigned seconds) {
    const u64 now = getticks();
    const auto used = rates.find(last);
    if (used != rates.end() && now - used->second < u64{seconds} * hz) {
        return false;
    }
    rates[last] = now;
    return true;
}

// --- what tests use ---------------------------------------------------------------------------

namespace host {

System::System(unsigned frames) : kernel_(frames) {
    clock_count = 0;
    rates.clear();
    uareas_to_fail = 0;
    handlers.clear();
    memset(static_cast<void*>(&proc0), 0, sizeof(proc0));
    memset(static_cast<void*>(&lwp0), 0, sizeof(lwp0));
    cpu_info* ci = curcpu();
    memset(static_cast<void*>(&ci->ci_data), 0, sizeof(ci->ci_data));
    proc0.p_vmspace = &vmspace0;
    kern_init_early();
    kern_init_cpu(ci);
    // Kernel threads sleep for ever.
    for (lwp& l : proc0.p_lwps) {
        if (l.l_stat == LSRUN) {
            mutex_spin_enter(l.l_mutex);
            sched_dequeue(&l);
            l.l_stat = LSSLEEP;
            mutex_spin_exit(l.l_mutex);
        }
    }
    ci->ci_want_resched = 0;
    // Process 1, which nobody runs: it is there to inherit orphans.
    KASSERT(fork1(&lwp0, ForkFlags{}, SIGCHLD, nullptr, 0, nullptr, nullptr, nullptr) == EOK);
    mutex_enter(&proc_lock);
    initproc = proc_find_raw(1);
    mutex_exit(&proc_lock);
    become(initproc);
    execsigs(initproc);
}

// What processes still hold of the host's own memory is given back.
System::~System() {
    for (proclist* list : {&allproc, &zombproc}) {
        for (proc& p : *list) {
            if (p.p_vmspace != &vmspace0) {
                uvmspace_free(p.p_vmspace);
            }
        }
    }
    for (const vaddr_t uaddr : uareas) {
        std::free(reinterpret_cast<void*>(uaddr));
    }
    uareas.clear();
}

void System::become(proc* p) {
    lwp* l = p->p_lwps.first();
    cpu_info* ci = curcpu();
    schedstate_percpu& spc = ci->ci_data.cpu_schedstate;
    if (l->l_stat == LSRUN) {
        mutex_spin_enter(spc.spc_mutex);
        sched_dequeue(l);
        mutex_spin_exit(spc.spc_mutex);
    }
    lwp* old = ci->ci_curlwp;
    if (old != l && (old->l_flag & LW_SYSTEM) != 0) {
        old->l_running = false;
        old->l_stat = LSSLEEP;
    } else if (old != l && old->l_stat == LSONPROC) {
        old->l_running = false;
        old->l_stat = LSRUN;
        old->l_mutex = spc.spc_mutex;
        mutex_spin_enter(spc.spc_mutex);
        sched_enqueue(old);
        mutex_spin_exit(spc.spc_mutex);
    }
    l->l_stat = LSONPROC;
    l->l_running = true;
    l->l_mutex = spc.spc_lwplock;
    ci->ci_curlwp = l;
}

proc* System::fork(ForkFlags flags, int exitsig) {
    register_t retval[2] = {};
    try {
        if (fork1(curlwp, flags, exitsig, nullptr, 0, nullptr, nullptr, retval) != EOK) {
            return nullptr;
        }
    } catch (const Switched&) { // it waits for the child
    }
    mutex_enter(&proc_lock);
    proc* child = proc_find_raw(static_cast<pid_t>(retval[0]));
    mutex_exit(&proc_lock);
    return child;
}

void System::exit(proc* p, int code, int signo) {
    become(p);
    mutex_enter(p->p_lock);
    try {
        exit1(curlwp, code, signo);
    } catch (const Switched&) {
    }
}

void System::fail_uareas(unsigned n) {
    uareas_to_fail = n;
}
size_t System::uareas_in_use() const {
    return uareas.size();
}
void System::advance(u64 nanoseconds) {
    clock_count += nanoseconds;
}

std::vector<Handler> take_handlers() {
    return std::exchange(handlers, {});
}

} // namespace host
