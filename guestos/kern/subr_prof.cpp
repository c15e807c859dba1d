// profil(2): a histogram of where a program spends its time.
//
// Each clock tick in user mode makes one of the program's 16-bit counters one more:
// the one that stands for the place of the program counter. Counters are user memory,
// so the tick only notes the place, and the LWP counts it on its way back.
#include "machine/cpu.hpp"
#include "sys/proc.hpp"
#include "sys/resourcevar.hpp"
#include "sys/sysent.hpp"
#include "sys/systm.hpp"

namespace {

// The counter for `pc`. => 0: there is none
vaddr_t counter_for(const uprof& prof, vaddr_t pc) {
    if (pc < prof.pr_off) {
        return 0;
    }
    const u64 index = (pc - prof.pr_off) * prof.pr_scale >> 16 & ~u64{1};
    return prof.pr_size >= sizeof(u16) && index <= prof.pr_size - sizeof(u16) ? prof.pr_base + index
                                                                              : 0;
}

Errno add_to_counter(vaddr_t counter, u32 ticks) {
    u16 count = 0;
    const Errno error = copyin(reinterpret_cast<const void*>(counter), count);
    if (error != EOK) {
        return error;
    }
    count = static_cast<u16>(count + ticks);
    return copyout(count, reinterpret_cast<void*>(counter));
}

} // namespace

void stopprofclock(proc* p) {
    mutex_spin_enter(&p->p_stmutex);
    p->p_stflag &= ~PST_PROFIL;
    mutex_spin_exit(&p->p_stmutex);
}

void addupc_intr(lwp* l, vaddr_t pc) {
    if (counter_for(l->l_proc->p_stats->p_prof, pc) != 0) {
        l->l_prof_pc = pc;
        l->l_prof_ticks++;
        l->l_pflag |= LP_OWEUPC;
        cpu_signotify(l);
    }
}

void addupc_task(lwp* l) {
    proc* p = l->l_proc;
    mutex_spin_enter(&p->p_stmutex);
    const vaddr_t counter = counter_for(p->p_stats->p_prof, l->l_prof_pc);
    const bool on = (p->p_stflag & PST_PROFIL) != 0;
    const u32 ticks = l->l_prof_ticks;
    l->l_prof_ticks = 0;
    l->l_pflag &= ~LP_OWEUPC;
    mutex_spin_exit(&p->p_stmutex);
    if (on && counter != 0 && add_to_counter(counter, ticks) != EOK) {
        stopprofclock(p);
    }
}

// counters, their bytes, first address, bytes of counters for 65,536 of program (0: stop)
Errno sys_profil(lwp* l, const syscall_args* uap, register_t*) {
    constexpr u32 kEachByte = 1 << 16;
    const uprof prof{uap->integer<u64>(0), uap->integer<u64>(1), uap->integer<u64>(2),
                     uap->integer<u32>(3)};
    if (prof.pr_scale > kEachByte) {
        return EINVAL;
    }
    proc* p = l->l_proc;
    mutex_spin_enter(&p->p_stmutex);
    p->p_stats->p_prof = prof;
    p->p_stflag = prof.pr_scale != 0 ? p->p_stflag | PST_PROFIL : p->p_stflag & ~PST_PROFIL;
    mutex_spin_exit(&p->p_stmutex);
    return EOK;
}
