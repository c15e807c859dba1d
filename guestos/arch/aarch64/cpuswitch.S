// Switching between threads of the kernel.

#include "arch/aarch64/asm.h"

    .text

// lwp* cpu_switch(pcb* from, pcb* to, lwp* prev): saves the callee-saved
// registers in `from` (unless null) and continues in `to` with prev as result.
    .global cpu_switch
cpu_switch:
    cbz     x0, 1f
    stp     x19, x20, [x0, #0]
    stp     x21, x22, [x0, #16]
    stp     x23, x24, [x0, #32]
    stp     x25, x26, [x0, #48]
    stp     x27, x28, [x0, #64]
    stp     x29, x30, [x0, #80]
    mov     x9, sp
    str     x9, [x0, #PCB_SP]
1:  ldp     x19, x20, [x1, #0]
    ldp     x21, x22, [x1, #16]
    ldp     x23, x24, [x1, #32]
    ldp     x25, x26, [x1, #48]
    ldp     x27, x28, [x1, #64]
    ldp     x29, x30, [x1, #80]
    ldr     x9, [x1, #PCB_SP]
    mov     sp, x9
    mov     x0, x2
    ret

// First instructions of a thread: cpu_lwp_fork put func into x19, its argument
// into x20 and the LWP into x21; x0 is the LWP that ran before.
    .global lwp_trampoline
lwp_trampoline:
    mov     x29, xzr
    mov     x1, x21
    bl      lwp_startup
    mov     x0, x20
    blr     x19
    // func has returned: to user mode with the frame at the end of the stack.
    mov     x0, x21
    bl      lwp_to_user
    b       el0_return

// void fpreg_save(fpreg*), void fpreg_load(const fpreg*)
    .arch_extension simd
    .global fpreg_save
fpreg_save:
    stp     q0, q1, [x0, #0]
    stp     q2, q3, [x0, #32]
    stp     q4, q5, [x0, #64]
    stp     q6, q7, [x0, #96]
    stp     q8, q9, [x0, #128]
    stp     q10, q11, [x0, #160]
    stp     q12, q13, [x0, #192]
    stp     q14, q15, [x0, #224]
    stp     q16, q17, [x0, #256]
    stp     q18, q19, [x0, #288]
    stp     q20, q21, [x0, #320]
    stp     q22, q23, [x0, #352]
    stp     q24, q25, [x0, #384]
    stp     q26, q27, [x0, #416]
    stp     q28, q29, [x0, #448]
    stp     q30, q31, [x0, #480]
    mrs     x9, fpcr
    mrs     x10, fpsr
    add     x11, x0, #512
    stp     x9, x10, [x11]
    ret

    .global fpreg_load
fpreg_load:
    ldp     q0, q1, [x0, #0]
    ldp     q2, q3, [x0, #32]
    ldp     q4, q5, [x0, #64]
    ldp     q6, q7, [x0, #96]
    ldp     q8, q9, [x0, #128]
    ldp     q10, q11, [x0, #160]
    ldp     q12, q13, [x0, #192]
    ldp     q14, q15, [x0, #224]
    ldp     q16, q17, [x0, #256]
    ldp     q18, q19, [x0, #288]
    ldp     q20, q21, [x0, #320]
    ldp     q22, q23, [x0, #352]
    ldp     q24, q25, [x0, #384]
    ldp     q26, q27, [x0, #416]
    ldp     q28, q29, [x0, #448]
    ldp     q30, q31, [x0, #480]
    add     x11, x0, #512
    ldp     x9, x10, [x11]
    msr     fpcr, x9
    msr     fpsr, x10
    ret
