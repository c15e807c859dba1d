// The instructions under test. Each is followed by SVC #0xfff, which says that
// it completed; a table gives the text and the address of each.

    .macro  STUB text
    .section .stubs, "ax"
91: \text
    svc     #0xfff
    .section .rodata.text, "a"
92: .asciz  "\text"
    .section .rodata.table, "a"
    .quad   92b, 91b
    .endm

    .macro  TABLE name
    .section .rodata.table, "a"
    .balign 8
    .global \name
\name:
    .endm

    .macro  TABLE_END
    .section .rodata.table, "a"
    .quad   0, 0
    .endm

// Base register X1. The first ones stand for all where there is much to try.
    TABLE   memory_stubs
    STUB    "ldr x0, [x1]"
    STUB    "str x0, [x1]"
    STUB    "ldtr x0, [x1]"
    STUB    "sttr x0, [x1]"
    STUB    "dc zva, x1"
    STUB    "ldxr x0, [x1]"
    STUB    "ldr w0, [x1]"
    STUB    "ldrb w0, [x1]"
    STUB    "ldrsh x0, [x1]"
    STUB    "ldrsw x0, [x1]"
    STUB    "ldur x0, [x1, #-1]"
    STUB    "ldr x0, [x1, #-8]!"
    STUB    "ldr x0, [x1], #8"
    STUB    "ldr x0, [x1, x3, lsl #3]"
    STUB    "ldr x0, [x1, w3, sxtw]"
    STUB    "str w0, [x1]"
    STUB    "strb w0, [x1]"
    STUB    "strh w0, [x1]"
    STUB    "str x0, [x1, #8]!"
    STUB    "str x0, [x1], #-8"
    STUB    "ldtrb w0, [x1]"
    STUB    "ldtrsh w0, [x1]"
    STUB    "sttrb w0, [x1]"
    STUB    "sttr w0, [x1]"
    STUB    "ldp x0, x2, [x1]"
    STUB    "ldp w0, w2, [x1]"
    STUB    "ldp x0, x2, [x1, #16]!"
    STUB    "ldp x0, x2, [x1], #16"
    STUB    "ldpsw x0, x2, [x1]"
    STUB    "ldnp x0, x2, [x1]"
    STUB    "stp x0, x2, [x1]"
    STUB    "stp w0, w2, [x1]"
    STUB    "stp x0, x2, [x1, #-16]!"
    STUB    "stp x0, x2, [x1], #16"
    STUB    "stnp x0, x2, [x1]"
    STUB    "ldr b0, [x1]"
    STUB    "ldr h0, [x1]"
    STUB    "ldr s0, [x1]"
    STUB    "ldr d0, [x1]"
    STUB    "ldr q0, [x1]"
    STUB    "ldur q0, [x1, #-1]"
    STUB    "str s0, [x1]"
    STUB    "str d0, [x1]"
    STUB    "str q0, [x1]"
    STUB    "str q0, [x1], #16"
    STUB    "ldp s0, s1, [x1]"
    STUB    "ldp d0, d1, [x1]"
    STUB    "ldp q0, q1, [x1]"
    STUB    "stp d0, d1, [x1]"
    STUB    "stp q0, q1, [x1]"
    STUB    "stp q0, q1, [x1, #-32]!"
    STUB    "ld1 {v0.16b}, [x1]"
    STUB    "ld1 {v0.2d}, [x1], #16"
    STUB    "ld1 {v0.8h, v1.8h}, [x1]"
    STUB    "ld1 {v0.16b, v1.16b, v2.16b, v3.16b}, [x1]"
    STUB    "ld2 {v0.4s, v1.4s}, [x1]"
    STUB    "ld3 {v0.8b, v1.8b, v2.8b}, [x1]"
    STUB    "ld4 {v0.2d, v1.2d, v2.2d, v3.2d}, [x1], #64"
    STUB    "ld1 {v0.s}[1], [x1]"
    STUB    "ld3 {v0.h, v1.h, v2.h}[7], [x1]"
    STUB    "ld1r {v0.4s}, [x1]"
    STUB    "ld4r {v0.8b, v1.8b, v2.8b, v3.8b}, [x1]"
    STUB    "st1 {v0.16b}, [x1]"
    STUB    "st1 {v0.4s, v1.4s, v2.4s}, [x1]"
    STUB    "st2 {v0.2d, v1.2d}, [x1]"
    STUB    "st3 {v0.4h, v1.4h, v2.4h}, [x1], #24"
    STUB    "st4 {v0.16b, v1.16b, v2.16b, v3.16b}, [x1]"
    STUB    "st1 {v0.d}[1], [x1]"
    STUB    "st2 {v0.b, v1.b}[9], [x1]"
    STUB    "st4 {v0.s, v1.s, v2.s, v3.s}[2], [x1]"
    STUB    "ldxrb w0, [x1]"
    STUB    "ldxrh w0, [x1]"
    STUB    "ldaxr w0, [x1]"
    STUB    "ldxp x0, x2, [x1]"
    STUB    "ldaxp w0, w2, [x1]"
    STUB    "ldxr x0, [x1]; stxr w2, x0, [x1]"
    STUB    "ldaxrb w0, [x1]; stlxrb w2, w0, [x1]"
    STUB    "ldxp x0, x2, [x1]; stxp w3, x0, x2, [x1]"
    STUB    "ldar x0, [x1]"
    STUB    "ldarb w0, [x1]"
    STUB    "ldarh w0, [x1]"
    STUB    "stlr x0, [x1]"
    STUB    "stlr w0, [x1]"
    STUB    "stlrb w0, [x1]"
    STUB    "prfm pldl1keep, [x1]"
    STUB    "prfm pstl1strm, [x1, #8]"
    TABLE_END

