// The fault oracle: a program without an operating system that makes every kind
// of memory access and exception and prints what ESR_EL1, FAR_EL1, ELR_EL1 and
// PAR_EL1 said. Run on two machines, its output is compared line by line.
#pragma once

#include "bare.hpp"

#include <initializer_list>

using bare::print;
using bare::print_hex;

// Registers before and after one instruction; offsets are known to start.S.
struct Frame {
    u64 x[4];
    u64 sp; // SP_EL0
    u64 pc;
    u64 spsr;
    u64 esr;
    u64 far;
    u64 vector; // offset from VBAR_EL1
};

// An instruction under test, followed by SVC #0xfff. Tables end with text = nullptr.
struct Stub {
    const char* text;
    u64 address;
};

// How an instruction is run.
enum class Level { El0, El1, El1OwnStack }; // the last one: EL1h, else EL1t

extern "C" {
void run(Frame*);
void set_translation(u64 ttbr0, u64 ttbr1, u64 tcr, u64 sctlr);
extern const Stub memory_stubs[], cache_stubs[], stack_stubs[], at_stubs[], branch_stubs[],
    plain_stubs[], trapped_stubs[], eret_stubs[], literal_stubs[];
extern u8 landing_page[], nop_page[], literal_page[];
}

// world.cpp: tables, and where in them there is what.

// An address to try, relative to the half's first address.
struct Place {
    const char* name;
    u64 offset;
};

// Pages of one kind each, in order; between two of them lies a crossing.
constexpr u64 kArea = 0x10'0000'0000;
enum DataPage : u64 {
    Rw0,
    Ro,
    Rw1,
    Invalid,
    Rw2,
    KernelRw,
    Rw3,
    KernelRo,
    Rw4,
    NoAccessFlag,
    Rw5,
    BigPa,
    Rw6,
    Device,
    Rw7,
    Hole,
    Reserved,
    DataPages,
};
constexpr u64 data_page(DataPage page) {
    return kArea + page * 4096;
}
extern const char* const data_page_names[DataPages];

constexpr u64 kCodeArea = kArea + 12 * 0x20'0000;
enum CodePage : u64 {
    CodeRo,
    CodeUxn,
    CodePxn,
    CodeXn,
    CodeRw,
    CodeKernelRw,
    CodeKernelRo,
    CodeInvalid,
    CodeNoAccessFlag,
    CodeBigPa,
    CodeHole,
    Fall0,
    FallInvalid,
    Fall1,
    FallXn,
    Fall2,
    FallOn,
    Literal,
    LiteralInvalid,
    CodePages,
};
constexpr u64 code_page(CodePage page) {
    return kCodeArea + page * 4096;
}
extern const char* const code_page_names[CodePages];

// Blocks, tables and their faults at levels 0 to 2. The first ones need 48-bit addresses.
extern const Place level0_places[], places[]; // end with name = nullptr

// EL0 may use DC ZVA, cache maintenance and CTR_EL0, unless `el0_traps`.
struct Regime {
    unsigned bits;
    bool upper;
    u64 tcr_more;
    u64 sctlr_more;
    bool el0_traps = false;
};
constexpr u64 kSctlrA = 1u << 1, kSctlrSa = 1u << 3, kSctlrSa0 = 1u << 4, kSctlrUma = 1u << 9,
              kSctlrDze = 1u << 14, kSctlrUct = 1u << 15, kSctlrWxn = 1u << 19,
              kSctlrUci = 1u << 26;
constexpr u64 kTcrEpd0 = 1u << 7, kTcrEpd1 = 1u << 23, kTcrTbi0 = u64{1} << 37,
              kTcrTbi1 = u64{1} << 38;

void build_world();
// Switches to `regime` and returns the first address of its half.
u64 enter(const Regime& regime);
// Maps data page `page` elsewhere, for the TLB's tests.
void remap(DataPage page, unsigned frame, bool global);
u64 frame_word(unsigned frame);

// outcome.cpp
// Runs `stub` with X1 = SP = address; prints a line "group level text @ place: outcome".
void try_stub(const char* group, const Stub& stub, Level level, u64 address, const char* place,
              u64 offset = 0);
// Jumps to `pc` by an exception return and prints the outcome.
void try_jump(const char* group, Level level, u64 pc, const char* place, u64 offset);
// The parts of the above.
void put_head(const char* group, Level level, const char* text, const char* place, u64 offset);
Frame make_frame(Level level, u64 pc, u64 address);
void put_outcome(const Frame& before, const Frame& after);

// data.cpp, other.cpp: the sections
void data_levels();
void data_pages();
void data_crossings();
void data_alignment();
void data_addresses();
void code_aborts();
void translations();
void instructions();
void illegal_returns();
void tlb_maintenance();
