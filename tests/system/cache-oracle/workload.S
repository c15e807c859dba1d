// Loads and stores for comparing data caches: EL1, MMU off, no interrupts, no
// output. Every access is of one register, aligned, and so one access wherever it
// is counted; none of them depends on time.
    .equ    DATA, 0x40400000
    .equ    WORDS, 65536            // 512 KiB

    .section .text.start, "ax"
    .globl  _start
_start:
    mov     x0, #DATA
    // Forwards: doublewords written.
    mov     x1, #WORDS
    mov     x2, x0
1:  str     x1, [x2], #8
    subs    x1, x1, #1
    b.ne    1b

    // In strides of 24 bytes, read and written back.
    mov     x1, #WORDS / 4
    mov     x2, x0
2:  ldr     x3, [x2]
    add     x3, x3, x1
    str     x3, [x2], #24
    subs    x1, x1, #1
    b.ne    2b

    // At random, in sizes 1, 2, 4 and 8: a linear congruential generator, most of
    // its accesses in 48 KiB, one in eight anywhere.
    mov     w4, #20000
    ldr     x5, =6364136223846793005
    ldr     x6, =1442695040888963407
    mov     x7, #1
    mov     x12, #0
3:  madd    x7, x7, x5, x6
    lsr     x8, x7, #40
    lsr     x9, x7, #60
    ldr     x10, =(WORDS * 8 - 1)
    mov     x11, #0xbfff
    tst     x9, #7
    csel    x10, x10, x11, eq
    and     x8, x8, x10
    and     x8, x8, #~7
    ldrb    w3, [x0, x8]
    add     x12, x12, x3
    add     x13, x0, x8
    ldrh    w3, [x13, #2]
    add     x12, x12, x3
    str     w12, [x13, #4]
    tbz     x9, #3, 4f
    ldr     x3, [x13]
    eor     x12, x12, x3
    strb    w12, [x13, #7]
4:  subs    w4, w4, #1
    b.ne    3b

    // Two columns that fall into the same set of any cache up to 64 KiB.
    mov     x1, #4096
    add     x2, x0, #0x10, lsl #12
5:  ldr     x3, [x0]
    ldr     x8, [x2]
    add     x3, x3, x8
    str     x3, [x0, #64]
    subs    x1, x1, #1
    b.ne    5b

    // PSCI 1.0 (DEN 0022D) SYSTEM_OFF by HVC.
    movz    w0, #0x8400, lsl #16
    movk    w0, #0x0008
    hvc     #0
6:  wfi
    b       6b
    .ltorg
