// Start-up of the first CPU, from start.S to main; power control.
//
//   start.S          MMU on with the first tables, upper half, stack
//   aarch64_init     device tree, final tables, console, physical memory
//   kernel_main      kern/init_main.cpp: everything else

#include "machine/machdep.hpp"
#include "dev/drivers.hpp"
#include "dev/fdt.hpp"
#include "machine/armreg.hpp"
#include "sys/lwp.hpp"
#include "sys/sdt.hpp"
#include "sys/systm.hpp"
#include "uvm/uvm_extern.hpp"

#include "arch/aarch64/asm.h"

// What assembler believes about structures.
static_assert(sizeof(trapframe) == TF_SIZE);
static_assert(__builtin_offsetof(trapframe, tf_sp) == TF_SP);
static_assert(__builtin_offsetof(trapframe, tf_pc) == TF_PC);
static_assert(__builtin_offsetof(trapframe, tf_esr) == TF_ESR);
static_assert(sizeof(pcb) == PCB_SIZE && USPACE == UAREA_SIZE);
static_assert(__builtin_offsetof(pcb, pcb_sp) == PCB_SP);
static_assert(__builtin_offsetof(pcb, pcb_onfault) == PCB_ONFAULT);

cpu_info cpu_info_store[MAXCPUS];
unsigned ncpu = 1;
vaddr_t kern_vtopdiff;
bootinfo boot;
bool cold = true;

extern "C" {
extern u8 _start_of_image[], _end[], lwp0_uarea[];
extern void (*__init_array_start[])();
extern void (*__init_array_end[])();
}

namespace {

alignas(16) u8 overflow_stack[MAXCPUS][4096];
char bootargs[2048];

// Constructors of globals whose initial values are not constant.
void run_constructors() {
    for (auto* f = __init_array_start; f != __init_array_end; ++f) {
        (*f)();
    }
}

void find_memory(bootmem* bm) {
    psize_t size;
    const fdt_node node = fdt_find_path("memory");
    if (node < 0 || !fdt_get_reg(node, 0, &bm->bm_ram.start, &size)) {
        panic("no memory in the device tree");
    }
    bm->bm_ram.end = bm->bm_ram.start + size;
    boot.bi_memsize = size;
}

void find_chosen(bootmem* bm) {
    const fdt_node chosen = fdt_find_path("chosen");
    const char* args = chosen < 0 ? nullptr : fdt_getprop_string(chosen, "bootargs");
    if (args != nullptr) {
        kstrlcpy(bootargs, args, sizeof(bootargs));
    }
    boot.bi_bootargs = bootargs;
    const char* model = fdt_getprop_string(0, "compatible");
    kstrlcpy(boot.bi_model, model == nullptr ? "unknown" : model, sizeof(boot.bi_model));
    u64 start, end;
    if (chosen >= 0 && fdt_getprop_number(chosen, "linux,initrd-start", &start) &&
        fdt_getprop_number(chosen, "linux,initrd-end", &end)) {
        boot.bi_initrd = static_cast<const u8*>(pmap_direct_map(start));
        boot.bi_initrd_size = end - start;
        bootmem_take(bm, start, end);
    }
}

void attach_lwp0(cpu_info* ci) {
    ci->ci_mpidr = reg_mpidr_el1_read() & 0xff00ffffff;
    ci->ci_ovf_sp = reinterpret_cast<vaddr_t>(overflow_stack[0]) + sizeof(overflow_stack[0]);
    ci->ci_cpl = IPL_HIGH;
    ci->ci_curlwp = &lwp0;
    uvm_lwp_setuarea(&lwp0, reinterpret_cast<vaddr_t>(lwp0_uarea));
    memset(lwp_getpcb(&lwp0), 0, sizeof(pcb));
    memset(lwp0.l_md.md_utf, 0, sizeof(trapframe));
    lwp0.l_cpu = ci;
}

} // namespace

// => x0, x1 of start.S: where the device tree and the image are in RAM
void aarch64_init(paddr_t fdt, paddr_t image) {
    run_constructors();
    cpu_info* ci = &cpu_info_store[0];
    attach_lwp0(ci);
    kern_vtopdiff = reinterpret_cast<vaddr_t>(_start_of_image) - image;
    if (!fdt_init(pmap_direct_map(fdt))) {
        cpu_reboot(RebootHow::PowerOff); // there is no console to complain on
    }
    bootmem bm{};
    bm.bm_free = round_page(reinterpret_cast<vaddr_t>(_end) - kern_vtopdiff);
    bootmem_take(&bm, image, bm.bm_free);
    bootmem_take(&bm, fdt, fdt + fdt_totalsize());
    find_memory(&bm);
    find_chosen(&bm);
    pmap_bootstrap(&bm);
    psci_attach();
    plcom_attach();
    probe_attach();
    sdt_probe(abi::ProbeId::Layout, &kernel_layout);
    bootmem_load(&bm);
    kernel_main();
}

void cpu_reboot(RebootHow how) {
    intr_mask();
    switch (how) {
    case RebootHow::PowerOff:
        psci_system_off();
        break;
    case RebootHow::Restart:
        psci_system_reset();
        break;
    case RebootHow::Halt:
        break;
    }
    for (;;) {
        asm volatile("wfi");
    }
}
