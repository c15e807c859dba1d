// Zeroing and copying of whole pages.

    .section .text.hot, "ax"

// void page_zero_zva64(void* page): DC ZVA zeroes 64 bytes.
    .global page_zero_zva64
page_zero_zva64:
    add     x4, x0, #4096
    add     x1, x0, #64
    add     x2, x0, #128
    add     x3, x0, #192
1:  dc      zva, x0
    dc      zva, x1
    dc      zva, x2
    dc      zva, x3
    add     x0, x0, #256
    add     x1, x1, #256
    add     x2, x2, #256
    add     x3, x3, #256
    cmp     x0, x4
    b.ne    1b
    ret

// void page_copy(const void* from, void* to): by SIMD registers, 128 bytes a
// turn. They hold the interrupted program's values, which are put back; the
// kernel is not preempted and interrupt handlers do not use them.
    .arch_extension simd
    .global page_copy
page_copy:
    stp     q0, q1, [sp, #-128]!
    stp     q2, q3, [sp, #32]
    stp     q4, q5, [sp, #64]
    stp     q6, q7, [sp, #96]
    add     x2, x0, #4096
1:  ldp     q0, q1, [x0]
    ldp     q2, q3, [x0, #32]
    ldp     q4, q5, [x0, #64]
    ldp     q6, q7, [x0, #96]
    stp     q0, q1, [x1]
    stp     q2, q3, [x1, #32]
    stp     q4, q5, [x1, #64]
    stp     q6, q7, [x1, #96]
    add     x0, x0, #128
    add     x1, x1, #128
    cmp     x0, x2
    b.ne    1b
    ldp     q2, q3, [sp, #32]
    ldp     q4, q5, [sp, #64]
    ldp     q6, q7, [sp, #96]
    ldp     q0, q1, [sp], #128
    ret
