// Single steps: breakpoints that are there while the thread is in user mode.

#include "machine/machdep.hpp"
#include "machine/step.hpp"
#include "sys/proc.hpp"
#include "sys/ptrace.hpp"
#include "sys/systm.hpp"
#include "uvm/uvm_extern.hpp"

namespace {

constexpr u32 kBrk = 0xd4200000; // BRK #0

bool fetch(vaddr_t va, u32* insn) {
    return va < VM_MAXUSER_ADDRESS && copyin(reinterpret_cast<const void*>(va), *insn) == EOK;
}

// Puts an instruction there. => the one that was
u32 exchange(paddr_t word, u32 insn) {
    auto* page = static_cast<u8*>(pmap_direct_map(trunc_page(word)));
    auto* at = reinterpret_cast<u32*>(page + (word & PAGE_MASK));
    const u32 old = *at;
    *at = insn;
    pmap_sync_icache(trunc_page(word));
    return old;
}

// The word in the program's own copy of its page; 0 where that can't be.
paddr_t step_word(lwp* l, vaddr_t va) {
    vm_map* map = &l->l_proc->p_vmspace->vm_map_;
    paddr_t pa;
    if ((va & 3) != 0 || va >= VM_MAXUSER_ADDRESS ||
        uvm_fault_debug(map, va, VM_PROT_WRITE) != EOK ||
        !pmap_extract(map->pmap, trunc_page(va), &pa)) {
        return 0;
    }
    return pa + (va & PAGE_MASK);
}

u64 switches(const lwp* l) {
    return l->l_nvcsw + l->l_nivcsw;
}

} // namespace

void process_sstep(lwp* l, bool step) {
    l->l_md.md_step.wanted = step;
}

// Where no breakpoint can be the program runs on: it faults there, or the memory
// is shared with others, whom a breakpoint would stop.
void step_plant(lwp* l) {
    mdstep& step = l->l_md.md_step;
    const trapframe* tf = l->l_md.md_utf;
    u32 insn = 0;
    step.targets.count = 0;
    if (!fetch(tf->tf_pc, &insn)) {
        return;
    }
    step.targets = step_decode({tf->tf_pc, tf->tf_spsr, tf->tf_x}, insn, fetch);
    for (u64 before = ~switches(l); before != switches(l);) {
        before = switches(l); // finding a word may sleep, and others may run
        for (unsigned i = 0; i < step.targets.count; i++) {
            step.word[i] = step_word(l, step.targets.at[i]);
        }
    }
    for (unsigned i = 0; i < step.targets.count; i++) {
        if (step.word[i] != 0) {
            step.saved[i] = exchange(step.word[i], kBrk);
        }
    }
    step.planted = step.targets.count;
}

void step_unplant(lwp* l) {
    mdstep& step = l->l_md.md_step;
    while (step.planted > 0) {
        const unsigned i = --step.planted;
        if (step.word[i] != 0) {
            (void)exchange(step.word[i], step.saved[i]);
        }
    }
}

bool step_done(lwp* l, vaddr_t pc) {
    mdstep& step = l->l_md.md_step;
    for (unsigned i = 0; i < step.targets.count && step.wanted; i++) {
        if (step.targets.at[i] == pc && step.word[i] != 0) {
            step.wanted = false;
            return true;
        }
    }
    return false;
}
