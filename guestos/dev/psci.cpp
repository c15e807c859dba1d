// Power control by PSCI calls. Arm DEN 0022D, 5.

#include "dev/drivers.hpp"
#include "dev/fdt.hpp"
#include "sys/systm.hpp"

namespace {

enum : u64 { SystemOff = 0x84000008, SystemReset = 0x84000009 };

bool use_smc;

// SMC Calling Convention, Arm DEN 0028, 2.6: x0 function and result.
u64 psci_call(u64 function) {
    register u64 x0 asm("x0") = function;
    if (use_smc) {
        asm volatile("smc #0" : "+r"(x0)::"x1", "x2", "x3", "memory");
    } else {
        asm volatile("hvc #0" : "+r"(x0)::"x1", "x2", "x3", "memory");
    }
    return x0;
}

} // namespace

void psci_attach() {
    const fdt_node node = fdt_find_path("psci");
    const char* method = node < 0 ? nullptr : fdt_getprop_string(node, "method");
    use_smc = method != nullptr && strcmp(method, "smc") == 0;
}

void psci_system_off() {
    psci_call(SystemOff);
}

void psci_system_reset() {
    psci_call(SystemReset);
}
