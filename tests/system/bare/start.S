// Start-up and exception entry of the freestanding test images: EL1, MMU off,
// interrupts masked, one stack.
    .section .text.start, "ax"
    .globl  _start
_start:
    adrp    x1, bare_stack_top
    add     x1, x1, :lo12:bare_stack_top
    msr     spsel, #1
    mov     sp, x1
    adrp    x1, bare_bss_start
    add     x1, x1, :lo12:bare_bss_start
    adrp    x2, bare_bss_end
    add     x2, x2, :lo12:bare_bss_end
1:  cmp     x1, x2
    b.hs    2f
    str     xzr, [x1], #8
    b       1b
2:  adrp    x1, bare_vectors
    add     x1, x1, :lo12:bare_vectors
    msr     vbar_el1, x1
    isb
    bl      bare_main
    bl      bare_power_off

    // Builds a bare::Frame (bare.hpp), calls bare_on_exception(frame, index).
    .macro  vector index
    .balign 0x80
    sub     sp, sp, #288
    stp     x0, x1, [sp, #0]
    mov     x1, #\index
    b       enter
    .endm

    .section .text, "ax"
    .balign 0x800
    .globl  bare_vectors
bare_vectors:
    .irp    index, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    vector  \index
    .endr

    .balign 0x80
enter:
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
    mrs     x2, elr_el1
    mrs     x3, spsr_el1
    stp     x30, x2, [sp, #240]
    mrs     x4, sp_el0
    stp     x3, x4, [sp, #256]
    mov     x0, sp
    bl      bare_on_exception
    ldp     x3, x4, [sp, #256]
    ldp     x30, x2, [sp, #240]
    msr     elr_el1, x2
    msr     spsr_el1, x3
    msr     sp_el0, x4
    ldp     x28, x29, [sp, #224]
    ldp     x26, x27, [sp, #208]
    ldp     x24, x25, [sp, #192]
    ldp     x22, x23, [sp, #176]
    ldp     x20, x21, [sp, #160]
    ldp     x18, x19, [sp, #144]
    ldp     x16, x17, [sp, #128]
    ldp     x14, x15, [sp, #112]
    ldp     x12, x13, [sp, #96]
    ldp     x10, x11, [sp, #80]
    ldp     x8, x9, [sp, #64]
    ldp     x6, x7, [sp, #48]
    ldp     x4, x5, [sp, #32]
    ldp     x2, x3, [sp, #16]
    ldp     x0, x1, [sp, #0]
    add     sp, sp, #288
    eret

    // PSCI 1.0 (DEN 0022D) SYSTEM_OFF by HVC; does not return.
    .globl  bare_power_off
bare_power_off:
    movz    w0, #0x8400, lsl #16
    movk    w0, #0x0008
    hvc     #0
1:  wfi
    b       1b

    .section .bss
    .balign 16
    .skip   0x8000
bare_stack_top:
