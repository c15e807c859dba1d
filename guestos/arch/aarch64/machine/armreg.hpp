// System registers of AArch64: fields and accessors. Arm ARM DDI 0487, D12.
#pragma once

#include "sys/types.hpp"

// A system register by name: `sysreg_read<"ttbr0_el1">()` is not to be had
// without macros, so each register in use has its pair of functions.
inline u64 reg_esr_el1_read() {
    u64 v;
    asm volatile("mrs %0, esr_el1" : "=r"(v));
    return v;
}
inline u64 reg_mpidr_el1_read() {
    u64 v;
    asm volatile("mrs %0, mpidr_el1" : "=r"(v));
    return v;
}
inline u64 reg_id_aa64mmfr0_el1_read() {
    u64 v;
    asm volatile("mrs %0, id_aa64mmfr0_el1" : "=r"(v));
    return v;
}
inline u64 reg_ctr_el0_read() {
    u64 v;
    asm volatile("mrs %0, ctr_el0" : "=r"(v));
    return v;
}
inline u64 reg_dczid_el0_read() {
    u64 v;
    asm volatile("mrs %0, dczid_el0" : "=r"(v));
    return v;
}
inline u64 reg_tpidr_el0_read() {
    u64 v;
    asm volatile("mrs %0, tpidr_el0" : "=r"(v));
    return v;
}
inline void reg_tpidr_el0_write(u64 v) {
    asm volatile("msr tpidr_el0, %0" ::"r"(v));
}
inline void reg_cpacr_el1_write(u64 v) {
    asm volatile("msr cpacr_el1, %0\n\tisb" ::"r"(v));
}
inline void reg_ttbr0_el1_write(u64 v) {
    asm volatile("msr ttbr0_el1, %0\n\tisb" ::"r"(v) : "memory");
}
inline u64 reg_cntfrq_el0_read() {
    u64 v;
    asm volatile("mrs %0, cntfrq_el0" : "=r"(v));
    return v;
}
inline u64 reg_cntvct_el0_read() {
    u64 v;
    asm volatile("isb\n\tmrs %0, cntvct_el0" : "=r"(v)::"memory");
    return v;
}
inline void reg_cntv_cval_el0_write(u64 v) {
    asm volatile("msr cntv_cval_el0, %0" ::"r"(v));
}
inline void reg_cntv_ctl_el0_write(u64 v) {
    asm volatile("msr cntv_ctl_el0, %0\n\tisb" ::"r"(v));
}
inline void reg_cntkctl_el1_write(u64 v) {
    asm volatile("msr cntkctl_el1, %0" ::"r"(v));
}

// ESR_EL1, D12.2.36
inline constexpr u64 ESR_IL = u64{1} << 25;
enum class EsrEc : u32 {
    Unknown = 0x00,
    FpTrap = 0x07,
    IllegalState = 0x0e,
    Svc64 = 0x15,
    SystemRegister = 0x18,
    InstructionAbortEl0 = 0x20,
    InstructionAbortEl1 = 0x21,
    PcAlignment = 0x22,
    DataAbortEl0 = 0x24,
    DataAbortEl1 = 0x25,
    SpAlignment = 0x26,
    FpException64 = 0x2c,
    Serror = 0x2f,
    BreakpointEl0 = 0x30,
    StepEl0 = 0x32,
    WatchpointEl0 = 0x34,
    Brk64 = 0x3c,
};
constexpr EsrEc esr_ec(u64 esr) {
    return static_cast<EsrEc>((esr >> 26) & 0x3f);
}
constexpr u32 esr_iss(u64 esr) {
    return static_cast<u32>(esr & 0x1ffffff);
}
// Of aborts: fault status code, write-not-read, cache maintenance.
constexpr u32 esr_fsc(u64 esr) {
    return static_cast<u32>(esr & 0x3f);
}
constexpr bool esr_wnr(u64 esr) {
    return (esr & (1 << 6)) != 0;
}
constexpr bool esr_cm(u64 esr) {
    return (esr & (1 << 8)) != 0;
}
// Fault status codes without their level.
enum class Fsc : u32 {
    AddressSize = 0x00,
    Translation = 0x04,
    AccessFlag = 0x08,
    Permission = 0x0c,
};
inline constexpr u32 FSC_ALIGNMENT = 0x21;
constexpr Fsc fsc_kind(u64 esr) {
    return static_cast<Fsc>(esr_fsc(esr) & 0x3c);
}

// SPSR_EL1, D12.2.120
inline constexpr u64 SPSR_I = u64{1} << 7;
inline constexpr u64 SPSR_A = u64{1} << 8;
inline constexpr u64 SPSR_D = u64{1} << 9;
inline constexpr u64 SPSR_EL0T = 0;

// CPACR_EL1.FPEN, D12.2.29
inline constexpr u64 CPACR_FPEN_TRAP_EL0 = u64{1} << 20;
inline constexpr u64 CPACR_FPEN_ALL = u64{3} << 20;
