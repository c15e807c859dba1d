// The machine's devices, in the order in which they are found at boot.
#pragma once

#include "sys/types.hpp"

// plcom.cpp: PL011, the console.
void plcom_attach();

// gic.cpp: GICv2. intr_init() in sys/intr.hpp attaches it.
struct trapframe;
void gic_irq_handler(trapframe* tf);
void gic_send_sgi(unsigned cpu_index, unsigned sgi);

// gtmr.cpp: the generic timer of each CPU.
void gtmr_attach();
void gtmr_init_cpu(); // starts the 100 Hz interrupt of this CPU
u64 gtmr_count();     // counts since the machine started
u64 gtmr_frequency(); // counts in a second

// plrtc.cpp: PL031.
i64 plrtc_gettime(); // seconds since 1970; 0 without a clock

// psci.cpp: power control.
void psci_attach();
void psci_system_off();
void psci_system_reset();

// probe.cpp: the probe device.
void probe_attach();
