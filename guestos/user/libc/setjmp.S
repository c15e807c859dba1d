// setjmp(3): the registers that a call preserves. The offsets are those of
// struct jump in sigjmp.c.
    .macro ENTER name
    .global \name
    .type \name, %function
\name:
    .endm

    .text
ENTER _setjmp
    mov     w1, wzr
    b       sigsetjmp
ENTER setjmp
    mov     w1, #1

    // sigsetjmp(buffer, whether to save the mask)
ENTER sigsetjmp
    stp     x19, x20, [x0]
    stp     x21, x22, [x0, #16]
    stp     x23, x24, [x0, #32]
    stp     x25, x26, [x0, #48]
    stp     x27, x28, [x0, #64]
    stp     x29, x30, [x0, #80]
    mov     x9, sp
    stp     x9, x1, [x0, #96]
    stp     d8, d9, [x0, #112]
    stp     d10, d11, [x0, #128]
    stp     d12, d13, [x0, #144]
    stp     d14, d15, [x0, #160]
    cbnz    w1, __sigjmp_save       // returns 0 to the caller
    mov     w0, wzr
    ret
    .size sigsetjmp, . - sigsetjmp

    // longjmp(buffer, value): setjmp returns again, the value or 1. The mask
    // comes back on the stack that is left, so that a signal which it lets in is
    // handled before the jump.
ENTER longjmp
ENTER _longjmp
ENTER siglongjmp
    mov     x19, x0
    cmp     w1, #0
    csinc   w20, w1, wzr, ne
    ldr     w9, [x0, #104]
    cbz     w9, 1f
    bl      __sigjmp_restore
1:  mov     x0, x19
    mov     w1, w20
    ldp     x19, x20, [x0]
    ldp     x21, x22, [x0, #16]
    ldp     x23, x24, [x0, #32]
    ldp     x25, x26, [x0, #48]
    ldp     x27, x28, [x0, #64]
    ldp     x29, x30, [x0, #80]
    ldr     x9, [x0, #96]
    mov     sp, x9
    ldp     d8, d9, [x0, #112]
    ldp     d10, d11, [x0, #128]
    ldp     d12, d13, [x0, #144]
    ldp     d14, d15, [x0, #160]
    mov     w0, w1
    ret
    .size longjmp, . - longjmp

    .section .note.GNU-stack, "", %progbits
