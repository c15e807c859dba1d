// The first instructions of the machine, at physical 0, EL1, MMU off.
// roms/reset_rom.hpp names the parameters' places.
    .text
    .globl _start
_start:
    ldr     x0, device_tree
    mov     x1, xzr
    mov     x2, xzr
    mov     x3, xzr
    ldr     x4, entry
    br      x4

    .org    0x40
entry:
    .quad   0
device_tree:
    .quad   0
