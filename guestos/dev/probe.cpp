// The probe device's doorbell; see abi/probe.hpp.

#include "dev/drivers.hpp"
#include "dev/fdt.hpp"
#include "machine/machdep.hpp"
#include "machine/sdt.hpp"

namespace {

u32 no_bell; // what rings where there is no device

} // namespace

volatile u32* sdt_doorbell_reg = &no_bell;

void probe_attach() {
    const fdt_node node = fdt_find_compatible("forkscope,probe");
    paddr_t pa;
    psize_t size;
    if (node < 0 || !fdt_get_reg(node, 0, &pa, &size)) {
        return;
    }
    const vaddr_t base = pmap_mapdev(pa, size);
    const auto at = [base](abi::ProbeRegister reg) {
        return reinterpret_cast<volatile u32*>(base + static_cast<u32>(reg));
    };
    if (*at(abi::ProbeRegister::Identification) == abi::kProbeIdentification) {
        sdt_doorbell_reg = at(abi::ProbeRegister::Doorbell);
    }
}
