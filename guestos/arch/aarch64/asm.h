// Constants that assembler needs. machdep.cpp checks them against the C++
// declarations with static_assert.
#define TF_SIZE 288
#define TF_SP 248
#define TF_PC 256
#define TF_SPSR 264
#define TF_ESR 272
#define TF_FAR 280

#define UAREA_SIZE 0x4000
#define PCB_SIZE 656
#define PCB_SP 96
#define PCB_ONFAULT 104
#define USPACE_SHIFT 14 // set in every valid kernel stack pointer

#define CI_SCRATCH 16
#define CI_OVF_SP 32

// Translation table descriptors, Arm ARM D5.3
#define DESC_TABLE 3
#define BLOCK_NORMAL 0x701 // valid, AttrIndx 0, AP RW at EL1, inner shareable, AF
#define BLOCK_XN_HI 0x0060 // UXN, PXN: bits 54, 53

// MAIR_EL1: 0 normal, write-back; 1 device nGnRE
#define MAIR_VALUE 0x04ff
// TCR_EL1: T0SZ = T1SZ = 25, 4 KiB granules, inner shareable, write-back
// walks; IPS and AS are added from ID_AA64MMFR0_EL1
#define TCR_VALUE 0xb5193519
// SCTLR_EL1: RES1 bits of ARMv8.0, M, C, I, SA, SA0, DZE, UCT, UCI, nTWI, nTWE
#define SCTLR_VALUE 0x34d5d81d
// CPACR_EL1.FPEN = 01: FP and SIMD instructions trap from EL0 only
#define CPACR_TRAP_EL0 0x100000