// Cache maintenance by address, base register X1.
    TABLE   cache_stubs
    STUB    "dc cvac, x1"
    STUB    "dc cvau, x1"
    STUB    "dc civac, x1"
    STUB    "dc ivac, x1"
    STUB    "ic ivau, x1"
    TABLE_END

// Base register SP.
    TABLE   stack_stubs
    STUB    "ldr x0, [sp]"
    STUB    "str x0, [sp]"
    STUB    "ldrb w0, [sp, #1]"
    STUB    "ldp x0, x2, [sp], #16"
    STUB    "stp x0, x2, [sp, #-16]!"
    STUB    "ldr q0, [sp]"
    STUB    "ld1 {v0.16b}, [sp]"
    STUB    "ldxr x0, [sp]"
    STUB    "ldar x0, [sp]"
    STUB    "ldtr x0, [sp]"
    STUB    "ldr x0, [sp, x3]"
    STUB    "prfm pldl1keep, [sp]"
    STUB    "add x0, sp, #1"
    TABLE_END

// X1 is the address; the result comes back in X0.
    TABLE   at_stubs
    STUB    "at s1e1r, x1; isb; mrs x0, par_el1"
    STUB    "at s1e1w, x1; isb; mrs x0, par_el1"
    STUB    "at s1e0r, x1; isb; mrs x0, par_el1"
    STUB    "at s1e0w, x1; isb; mrs x0, par_el1"
    TABLE_END

// Branches to X1.
    TABLE   branch_stubs
    STUB    "br x1"
    STUB    "blr x1"
    STUB    "ret x1"
    TABLE_END

