// The kernel's own translation tables, made once at boot: image, RAM and
// devices. Everything is mapped either writable or executable, never both.
//
//   KERNEL_BASE               image: text r-x, rodata r--, data and bss rw-
//   AARCH64_DIRECTMAP_START   RAM rw- by the largest blocks that fit; text and
//                             rodata r-- there as well
//   VM_KERNEL_IO_ADDRESS      device registers
//   VM_MIN_KERNEL_ADDRESS     kernel_map: empty, filled by pmap_kenter_pa

#include "machine/armreg.hpp"
#include "machine/machdep.hpp"
#include "machine/pmap.hpp"
#include "sys/systm.hpp"

// From kernel.ld.
extern "C" {
extern u8 _start_of_image[], __etext[], __erodata[], lwp0_guard[], lwp0_uarea[], _end[];
extern u8 empty_table[];
}

namespace {

vaddr_t io_next = VM_KERNEL_IO_ADDRESS;

pt_entry_t* table_at(pt_entry_t descriptor) {
    return static_cast<pt_entry_t*>(pmap_direct_map(descriptor & LX_ADDRESS));
}

paddr_t image_pa(const u8* symbol) {
    return reinterpret_cast<vaddr_t>(symbol) - kern_vtopdiff;
}

// A zeroed page for a table.
pt_entry_t* steal_table(bootmem* bm) {
    auto* table = static_cast<pt_entry_t*>(pmap_direct_map(bootmem_steal(bm, PAGE_SIZE)));
    memset(table, 0, PAGE_SIZE);
    return table;
}

// The table that entry `index` of `table` points to, made if need be.
pt_entry_t* next_table(bootmem* bm, pt_entry_t* table, unsigned index) {
    if (table[index] == 0) {
        table[index] = pmap_direct_unmap(steal_table(bm)) | LX_TABLE;
    }
    return table_at(table[index]);
}

// Maps [va, va + size) to pa with blocks as large as alignment allows.
void map_range(bootmem* bm, pt_entry_t* l1, vaddr_t va, paddr_t pa, psize_t size,
               pt_entry_t attributes) {
    for (const vaddr_t end = va + size; va < end;) {
        const u64 left = end - va;
        u64 step = 0;
        if (((va | pa) & (L1_SIZE - 1)) == 0 && left >= L1_SIZE) {
            l1[l1_index(va)] = pa | attributes | LX_BLOCK;
            step = L1_SIZE;
        } else if (((va | pa) & (L2_SIZE - 1)) == 0 && left >= L2_SIZE) {
            next_table(bm, l1, l1_index(va))[l2_index(va)] = pa | attributes | LX_BLOCK;
            step = L2_SIZE;
        } else {
            pt_entry_t* l2 = next_table(bm, l1, l1_index(va));
            pt_entry_t* l3 = next_table(bm, l2, l2_index(va));
            step = min(left, L2_SIZE - (va & (L2_SIZE - 1))); // what one table holds
            for (u64 off = 0; off < step; off += PAGE_SIZE) {
                l3[l3_index(va + off)] = (pa + off) | attributes | L3_PAGE;
            }
        }
        va += step;
        pa += step;
    }
}

void map_image(bootmem* bm, pt_entry_t* l1) {
    const auto part = [&](const u8* from, const u8* to, pt_entry_t attributes) {
        map_range(bm, l1, reinterpret_cast<vaddr_t>(from), image_pa(from),
                  static_cast<psize_t>(to - from), attributes);
    };
    part(_start_of_image, __etext, LX_KERNEL_RX);
    part(__etext, __erodata, LX_KERNEL_RO);
    part(__erodata, lwp0_guard, LX_KERNEL_RW);
    part(lwp0_uarea, _end, LX_KERNEL_RW); // the guard stays unmapped
}

void map_ram(bootmem* bm, pt_entry_t* l1) {
    const auto part = [&](paddr_t from, paddr_t to, pt_entry_t attributes) {
        map_range(bm, l1, AARCH64_DIRECTMAP_START + from, from, to - from, attributes);
    };
    part(bm->bm_ram.start, image_pa(_start_of_image), LX_KERNEL_RW);
    part(image_pa(_start_of_image), image_pa(__erodata), LX_KERNEL_RO);
    part(image_pa(__erodata), bm->bm_ram.end, LX_KERNEL_RW);
}

} // namespace

void pmap_bootstrap(bootmem* bm) {
    pt_entry_t* l1 = steal_table(bm);
    map_image(bm, l1);
    map_ram(bm, l1);
    // Room for device registers: one table of pages.
    pt_entry_t* io_l2 = next_table(bm, l1, l1_index(VM_KERNEL_IO_ADDRESS));
    next_table(bm, io_l2, l2_index(VM_KERNEL_IO_ADDRESS));

    kernel_pmap_store.pm_l1 = l1;
    kernel_pmap_store.pm_l1_pa = pmap_direct_unmap(l1);
    kernel_pmap_store.pm_refs = 1;
    asm volatile("dsb ishst" ::: "memory");
    pmap_switch_kernel(kernel_pmap_store.pm_l1_pa, kern_vtopdiff);
    reg_ttbr0_el1_write(image_pa(empty_table));
    // What the one-to-one mapping left in the TLB is global: every space had it.
    asm volatile("tlbi vmalle1\n\tdsb nsh\n\tisb" ::: "memory");
    pmap_asid_init();
}

vaddr_t pmap_mapdev(paddr_t pa, psize_t size) {
    const vaddr_t va = io_next;
    const paddr_t first = trunc_page(pa);
    const psize_t len = round_page(pa + size) - first;
    pt_entry_t* l3 = pmap_l3_table(&kernel_pmap_store, va);
    KASSERT(l2_index(va) == l2_index(va + len - 1));
    for (psize_t off = 0; off < len; off += PAGE_SIZE) {
        l3[l3_index(va + off)] = (first + off) | LX_KERNEL_DEVICE | L3_PAGE;
    }
    asm volatile("dsb ishst\n\tisb" ::: "memory");
    io_next += len;
    return va + (pa - first);
}
