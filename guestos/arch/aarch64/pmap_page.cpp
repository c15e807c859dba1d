// Contents of frames: zeroing, copying, making instructions visible.

#include "machine/armreg.hpp"
#include "sys/cdefs.hpp"
#include "sys/param.hpp"
#include "uvm/uvm_page.hpp"
#include "uvm/uvm_pmap.hpp"

extern "C" {
void page_zero_zva64(void* page);
void page_copy(const void* from, void* to);
}

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
    auto* va = static_cast<u8*>(pmap_direct_map(pa));
    const vsize_t block = zva_block();
    if (predict_true(block == 64)) {
        page_zero_zva64(va);
        return;
    }
    for (const u8* end = va + PAGE_SIZE; va < end; va += max(block, vsize_t{16})) {
        if (block != 0) {
            asm volatile("dc zva, %0" ::"r"(va) : "memory");
        } else {
            asm volatile("stp xzr, xzr, [%0]" ::"r"(va) : "memory");
        }
    }
}

void pmap_copy_page(paddr_t src, paddr_t dst) {
    page_copy(pmap_direct_map(src), pmap_direct_map(dst));
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
