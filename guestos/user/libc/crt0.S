// The first instructions of a program. execve(2) leaves SP at argc; above it
// stand argv, NULL, the environment, NULL and the auxiliary vector.
    .section .text._start, "ax"
    .global _start
    .type _start, %function
_start:
    mov     x29, xzr                // the outermost frame
    mov     x30, xzr
    mov     x0, sp
    and     sp, x0, #-16
    b       __libc_start
    .size _start, . - _start
    .section .note.GNU-stack, "", %progbits