// No memory: exceptions by the instruction itself.
    TABLE   plain_stubs
    STUB    "nop"
    STUB    "svc #0"
    STUB    "svc #0x1234"
    STUB    "brk #0"
    STUB    "brk #0xbeef"
    STUB    "hlt #1"
    STUB    "udf #0"
    STUB    ".inst 0xffffffff"
    STUB    ".inst 0x00000001"
    STUB    ".inst 0x1e000000" // reserved conversion
    STUB    ".inst 0xf8c00c20" // reserved load
    STUB    ".inst 0xc8a07c22" // CAS: FEAT_LSE
    STUB    ".inst 0xf8200022" // LDADD
    STUB    "hint #32"
    STUB    ".inst 0xd503233f" // PACIASP is a hint
    STUB    ".inst 0xdac10020" // PACIA is not
    STUB    "drps"
    STUB    "yield"
    STUB    "clrex"
    STUB    "msr daifset, #15"
    STUB    "msr daifclr, #0"
    STUB    "mrs x0, daif"
    STUB    "msr spsel, #0"
    STUB    "mrs x0, currentel"
    STUB    "mrs x0, nzcv"
    STUB    "msr fpcr, xzr"
    STUB    "mrs x0, tpidr_el0"
    STUB    "msr tpidr_el0, x0"
    STUB    "mrs x0, tpidrro_el0"
    STUB    "msr tpidrro_el0, x0"
    STUB    "mrs x0, ctr_el0"
    STUB    "mrs x0, dczid_el0"
    STUB    "mrs x0, cntfrq_el0"
    STUB    "mrs x0, cntvct_el0"
    STUB    "mrs x0, cntpct_el0"
    STUB    "mrs x0, cntv_ctl_el0"
    STUB    "mrs x0, cntp_ctl_el0"
    STUB    "msr cntv_ctl_el0, xzr"
    STUB    "msr s3_3_c14_c0_2, x0" // CNTVCT_EL0
    STUB    "mrs x0, sctlr_el1"
    STUB    "mrs x0, ttbr0_el1"
    STUB    "mrs x0, midr_el1"
    STUB    "msr s3_0_c0_c0_0, x0" // MIDR_EL1
    STUB    "mrs x0, vbar_el1"
    STUB    "mrs x0, far_el1"
    STUB    "mrs x0, id_aa64pfr0_el1"
    STUB    "mrs x0, s3_0_c0_c7_7" // reserved identification register
    STUB    "mrs x0, s3_0_c15_c0_0"
    STUB    "mrs x0, s3_3_c5_c5_5" // unallocated
    STUB    "msr s3_3_c5_c5_5, x0"
    STUB    "mrs x0, s2_7_c3_c3_3"
    STUB    "mrs x0, hcr_el2"
    STUB    "mrs x0, scr_el3"
    STUB    "mrs x0, sp_el0"
    STUB    "mrs x0, sp_el1"
    STUB    "ic iallu"
    STUB    "dc isw, xzr"
    STUB    "tlbi vmalle1"
    STUB    "tlbi vae1, xzr"
    STUB    "tlbi alle2"
    STUB    "at s1e1r, x1"
    STUB    "at s12e1r, x1"
    STUB    "sys #1, c7, c3, #4"
    STUB    "fadd d0, d1, d2"
    STUB    "add v0.4s, v1.4s, v2.4s"
    STUB    "fmov x0, d0"
    STUB    "ldr q0, [x1]"
    STUB    "st1 {v0.16b}, [x1]"
    STUB    "mrs x0, fpsr"
    STUB    "hvc #1"
    STUB    "smc #1"
    TABLE_END

// What SCTLR_EL1 and CNTKCTL_EL1 let EL0 do.
    TABLE   trapped_stubs
    STUB    "wfi"
    STUB    "eret"
    STUB    "mrs x0, ctr_el0"
    STUB    "dc zva, x1"
    STUB    "dc cvac, x1"
    STUB    "dc cvau, x1"
    STUB    "dc civac, x1"
    STUB    "dc ivac, x1"
    STUB    "ic ivau, x1"
    STUB    "msr daifset, #15"
    STUB    "msr daifclr, #0"
    STUB    "mrs x0, daif"
    STUB    "msr daif, x0"
    STUB    "mrs x0, cntvct_el0"
    STUB    "mrs x0, cntpct_el0"
    STUB    "mrs x0, cntfrq_el0"
    STUB    "mrs x0, cntv_ctl_el0"
    STUB    "mrs x0, cntp_ctl_el0"
    STUB    "mrs x0, cntv_cval_el0"
    STUB    "mrs x0, cntp_tval_el0"
    TABLE_END

// X0 goes to SPSR_EL1, X1 to ELR_EL1.
    TABLE   eret_stubs
    STUB    "msr spsr_el1, x0; msr elr_el1, x1; eret"
    TABLE_END

// Run in a page of their own, mapped before an invalid one.
    .section .literal_stubs, "ax"
    .balign 4096
    .global literal_page
literal_page:

    .macro  LITERAL text
    .section .literal_stubs, "ax"
91: \text
    svc     #0xfff
    .section .rodata.text, "a"
92: .asciz  "\text"
    .section .rodata.table, "a"
    .quad   92b, 91b
    .endm

    TABLE   literal_stubs
    LITERAL "ldr x0, .+4096"
    LITERAL "ldr w0, .+4096"
    LITERAL "ldrsw x0, .+4096"
    LITERAL "ldr d0, .+4096"
    LITERAL "ldr q0, .+4096"
    LITERAL "prfm pldl1keep, .+4096"
    LITERAL "ldr x0, .-44"
    TABLE_END

    .section .literal_stubs, "ax"
    .balign 4096

// A page of SVC #0xfff: where jumps land.
    .section .landing, "ax"
    .balign 4096
    .global landing_page
landing_page:
    .rept   1024
    svc     #0xfff
    .endr

// And a page that runs into the next one.
    .global nop_page
nop_page:
    .rept   1024
    nop
    .endr
