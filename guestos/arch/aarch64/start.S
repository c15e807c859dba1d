// From the boot loader to C++: the arm64 Image header, then the first
// translation tables, then the jump into the upper half.
// Linux Documentation/arch/arm64/booting.rst: x0 = physical address of the
// device tree, x1..x3 = 0, EL1, MMU off, interrupts masked.

#include "arch/aarch64/asm.h"

    .section .head.text, "ax"
    .global _start
_start:
    b       start
    .long   0
    .quad   0x80000             // text_offset
    .quad   _image_size         // with bss
    .quad   0x0a                // little endian, 4 KiB pages, anywhere in RAM
    // Deviation: two of the three reserved words tell how long the file is, so that
    // a loader can see one that was cut off (emu/machine/image.cpp).
    .quad   _file_size
    .ascii  "FKSCSIZE"
    .quad   0
    .ascii  "ARM\x64"
    .long   0

// Registers that live until main: x20 device tree, x21 physical address of the
// image, x22 virtual minus physical address.
start:
    msr     daifset, #15
    mov     x20, x0
    adr     x21, _start
    ldr     x22, =_start
    sub     x22, x22, x21
    bl      clear_bss
    bl      make_tables
    bl      enable_mmu

    // From here on in the upper half.
    ldr     x9, =upper_half
    br      x9
upper_half:
    ldr     x9, =lwp0_uarea + UAREA_SIZE - PCB_SIZE
    mov     sp, x9
    mov     x29, xzr
    mov     x30, xzr
    ldr     x9, =exception_vectors
    msr     vbar_el1, x9
    ldr     x9, =cpu_info_store
    msr     tpidr_el1, x9
    mov     x9, #CPACR_TRAP_EL0
    msr     cpacr_el1, x9
    isb
    mov     x0, x20
    mov     x1, x21
    bl      aarch64_init        // does not return
1:  wfi
    b       1b

// Zeroes bss, 256 bytes a turn: the section is aligned so.
clear_bss:
    adrp    x9, __bss_start
    add     x9, x9, :lo12:__bss_start
    adrp    x10, __bss_end
    add     x10, x10, :lo12:__bss_end
1:  cmp     x9, x10
    b.hs    2f
    .irp    offset, 0, 16, 32, 48, 64, 80, 96, 112, 128, 144, 160, 176, 192, 208, 224, 240
    stp     xzr, xzr, [x9, #\offset]
    .endr
    add     x9, x9, #256
    b       1b
2:  ret

// The first tables, good enough to reach pmap_bootstrap():
//   TTBR0: the 1 GiB block around the image, one to one
//   TTBR1: the image at KERNEL_BASE by 2 MiB blocks, and the direct map of the
//          1 GiB blocks that hold the image and the device tree
make_tables:
    adrp    x9, boot_l1_low
    adrp    x10, boot_l1_high
    adrp    x11, boot_l2_image
    add     x12, x11, #4096     // the three tables follow each other
1:  stp     xzr, xzr, [x9], #16
    cmp     x9, x12
    b.lo    1b
    adrp    x9, boot_l1_low

    mov     x13, #BLOCK_NORMAL
    lsr     x14, x21, #30       // GiB of the image
    orr     x15, x13, x14, lsl #30
    str     x15, [x9, x14, lsl #3]
    movk    x13, #BLOCK_XN_HI, lsl #48
    orr     x15, x13, x14, lsl #30
    str     x15, [x10, x14, lsl #3]
    lsr     x14, x20, #30       // GiB of the device tree
    orr     x15, x13, x14, lsl #30
    str     x15, [x10, x14, lsl #3]

    orr     x15, x11, #DESC_TABLE
    str     x15, [x10, #(256 * 8)]  // KERNEL_BASE
    mov     x13, #BLOCK_NORMAL
    lsr     x14, x21, #21
    orr     x15, x13, x14, lsl #21
    mov     x16, #4             // 8 MiB
2:  str     x15, [x11], #8
    add     x15, x15, #0x200000
    subs    x16, x16, #1
    b.ne    2b
    dsb     sy
    ret

enable_mmu:
    ldr     x9, =MAIR_VALUE
    msr     mair_el1, x9
    ldr     x9, =TCR_VALUE
    mrs     x10, id_aa64mmfr0_el1
    and     x11, x10, #7        // PARange; IPS has the same encoding
    cmp     x11, #5
    mov     x12, #5
    csel    x11, x11, x12, lo
    orr     x9, x9, x11, lsl #32
    ubfx    x11, x10, #4, #4    // ASIDBits
    cmp     x11, #2
    cset    x11, eq
    orr     x9, x9, x11, lsl #36 // TCR_EL1.AS
    msr     tcr_el1, x9
    adrp    x9, boot_l1_low
    msr     ttbr0_el1, x9
    adrp    x9, boot_l1_high
    msr     ttbr1_el1, x9
    isb
    tlbi    vmalle1
    dsb     sy
    isb
    ldr     x9, =SCTLR_VALUE
    msr     sctlr_el1, x9
    isb
    ret

// void pmap_switch_kernel(paddr_t new_l1, vaddr_t offset): replaces the tables
// of TTBR1. Blocks and pages change size, so nothing of the old may be in the
// TLB while the new is in use (Arm ARM D5.10.1, break before make): the change
// is made from the one-to-one mapping, over an empty table.
    .global pmap_switch_kernel
pmap_switch_kernel:
    adr     x9, 1f
    sub     x9, x9, x1          // physical
    adrp    x10, empty_table
    sub     x10, x10, x1
    br      x9
1:  msr     ttbr1_el1, x10
    isb
    tlbi    vmalle1
    dsb     ish
    isb
    msr     ttbr1_el1, x0
    isb
    ret                         // to the upper half

    .section .noinit.tables, "aw", @nobits
    .balign 4096
boot_l1_low:   .skip 4096
boot_l1_high:  .skip 4096
boot_l2_image: .skip 4096

// A table without entries: where TTBR0 points when no space is active.
    .section .bss.tables, "aw", @nobits
    .balign 4096
    .global empty_table
empty_table:   .skip 4096
