// Copying between user and kernel space. While one of these runs,
// pcb_onfault names the place to go if a fault on the user's address can't be
// resolved; trap_el1_sync puts the errno into x0 and goes there.
//
// All are called by copy.cpp with x3 = &pcb_onfault and the user's range
// checked against the end of user space.

#include "arch/aarch64/asm.h"

    .text

// Errno copy_user(const void* from, void* to, size_t len, u64* onfault)
// Eight and thirty-two bytes a turn; unaligned accesses are allowed in normal
// memory (SCTLR_EL1.A = 0).
    .global copy_user
copy_user:
    adr     x9, copy_failed
    str     x9, [x3]
    subs    x2, x2, #32
    b.lo    2f
1:  ldp     x4, x5, [x0], #16
    ldp     x6, x7, [x0], #16
    stp     x4, x5, [x1], #16
    stp     x6, x7, [x1], #16
    subs    x2, x2, #32
    b.hs    1b
2:  adds    x2, x2, #32
    b.eq    6f
    tbz     x2, #4, 3f
    ldp     x4, x5, [x0], #16
    stp     x4, x5, [x1], #16
3:  tbz     x2, #3, 4f
    ldr     x4, [x0], #8
    str     x4, [x1], #8
4:  ands    x2, x2, #7
    b.eq    6f
5:  ldrb    w4, [x0], #1
    strb    w4, [x1], #1
    subs    x2, x2, #1
    b.ne    5b
6:  str     xzr, [x3]
    mov     x0, xzr
    ret

// Errno copy_user_str(const char* from, char* to, size_t len, u64* onfault, size_t* done)
// Stops after the NUL. x4 gets the bytes copied, NUL included; ENAMETOOLONG
// (63) if len bytes held none.
    .global copy_user_str
copy_user_str:
    adr     x9, copy_failed
    str     x9, [x3]
    mov     x5, xzr
1:  cmp     x5, x2
    b.hs    2f
    ldrb    w6, [x0, x5]
    strb    w6, [x1, x5]
    add     x5, x5, #1
    cbnz    w6, 1b
    str     xzr, [x3]
    str     x5, [x4]
    mov     x0, xzr
    ret
2:  str     xzr, [x3]
    str     x5, [x4]
    mov     x0, #63
    ret

// Here from a fault: x0 = errno, x3 as it was.
copy_failed:
    str     xzr, [x3]
    ret
