// Address space identifiers, and what the TLB may still know.
//
// ASIDs are given out in rising order, one to each space when it first runs.
// A space that dies does not give its ASID back, so that stale TLB entries
// under it harm nobody. When all have been given out a new generation begins:
// the whole TLB is invalidated, ASIDs that are in use on a CPU keep their
// number, and every other space gets a new one when it runs next. A space of
// an older generation therefore has nothing in any TLB.

#include "machine/armreg.hpp"
#include "machine/cpu.hpp"
#include "machine/pmap.hpp"

namespace {

constexpr unsigned kGenerationShift = 16;
constexpr u64 kAsidMask = 0xffff;

u64 generation = 1;
u64 next_asid = 1; // 0 is the kernel's
u64 asid_limit = 256;
u64 asid_most = 256; // that the CPU has

u64 generation_of(u64 value) {
    return value >> kGenerationShift;
}

// Is the number in use on another CPU, carried over from the last generation?
bool in_use_elsewhere(u64 asid) {
    for (unsigned i = 0; i < ncpu; ++i) {
        if ((cpu_lookup(i)->ci_asid & kAsidMask) == asid) {
            return true;
        }
    }
    return false;
}

// Everything is forgotten but the ASIDs that CPUs use at this moment.
void new_generation() {
    ++generation;
    next_asid = 1;
    for (unsigned i = 0; i < ncpu; ++i) {
        cpu_info* ci = cpu_lookup(i);
        if (ci->ci_pmap != nullptr) {
            ci->ci_asid = (generation << kGenerationShift) | (ci->ci_asid & kAsidMask);
            ci->ci_pmap->pm_asid = ci->ci_asid;
        }
    }
    pmap_ptes_visible();
    if (ncpu > 1) {
        asm volatile("tlbi vmalle1is" ::: "memory");
    } else {
        asm volatile("tlbi vmalle1" ::: "memory");
    }
    asm volatile("dsb ish\n\tisb" ::: "memory");
}

// With one CPU nobody else's TLB is told: machines take longer over a broadcast,
// even to nobody.
void tlbi_vale1(u64 operand) {
    if (ncpu > 1) {
        asm volatile("tlbi vale1is, %0" ::"r"(operand) : "memory");
    } else {
        asm volatile("tlbi vale1, %0" ::"r"(operand) : "memory");
    }
}

void tlbi_aside1(u64 operand) {
    if (ncpu > 1) {
        asm volatile("tlbi aside1is, %0" ::"r"(operand) : "memory");
    } else {
        asm volatile("tlbi aside1, %0" ::"r"(operand) : "memory");
    }
}

// Operand of TLBI by address, D5.10.2: ASID in 63:48, VA[55:12] in 43:0.
u64 tlbi_operand(const pmap* pm, vaddr_t va) {
    return ((pm->pm_asid & kAsidMask) << 48) | ((va >> 12) & 0xfff'ffff'ffff);
}

} // namespace

void pmap_asid_init() {
    const u64 bits = (reg_id_aa64mmfr0_el1_read() >> 4) & 0xf;
    asid_limit = asid_most = bits == 2 ? 65536 : 256;
}

bool pmap_asid_current(const pmap* pm) {
    return generation_of(pm->pm_asid) == generation;
}

void pmap_asid_assign(cpu_info* ci, pmap* pm) {
    if (!pmap_asid_current(pm)) {
        // The CPU is about to leave the space that it has.
        ci->ci_pmap = nullptr;
        do {
            if (next_asid >= asid_limit) {
                new_generation();
            }
            pm->pm_asid = (generation << kGenerationShift) | next_asid++;
        } while (ncpu > 1 && in_use_elsewhere(pm->pm_asid & kAsidMask));
    }
    ci->ci_asid = pm->pm_asid;
}

unsigned pmap_asid(pmap_t pm) {
    return pmap_asid_current(pm) ? static_cast<unsigned>(pm->pm_asid & kAsidMask) : 0;
}

void pmap_tlb_invalidate_va(const pmap* pm, vaddr_t va) {
    if (pm == pmap_kernel()) {
        pmap_tlb_invalidate_kernel(va, 1);
        return;
    }
    pmap_ptes_visible();
    if (pmap_asid_current(pm)) {
        tlbi_vale1(tlbi_operand(pm, va));
        asm volatile("dsb ish" ::: "memory");
    }
}

void pmap_tlb_invalidate_asid(const pmap* pm) {
    pmap_ptes_visible();
    if (pmap_asid_current(pm)) {
        tlbi_aside1(pm->pm_asid << 48);
        asm volatile("dsb ish" ::: "memory");
    }
}

void pmap_tlb_invalidate_kernel(vaddr_t va, unsigned npages) {
    pmap_ptes_visible();
    for (; npages > 0; --npages, va += PAGE_SIZE) {
        asm volatile("tlbi vaale1is, %0" ::"r"((va >> 12) & 0xfff'ffff'ffff) : "memory");
    }
    asm volatile("dsb ish\n\tisb" ::: "memory");
}

void pmap_tlb_flush_pending(pmap* pm) {
    if (pm->pm_npending > PMAP_NPENDING) {
        pmap_tlb_invalidate_asid(pm);
    } else {
        for (unsigned i = 0; i < pm->pm_npending; ++i) {
            pmap_tlb_invalidate_va(pm, pm->pm_pending[i]);
        }
    }
    pm->pm_npending = 0;
}

unsigned pmap_asid_limit(unsigned n) {
    if (n != 0) {
        asid_limit = min<u64>(n, asid_most);
    }
    return static_cast<unsigned>(asid_limit);
}
