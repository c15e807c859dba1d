// From the first C++ code that does not know the machine to the first process.

#include "dev/drivers.hpp"
#include "machine/cpu.hpp"
#include "sys/kernel.hpp"
#include "sys/log.hpp"
#include "sys/param.hpp"
#include "sys/selftest.hpp"
#include "sys/systm.hpp"
#include "uvm/uvm_extern.hpp"

bool boot_option(const char* word, const char** value) {
    const size_t len = strlen(word);
    for (const char* p = boot.bi_bootargs; *p != '\0';) {
        while (*p == ' ') {
            ++p;
        }
        if (strncmp(p, "-- ", 3) == 0) {
            break; // what follows is for init
        }
        if (strncmp(p, word, len) == 0) {
            const char next = p[len];
            if (value == nullptr && (next == '\0' || next == ' ')) {
                return true;
            }
            if (value != nullptr && next == '=') {
                *value = p + len + 1;
                return true;
            }
        }
        while (*p != '\0' && *p != ' ') {
            ++p;
        }
    }
    return false;
}

// The value of option `word`, a number of one digit; `otherwise` without it.
static unsigned digit_option(const char* word, unsigned otherwise) {
    const char* value;
    const bool given = boot_option(word, &value) && *value >= '0' && *value <= '9';
    return given ? static_cast<unsigned>(*value - '0') : otherwise;
}

static void read_options() {
    log_console_level =
        static_cast<LogLevel>(min(digit_option("loglevel", static_cast<unsigned>(Notice)), 7U));
    uvm_fault_around = digit_option("faultaround", uvm_fault_around);
}

void kernel_main() {
    read_options();
    kprintf("Forkscope guest kernel\n");
    kprintf("%lu MiB of memory\n", boot.bi_memsize >> 20);
    uvm_init();
    intr_init();
    gtmr_attach();
    kern_init_early();
    kern_init_cpu(curcpu());
    gtmr_init_cpu();
    spl0();
    cold = false;
    if (boot_option("selftest")) {
        selftest_run();
    }
    kern_start();
}
