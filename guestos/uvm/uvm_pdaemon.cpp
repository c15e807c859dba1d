// When frames run out: who waits for some, and who must go if none come.
//
// Deviation: NetBSD has a daemon that pushes pages out to disk, and kills the
// process whose fault finds no swap space. Here is no disk. A fault that finds no
// frame kills its process, too; whoever can only wait, in the middle of a fork,
// say, waits for a process that ends or unmaps something, and if that does not
// come about, the largest process is killed.

#include "machine/cpu.hpp"
#include "sys/inject.hpp"
#include "sys/log.hpp"
#include "sys/lwp.hpp"
#include "sys/pool.hpp"
#include "sys/proc.hpp"
#include "sys/signalvar.hpp"
#include "sys/systm.hpp"
#include "uvm/uvm_extern.hpp"
#include "uvm/uvm_physseg.hpp"

namespace {

constexpr unsigned kPatience = 20; // waits, of a tenth of a second each

// Who watches is told, so that a wait that never ends does not look like a dead machine.
void tell_wait(const char* wmesg) {
    static u64 last;
    if (ratecheck(&last, 10)) {
        const proc* p = curlwp->l_proc;
        const char* injected = inject_lasting();
        log(Warning, "UVM: pid %d (%s) waits for memory: %s%s%s", p->p_pid, p->p_comm, wmesg,
            injected == nullptr ? "" : ", failing by ", injected == nullptr ? "" : injected);
    }
}

// => false: a tenth of a second went by, and nothing was freed
bool wait_for_frames() {
    mutex_spin_enter(&physseg.lock);
    ++physseg.waiters;
    const bool freed = cv_timedwait(&physseg.freecv, &physseg.lock, hz / 10) == EOK;
    --physseg.waiters;
    physseg.vain = freed || !uvm_short_p() ? 0 : physseg.vain + 1;
    mutex_spin_exit(&physseg.lock);
    return freed;
}

// The process with most pages among those that can be killed and have not been.
// => proc_lock held
proc* largest_process() {
    proc* largest = nullptr;
    u64 most = 0;
    for (proc& p : allproc) {
        const bool mortal = (p.p_stat == SACTIVE || p.p_stat == SSTOP) && &p != initproc &&
                            (p.p_flag & PK_SYSTEM) == 0;
        if (!mortal || proc_is_killed(&p)) {
            continue;
        }
        const u64 pages = pmap_resident_count(p.p_vmspace->vm_map_.pmap);
        if (pages > most) {
            most = pages;
            largest = &p;
        }
    }
    return largest;
}

void kill_largest() {
    if (!mutex_tryenter(&proc_lock)) {
        return; // by whoever waits next
    }
    if (proc* p = largest_process()) {
        log(Err, "UVM: pid %d (%s) killed: out of memory", p->p_pid, p->p_comm);
        psignal(p, SIGKILL);
    }
    mutex_exit(&proc_lock);
}

} // namespace

void uvm_wait(const char* wmesg) {
    if (cold) {
        panic("out of memory at boot: %s", wmesg);
    }
    if (uvm_short_p() && uvm_reclaim()) {
        return;
    }
    tell_wait(wmesg);
    if (!wait_for_frames() && physseg.vain >= kPatience * (physseg.waiters + 1)) {
        physseg.vain = 0;
        kill_largest();
    }
}

bool uvm_reclaim() {
    uvm_uarea_drain();
    return pmap_reclaim() + pool_reclaim_all() > 0;
}
