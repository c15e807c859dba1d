// Exception entry and return. Arm ARM D1.10.2: sixteen vectors of 128 bytes.

#include "arch/aarch64/asm.h"

// Saves the general registers; SP already points to the frame.
.macro save_general
    stp     x0, x1, [sp, #0]
    stp     x2, x3, [sp, #16]
    stp     x4, x5, [sp, #32]
    stp     x6, x7, [sp, #48]
    stp     x8, x9, [sp, #64]
    stp     x10, x11, [sp, #80]
    stp     x12, x13, [sp, #96]
    stp     x14, x15, [sp, #112]
    stp     x16, x17, [sp, #128]
    stp     x18, x19, [sp, #144]
    stp     x20, x21, [sp, #160]
    stp     x22, x23, [sp, #176]
    stp     x24, x25, [sp, #192]
    stp     x26, x27, [sp, #208]
    stp     x28, x29, [sp, #224]
.endm

// From user mode. SP_EL1 is the upper end of the stack, where the frame ends.
.macro entry_el0, handler
    .balign 128
    sub     sp, sp, #TF_SIZE
    stp     x0, x1, [sp, #0]
    adr     x1, \handler
    b       save_el0
.endm

// From the kernel. The frame goes below what is in use; if that would be in
// the guard of the stack, the stack has overflowed: bit 14 of a good stack
// pointer is set. The test needs no register but SP and X0:
//   sp' = sp + x0;  x0' = sp' - x0 = sp;  x0'' = sp' - x0' = x0
.macro entry_el1, handler
    .balign 128
    sub     sp, sp, #TF_SIZE
    add     sp, sp, x0
    sub     x0, sp, x0
    tbz     x0, #USPACE_SHIFT, stack_overflow
    sub     x0, sp, x0
    sub     sp, sp, x0
    stp     x0, x1, [sp, #0]
    adr     x1, \handler
    b       save_el1
.endm

    .section .text.hot, "ax"
    .balign 2048
    .global exception_vectors
exception_vectors:
    // EL1 with SP_EL0: the kernel never runs so
    entry_el1 trap_unexpected
    entry_el1 trap_unexpected
    entry_el1 trap_unexpected
    entry_el1 trap_unexpected
    // EL1 with SP_EL1
    entry_el1 trap_el1_sync
    entry_el1 trap_el1_irq
    entry_el1 trap_unexpected
    entry_el1 trap_unexpected
    // EL0, AArch64
    entry_el0 trap_el0_sync
    entry_el0 trap_el0_irq
    entry_el0 trap_el0_unexpected
    entry_el0 trap_el0_unexpected
    // EL0, AArch32: not supported
    entry_el0 trap_el0_unexpected
    entry_el0 trap_el0_unexpected
    entry_el0 trap_el0_unexpected
    entry_el0 trap_el0_unexpected

    .balign 64
save_el0:
    stp     x2, x3, [sp, #16]
    stp     x4, x5, [sp, #32]
    stp     x6, x7, [sp, #48]
    stp     x8, x9, [sp, #64]
    stp     x10, x11, [sp, #80]
    stp     x12, x13, [sp, #96]
    stp     x14, x15, [sp, #112]
    stp     x16, x17, [sp, #128]
    stp     x18, x19, [sp, #144]
    stp     x20, x21, [sp, #160]
    stp     x22, x23, [sp, #176]
    stp     x24, x25, [sp, #192]
    stp     x26, x27, [sp, #208]
    stp     x28, x29, [sp, #224]
    mrs     x2, sp_el0
    stp     x30, x2, [sp, #240]
    mrs     x3, elr_el1
    mrs     x4, spsr_el1
    stp     x3, x4, [sp, #TF_PC]
    mrs     x5, esr_el1
    mrs     x6, far_el1
    stp     x5, x6, [sp, #TF_ESR]
    mov     x29, xzr            // backtraces end here
    mov     x30, xzr
    mov     x0, sp
    blr     x1
    // Fall through: the handler has dealt with all that must be done before
    // user mode and has masked interrupts.

// Return to user mode with the frame at SP. => interrupts masked
    .global el0_return
el0_return:
    ldp     x3, x4, [sp, #TF_PC]
    ldp     x30, x2, [sp, #240]
    msr     elr_el1, x3
    msr     spsr_el1, x4
    msr     sp_el0, x2
    ldp     x2, x3, [sp, #16]
    ldp     x4, x5, [sp, #32]
    ldp     x6, x7, [sp, #48]
    ldp     x8, x9, [sp, #64]
    ldp     x10, x11, [sp, #80]
    ldp     x12, x13, [sp, #96]
    ldp     x14, x15, [sp, #112]
    ldp     x16, x17, [sp, #128]
    ldp     x18, x19, [sp, #144]
    ldp     x20, x21, [sp, #160]
    ldp     x22, x23, [sp, #176]
    ldp     x24, x25, [sp, #192]
    ldp     x26, x27, [sp, #208]
    ldp     x28, x29, [sp, #224]
    ldp     x0, x1, [sp, #0]
    add     sp, sp, #TF_SIZE
    eret

    .balign 64
save_el1:
    stp     x2, x3, [sp, #16]
    stp     x4, x5, [sp, #32]
    stp     x6, x7, [sp, #48]
    stp     x8, x9, [sp, #64]
    stp     x10, x11, [sp, #80]
    stp     x12, x13, [sp, #96]
    stp     x14, x15, [sp, #112]
    stp     x16, x17, [sp, #128]
    stp     x18, x19, [sp, #144]
    stp     x20, x21, [sp, #160]
    stp     x22, x23, [sp, #176]
    stp     x24, x25, [sp, #192]
    stp     x26, x27, [sp, #208]
    stp     x28, x29, [sp, #224]
    add     x2, sp, #TF_SIZE    // SP before the exception
    stp     x30, x2, [sp, #240]
    mrs     x3, elr_el1
    mrs     x4, spsr_el1
    stp     x3, x4, [sp, #TF_PC]
    mrs     x5, esr_el1
    mrs     x6, far_el1
    stp     x5, x6, [sp, #TF_ESR]
    mov     x30, x3             // the backtrace goes on in the interrupted code
    mov     x0, sp
    blr     x1
    msr     daifset, #2
    ldp     x3, x4, [sp, #TF_PC]
    msr     elr_el1, x3
    msr     spsr_el1, x4
    ldp     x2, x3, [sp, #16]
    ldp     x4, x5, [sp, #32]
    ldp     x6, x7, [sp, #48]
    ldp     x8, x9, [sp, #64]
    ldp     x10, x11, [sp, #80]
    ldp     x12, x13, [sp, #96]
    ldp     x14, x15, [sp, #112]
    ldp     x16, x17, [sp, #128]
    ldp     x18, x19, [sp, #144]
    ldp     x20, x21, [sp, #160]
    ldp     x22, x23, [sp, #176]
    ldp     x24, x25, [sp, #192]
    ldp     x26, x27, [sp, #208]
    ldp     x28, x29, [sp, #224]
    ldr     x30, [sp, #240]
    ldp     x0, x1, [sp, #0]
    add     sp, sp, #TF_SIZE
    eret

// The kernel stack has overflowed: report on this CPU's spare stack. Here
// sp = sp' and x0 = the frame's address, see entry_el1.
stack_overflow:
    msr     tpidr_el0, x1       // the thread's TLS register is lost: so is all
    mrs     x1, tpidr_el1
    str     x0, [x1, #CI_SCRATCH]   // SP less the frame
    sub     x0, sp, x0              // the interrupted X0
    str     x0, [x1, #CI_SCRATCH + 8]
    ldr     x0, [x1, #CI_OVF_SP]
    sub     sp, x0, #TF_SIZE
    ldr     x0, [x1, #CI_SCRATCH + 8]
    mrs     x1, tpidr_el0
    save_general
    mrs     x1, tpidr_el1
    ldr     x2, [x1, #CI_SCRATCH]
    add     x2, x2, #TF_SIZE
    stp     x30, x2, [sp, #240]
    mrs     x3, elr_el1
    mrs     x4, spsr_el1
    stp     x3, x4, [sp, #TF_PC]
    mrs     x5, esr_el1
    mrs     x6, far_el1
    stp     x5, x6, [sp, #TF_ESR]
    mov     x0, sp
    bl      trap_stack_overflow // does not return
