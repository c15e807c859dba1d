// Contents of frames: zeroing, copying, making instructions visible.

#include "machine/armreg.hpp"
#include "sys/param.hpp"
#include "uvm/uvm_page.hpp"
#include "uvm/uvm_pmap.hpp"

namespace {

// Bytes that DC ZVA zeroes; 0: it may not be used. DCZID_EL0, D12.2.35
vsize_t zva_block() {
    static vsize_t block = ~vsize_t{0};
    if (block == ~vsize_t{0}) {
        const u64 dczid = reg_dczid_el0_read();
        block = (dczid & 0x10) != 0 ? 0 : vsize_t{4} << (dczid & 0xf);
    }
    return block;
}

struct line_sizes {
    vsize_t data;        // smallest line of a data cache, bytes
    vsize_t instruction; // of an instruction cache
};

// CTR_EL0, D12.2.34
line_sizes cache_lines() {
    static line_sizes lines;
    if (lines.data == 0) {
        const u64 ctr = reg_ctr_el0_read();
        lines = {vsize_t{4} << ((ctr >> 16) & 0xf), vsize_t{4} << (ctr & 0xf)};
    }
    return lines;
}

} // namespace

void pmap_zero_page(paddr_t pa) {
    vaddr_t va = reinterpret_cast<vaddr_t>(pmap_direct_map(pa));
    const vaddr_t end = va + PAGE_SIZE;
    const vsize_t block = zva_block();
    if (block == 64) {
        for (; va < end; va += 256) {
            asm volatile("dc zva, %0\n\tdc zva, %1\n\tdc zva, %2\n\tdc zva, %3" ::"r"(va),
                         "r"(va + 64), "r"(va + 128), "r"(va + 192)
                         : "memory");
        }
    } else if (block != 0) {
        for (; va < end; va += block) {
            asm volatile("dc zva, %0" ::"r"(va) : "memory");
        }
    } else {
        for (; va < end; va += 32) {
            asm volatile("stp xzr, xzr, [%0]\n\tstp xzr, xzr, [%0, #16]" ::"r"(va) : "memory");
        }
    }
}

// 64 bytes a turn, by pairs.
void pmap_copy_page(paddr_t src, paddr_t dst) {
    const void* from = pmap_direct_map(src);
    void* to = pmap_direct_map(dst);
    u64 turns = PAGE_SIZE / 64;
    u64 a, b, c, d, e, f, g, h;
    asm volatile("1:\n\t"
                 "ldp %3, %4, [%0]\n\t"
                 "ldp %5, %6, [%0, #16]\n\t"
                 "ldp %7, %8, [%0, #32]\n\t"
                 "ldp %9, %10, [%0, #48]\n\t"
                 "add %0, %0, #64\n\t"
                 "stp %3, %4, [%1]\n\t"
                 "stp %5, %6, [%1, #16]\n\t"
                 "stp %7, %8, [%1, #32]\n\t"
                 "stp %9, %10, [%1, #48]\n\t"
                 "add %1, %1, #64\n\t"
                 "subs %2, %2, #1\n\t"
                 "b.ne 1b"
                 : "+r"(from), "+r"(to), "+r"(turns), "=&r"(a), "=&r"(b), "=&r"(c), "=&r"(d),
                   "=&r"(e), "=&r"(f), "=&r"(g), "=&r"(h)::"memory", "cc");
}

// Clean to the point of unification, then invalidate instructions, D4.4.7.
void pmap_sync_icache(paddr_t pa) {
    const vaddr_t va = reinterpret_cast<vaddr_t>(pmap_direct_map(pa));
    const line_sizes lines = cache_lines();
    for (vsize_t off = 0; off < PAGE_SIZE; off += lines.data) {
        asm volatile("dc cvau, %0" ::"r"(va + off) : "memory");
    }
    asm volatile("dsb ish" ::: "memory");
    for (vsize_t off = 0; off < PAGE_SIZE; off += lines.instruction) {
        asm volatile("ic ivau, %0" ::"r"(va + off) : "memory");
    }
    asm volatile("dsb ish\n\tisb" ::: "memory");
}
