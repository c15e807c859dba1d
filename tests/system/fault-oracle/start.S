// Entry, exception vectors, and the two routines that C++ cannot be: `run`
// enters an instruction under test and comes back with its exception;
// `set_translation` changes the translation regime with the MMU off.

    .section .head, "ax"
// arm64 Image header: Linux, Documentation/arch/arm64/booting.rst.
    b       start
    .word   0
    .quad   0x80000             // text_offset
    .quad   image_size
    .quad   0xa                 // little endian, 4 KiB pages, anywhere
    .quad   0, 0, 0
    .ascii  "ARM\x64"
    .word   0

start:
    msr     daifset, #15
    msr     spsel, #1
    adrp    x0, stack_top
    mov     sp, x0
    adrp    x0, vectors
    msr     vbar_el1, x0
    isb
    adrp    x0, bss_start
    adrp    x1, bss_end
1:  stp     xzr, xzr, [x0], #16
    cmp     x0, x1
    b.lo    1b
    bl      oracle_main
    movz    x0, #0x8400, lsl #16 // PSCI SYSTEM_OFF
    movk    x0, #8
    hvc     #0
2:  wfi
    b       2b

// struct Frame in oracle.hpp, by byte offset.
#define FRAME_X0     0
#define FRAME_SP     32
#define FRAME_PC     40
#define FRAME_SPSR   48
#define FRAME_ESR    56
#define FRAME_FAR    64
#define FRAME_VECTOR 72

    .text
// void run(Frame*): loads x0 to x3, SP_EL0, PC and PSTATE from the frame, and
// returns after the next exception, with the frame as it was then.
    .global run
run:
    stp     x19, x20, [sp, #-96]!
    stp     x21, x22, [sp, #16]
    stp     x23, x24, [sp, #32]
    stp     x25, x26, [sp, #48]
    stp     x27, x28, [sp, #64]
    stp     x29, x30, [sp, #80]
    adrp    x2, saved
    add     x2, x2, :lo12:saved
    mov     x3, sp
    stp     x0, x3, [x2]
    mov     x4, x0
    ldr     x5, [x4, #FRAME_SP]
    msr     sp_el0, x5
    ldp     x5, x6, [x4, #FRAME_PC]
    msr     elr_el1, x5
    msr     spsr_el1, x6
    ldp     x0, x1, [x4, #FRAME_X0]
    ldp     x2, x3, [x4, #FRAME_X0 + 16]
    eret

taken:                          // x0: vector offset; the real x0 is in TPIDR_EL1
    msr     tpidr_el0, x1
    adrp    x1, saved
    add     x1, x1, :lo12:saved
    stp     x2, x3, [x1, #16]
    ldp     x2, x3, [x1]        // frame, stack pointer
    mov     sp, x3
    str     x0, [x2, #FRAME_VECTOR]
    mrs     x0, tpidr_el1
    mrs     x3, tpidr_el0
    stp     x0, x3, [x2, #FRAME_X0]
    ldp     x0, x3, [x1, #16]
    stp     x0, x3, [x2, #FRAME_X0 + 16]
    mrs     x0, sp_el0
    mrs     x1, elr_el1
    stp     x0, x1, [x2, #FRAME_SP]
    mrs     x0, spsr_el1
    mrs     x1, esr_el1
    stp     x0, x1, [x2, #FRAME_SPSR]
    mrs     x0, far_el1
    str     x0, [x2, #FRAME_FAR]
    clrex
    ldp     x21, x22, [sp, #16]
    ldp     x23, x24, [sp, #32]
    ldp     x25, x26, [sp, #48]
    ldp     x27, x28, [sp, #64]
    ldp     x29, x30, [sp, #80]
    ldp     x19, x20, [sp], #96
    ret

// void set_translation(u64 ttbr0, u64 ttbr1, u64 tcr, u64 sctlr): the code is
// mapped one to one before and after.
    .global set_translation
set_translation:
    mrs     x4, sctlr_el1
    bic     x4, x4, #1
    dsb     sy
    msr     sctlr_el1, x4
    isb
    msr     ttbr0_el1, x0
    msr     ttbr1_el1, x1
    msr     tcr_el1, x2
    isb
    tlbi    vmalle1
    dsb     sy
    isb
    msr     sctlr_el1, x3
    isb
    ret

    .macro  VECTOR offset
    .balign 128
    msr     tpidr_el1, x0
    mov     x0, #\offset
    b       taken
    .endm

    .balign 4096
vectors:
    .irp    offset, 0x000, 0x080, 0x100, 0x180, 0x200, 0x280, 0x300, 0x380, 0x400, 0x480, 0x500, 0x580, 0x600, 0x680, 0x700, 0x780
    VECTOR  \offset
    .endr

    .bss
    .balign 64
saved:
    .skip   32
