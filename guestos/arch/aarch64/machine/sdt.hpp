// Where probes go on this machine. dev/probe.cpp
#pragma once

#include "machine/cpu.hpp"

// The doorbell register; without a probe device a word of RAM, so that probes
// do the same work either way.
extern volatile u32* sdt_doorbell_reg;
extern vaddr_t kern_vtopdiff; // virtual minus physical address of the image

// The record to fill: interrupts have their own.
inline abi::ProbeRecord* sdt_record(cpu_info* ci) {
    return &ci->ci_probe[ci->ci_intr_depth != 0];
}

inline void sdt_doorbell(abi::ProbeRecord* record) {
    const paddr_t pa = reinterpret_cast<vaddr_t>(record) - kern_vtopdiff;
    asm volatile("dmb oshst" ::: "memory"); // the record before the bell
    *sdt_doorbell_reg = static_cast<u32>(pa >> 6);
}
