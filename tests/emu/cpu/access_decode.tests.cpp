#include "cpu/access_decode.hpp"

#include <catch2/catch_test_macros.hpp>

#include <map>
#include <sstream>
#include <string>
#include <utility>

using namespace forkscope;

namespace {

// X0 is 0, X1 0x10000, X2 0x20000 and so on, but for a few odd ones.
class FixedRegisters : public AddressRegisters {
public:
    u64 x(unsigned index) const override {
        CHECK(index < 31);
        const auto found = special.find(index);
        return found == special.end() ? u64{index} << 16 : found->second;
    }
    u64 sp() const override { return 0x7f0000; }

    std::map<unsigned, u64> special{{20, 0x1234'5678'ffff'fff0}, {21, ~u64{15}}, {22, 0x55577}};
};

constexpr u64 kPc = 0x400000;

// "sp " if the base is SP; then for each access: r(ead), w(rite), c(ache
// maintenance), i(nvalidate) or z(ero block); bytes; /alignment where it is not
// the size; u(nprivileged), x (exclusive), o(rdered), ! aligned always, - never;
// @address.
std::string describe(const AccessList& list) {
    std::ostringstream out;
    const char* separator = "";
    if (list.sp_based) {
        out << "sp";
        separator = " ";
    }
    for (const MemoryAccess& access : list.span()) {
        out << std::exchange(separator, " ");
        const char letter[] = {'r', 'w', 'e', 'c', 'i'};
        out << (access.zero_block ? 'z' : letter[static_cast<unsigned>(access.type)])
            << access.size;
        if (access.alignment != access.size && !access.zero_block)
            out << '/' << access.alignment;
        out << (access.unprivileged ? "u" : "") << (access.exclusive ? "x" : "")
            << (access.ordered ? "o" : "") << (access.rule == AlignmentRule::Always ? "!" : "")
            << (access.rule == AlignmentRule::Never ? "-" : "");
        CHECK(access.zero_block == (access.rule == AlignmentRule::NoDeviceMemory));
        out << '@' << std::hex << access.address << std::dec;
    }
    return out.str();
}

struct Row {
    u32 word; // as GNU as 2.40 assembles `text` at kPc
    const char* text;
    const char* accesses;
};

// clang-format off
constexpr Row kRows[] = {
    // single register
    {0xf9400020, "ldr x0, [x1]", "r8@10000"},
    {0xb9400420, "ldr w0, [x1, #4]", "r4@10004"},
    {0xf97ffc20, "ldr x0, [x1, #32760]", "r8@17ff8"},
    {0x397ffc20, "ldrb w0, [x1, #4095]", "r1@10fff"},
    {0x797ffc20, "ldrh w0, [x1, #8190]", "r2@11ffe"},
    {0x39800420, "ldrsb x0, [x1, #1]", "r1@10001"},
    {0x39c00420, "ldrsb w0, [x1, #1]", "r1@10001"},
    {0x79800420, "ldrsh x0, [x1, #2]", "r2@10002"},
    {0x79c00420, "ldrsh w0, [x1, #2]", "r2@10002"},
    {0xb9bffc20, "ldrsw x0, [x1, #16380]", "r4@13ffc"},
    {0xf9000420, "str x0, [x1, #8]", "w8@10008"},
    {0xb900083f, "str wzr, [x1, #8]", "w4@10008"},
    {0x39000020, "strb w0, [x1]", "w1@10000"},
    {0x79000420, "strh w0, [x1, #2]", "w2@10002"},
    {0xf9400be0, "ldr x0, [sp, #16]", "sp r8@7f0010"},
    {0xf81f0fe0, "str x0, [sp, #-16]!", "sp w8@7efff0"},
    {0xf84107e0, "ldr x0, [sp], #16", "sp r8@7f0000"},
    {0xf8500c20, "ldr x0, [x1, #-256]!", "r8@ff00"},
    {0xf84ff420, "ldr x0, [x1], #255", "r8@10000"},
    {0xb81fc420, "str w0, [x1], #-4", "w4@10000"},
    {0x381ffc20, "strb w0, [x1, #-1]!", "w1@ffff"},
    {0xf85ff020, "ldur x0, [x1, #-1]", "r8@ffff"},
    {0xb8403020, "ldur w0, [x1, #3]", "r4@10003"},
    {0xf80ff020, "stur x0, [x1, #255]", "w8@100ff"},
    {0x38500020, "ldurb w0, [x1, #-256]", "r1@ff00"},
    {0x785ff020, "ldurh w0, [x1, #-1]", "r2@ffff"},
    {0xb89fd020, "ldursw x0, [x1, #-3]", "r4@fffd"},
    {0x78001020, "sturh w0, [x1, #1]", "w2@10001"},
    {0x381fb020, "sturb w0, [x1, #-5]", "w1@fffb"},
    // register offset
    {0xf8626820, "ldr x0, [x1, x2]", "r8@30000"},
    {0xf8627820, "ldr x0, [x1, x2, lsl #3]", "r8@110000"},
    {0xb8744820, "ldr w0, [x1, w20, uxtw]", "r4@10000fff0"},
    {0xb874c820, "ldr w0, [x1, w20, sxtw]", "r4@fff0"},
    {0xb874d820, "ldr w0, [x1, w20, sxtw #2]", "r4@ffc0"},
    {0xf875e820, "ldr x0, [x1, x21, sxtx]", "r8@fff0"},
    {0xf875f820, "ldr x0, [x1, x21, sxtx #3]", "r8@ff80"},
    {0x38756820, "ldrb w0, [x1, x21]", "r1@fff0"},
    {0x3874d820, "ldrb w0, [x1, w20, sxtw #0]", "r1@fff0"},
    {0x78a27820, "ldrsh x0, [x1, x2, lsl #1]", "r2@50000"},
    {0x3ca27820, "str q0, [x1, x2, lsl #4]", "w16@210000"},
    {0xf83f6be0, "str x0, [sp, xzr]", "sp w8@7f0000"},
    {0xfc74d820, "ldr d0, [x1, w20, sxtw #3]", "r8@ff80"},
    // unprivileged
    {0xf8408820, "ldtr x0, [x1, #8]", "r8u@10008"},
    {0xb8500820, "ldtr w0, [x1, #-256]", "r4u@ff00"},
    {0x38400820, "ldtrb w0, [x1]", "r1u@10000"},
    {0x78402820, "ldtrh w0, [x1, #2]", "r2u@10002"},
    {0x38800820, "ldtrsb x0, [x1]", "r1u@10000"},
    {0x38c00820, "ldtrsb w0, [x1]", "r1u@10000"},
    {0x78800820, "ldtrsh x0, [x1]", "r2u@10000"},
    {0x78c00820, "ldtrsh w0, [x1]", "r2u@10000"},
    {0xb8800820, "ldtrsw x0, [x1]", "r4u@10000"},
    {0xf8008820, "sttr x0, [x1, #8]", "w8u@10008"},
    {0xb8000be0, "sttr w0, [sp]", "sp w4u@7f0000"},
    {0x38000820, "sttrb w0, [x1]", "w1u@10000"},
    {0x78000820, "sttrh w0, [x1]", "w2u@10000"},
    // literal
    {0x58000040, "ldr x0, .+8", "r8@400008"},
    {0x18ffffe0, "ldr w0, .-4", "r4@3ffffc"},
    {0x98000060, "ldrsw x0, .+12", "r4@40000c"},
    {0x1c000080, "ldr s0, .+16", "r4@400010"},
    {0x5c000080, "ldr d0, .+16", "r8@400010"},
    {0x9c800000, "ldr q0, .-1048576", "r16@300000"},
    // pairs
    {0xa9400820, "ldp x0, x2, [x1]", "r8@10000 r8@10008"},
    {0x29600820, "ldp w0, w2, [x1, #-256]", "r4@ff00 r4@ff04"},
    {0xa95f8820, "ldp x0, x2, [x1, #504]", "r8@101f8 r8@10200"},
    {0xa8c17bfd, "ldp x29, x30, [sp], #16", "sp r8@7f0000 r8@7f0008"},
    {0xa9be7bfd, "stp x29, x30, [sp, #-32]!", "sp w8@7effe0 w8@7effe8"},
    {0x28810820, "stp w0, w2, [x1], #8", "w4@10000 w4@10004"},
    {0xa9207c3f, "stp xzr, xzr, [x1, #-512]", "w8@fe00 w8@fe08"},
    {0x69408820, "ldpsw x0, x2, [x1, #4]", "r4@10004 r4@10008"},
    {0x68c08820, "ldpsw x0, x2, [x1], #4", "r4@10000 r4@10004"},
    {0x69ff8820, "ldpsw x0, x2, [x1, #-4]!", "r4@fffc r4@10000"},
    {0xa8410820, "ldnp x0, x2, [x1, #16]", "r8@10010 r8@10018"},
    {0x283f8820, "stnp w0, w2, [x1, #-4]", "w4@fffc w4@10000"},
    {0x2d408420, "ldp s0, s1, [x1, #4]", "r4@10004 r4@10008"},
    {0x6dff8420, "ldp d0, d1, [x1, #-8]!", "r8@fff8 r8@10000"},
    {0xad5f8420, "ldp q0, q1, [x1, #1008]", "r16@103f0 r16@10400"},
    {0xadbe07e0, "stp q0, q1, [sp, #-64]!", "sp w16@7effc0 w16@7effd0"},
    {0x6c812428, "stp d8, d9, [x1], #16", "w8@10000 w8@10008"},
    {0xac400420, "ldnp q0, q1, [x1]", "r16@10000 r16@10010"},
    {0x6c008420, "stnp d0, d1, [x1, #8]", "w8@10008 w8@10010"},
    // SIMD and FP registers
    {0x3d400420, "ldr b0, [x1, #1]", "r1@10001"},
    {0x7d400420, "ldr h0, [x1, #2]", "r2@10002"},
    {0xbd400420, "ldr s0, [x1, #4]", "r4@10004"},
    {0xfd400420, "ldr d0, [x1, #8]", "r8@10008"},
    {0x3dfffc20, "ldr q0, [x1, #65520]", "r16@1fff0"},
    {0x3d800420, "str q0, [x1, #16]", "w16@10010"},
    {0x3c001420, "str b0, [x1], #1", "w1@10000"},
    {0x3cdf0c20, "ldr q0, [x1, #-16]!", "r16@fff0"},
    {0x3cdff020, "ldur q0, [x1, #-1]", "r16@ffff"},
    {0xbc002020, "stur s0, [x1, #2]", "w4@10002"},
    {0x7c627820, "ldr h0, [x1, x2, lsl #1]", "r2@50000"},
    // SIMD structures
    {0x4c407020, "ld1 {v0.16b}, [x1]", "r16/1@10000"},
    {0x0c407020, "ld1 {v0.8b}, [x1]", "r8/1@10000"},
    {0x0c407c20, "ld1 {v0.1d}, [x1]", "r8@10000"},
    {0x4c40ac20, "ld1 {v0.2d, v1.2d}, [x1]", "r32/8@10000"},
    {0x4c406420, "ld1 {v0.8h, v1.8h, v2.8h}, [x1]", "r48/2@10000"},
    {0x4cdf2820, "ld1 {v0.4s, v1.4s, v2.4s, v3.4s}, [x1], #64", "r64/4@10000"},
    {0x4c408820, "ld2 {v0.4s, v1.4s}, [x1]", "r32/4@10000"},
    {0x0cc28020, "ld2 {v0.8b, v1.8b}, [x1], x2", "r16/1@10000"},
    {0x4cdf4c20, "ld3 {v0.2d, v1.2d, v2.2d}, [x1], #48", "r48/8@10000"},
    {0x0c4007e0, "ld4 {v0.4h, v1.4h, v2.4h, v3.4h}, [sp]", "sp r32/2@7f0000"},
    {0x4c400020, "ld4 {v0.16b, v1.16b, v2.16b, v3.16b}, [x1]", "r64/1@10000"},
    {0x4c9f7020, "st1 {v0.16b}, [x1], #16", "w16/1@10000"},
    {0x0c002c20, "st1 {v0.1d, v1.1d, v2.1d, v3.1d}, [x1]", "w32/8@10000"},
    {0x4c828c20, "st2 {v0.2d, v1.2d}, [x1], x2", "w32/8@10000"},
    {0x4c004820, "st3 {v0.4s, v1.4s, v2.4s}, [x1]", "w48/4@10000"},
    {0x4c9f0420, "st4 {v0.8h, v1.8h, v2.8h, v3.8h}, [x1], #64", "w64/2@10000"},
    {0x4d401c20, "ld1 {v0.b}[15], [x1]", "r1@10000"},
    {0x4d405820, "ld1 {v0.h}[7], [x1]", "r2@10000"},
    {0x4ddf9020, "ld1 {v0.s}[3], [x1], #4", "r4@10000"},
    {0x4dc28420, "ld1 {v0.d}[1], [x1], x2", "r8@10000"},
    {0x0d600c20, "ld2 {v0.b, v1.b}[3], [x1]", "r2/1@10000"},
    {0x0d608420, "ld2 {v0.d, v1.d}[0], [x1]", "r16/8@10000"},
    {0x0ddf6820, "ld3 {v0.h, v1.h, v2.h}[1], [x1], #6", "r6/2@10000"},
    {0x4d40a020, "ld3 {v0.s, v1.s, v2.s}[2], [x1]", "r12/4@10000"},
    {0x4dffa420, "ld4 {v0.d, v1.d, v2.d, v3.d}[1], [x1], #32", "r32/8@10000"},
    {0x4d602420, "ld4 {v0.b, v1.b, v2.b, v3.b}[9], [x1]", "r4/1@10000"},
    {0x0d009020, "st1 {v0.s}[1], [x1]", "w4@10000"},
    {0x0d204820, "st2 {v0.h, v1.h}[1], [x1]", "w4/2@10000"},
    {0x4d82a420, "st3 {v0.d, v1.d, v2.d}[1], [x1], x2", "w24/8@10000"},
    {0x4d20b020, "st4 {v0.s, v1.s, v2.s, v3.s}[3], [x1]", "w16/4@10000"},
    {0x4d40c020, "ld1r {v0.16b}, [x1]", "r1@10000"},
    {0x4ddfcc20, "ld1r {v0.2d}, [x1], #8", "r8@10000"},
    {0x4d60c820, "ld2r {v0.4s, v1.4s}, [x1]", "r8/4@10000"},
    {0x0d40e420, "ld3r {v0.4h, v1.4h, v2.4h}, [x1]", "r6/2@10000"},
    {0x0de2ec20, "ld4r {v0.1d, v1.1d, v2.1d, v3.1d}, [x1], x2", "r32/8@10000"},
    // exclusive, acquire, release
    {0xc85f7c20, "ldxr x0, [x1]", "r8x!@10000"},
    {0x885f7c20, "ldxr w0, [x1]", "r4x!@10000"},
    {0x085f7c20, "ldxrb w0, [x1]", "r1x!@10000"},
    {0x485f7c20, "ldxrh w0, [x1]", "r2x!@10000"},
    {0xc85fffe0, "ldaxr x0, [sp]", "sp r8xo!@7f0000"},
    {0x085ffc20, "ldaxrb w0, [x1]", "r1xo!@10000"},
    {0xc87f0820, "ldxp x0, x2, [x1]", "r16x!@10000"},
    {0x887f8820, "ldaxp w0, w2, [x1]", "r8xo!@10000"},
    {0xc8037c20, "stxr w3, x0, [x1]", "w8x!@10000"},
    {0x8803fc20, "stlxr w3, w0, [x1]", "w4xo!@10000"},
    {0x08037c20, "stxrb w3, w0, [x1]", "w1x!@10000"},
    {0x4803fc20, "stlxrh w3, w0, [x1]", "w2xo!@10000"},
    {0xc8230820, "stxp w3, x0, x2, [x1]", "w16x!@10000"},
    {0x88238820, "stlxp w3, w0, w2, [x1]", "w8xo!@10000"},
    {0xc8dffc20, "ldar x0, [x1]", "r8o!@10000"},
    {0x88dffc20, "ldar w0, [x1]", "r4o!@10000"},
    {0x08dffc20, "ldarb w0, [x1]", "r1o!@10000"},
    {0x48dffc20, "ldarh w0, [x1]", "r2o!@10000"},
    {0xc89ffc20, "stlr x0, [x1]", "w8o!@10000"},
    {0x889fffff, "stlr wzr, [sp]", "sp w4o!@7f0000"},
    {0x089ffc20, "stlrb w0, [x1]", "w1o!@10000"},
    {0x489ffc20, "stlrh w0, [x1]", "w2o!@10000"},
    // caches
    {0xd50b7436, "dc zva, x22", "z64@55577"},
    {0xd5087636, "dc ivac, x22", "i1-@55577"},
    {0xd50b7a36, "dc cvac, x22", "c1-@55577"},
    {0xd50b7b36, "dc cvau, x22", "c1-@55577"},
    {0xd50b7e36, "dc civac, x22", "c1-@55577"},
    {0xd50b7e3f, "dc civac, xzr", "c1-@0"},
    {0xd50b7536, "ic ivau, x22", "c1-@55577"},
    // no access by address
    {0xf9800420, "prfm pldl1keep, [x1, #8]", ""},
    {0xf98003f1, "prfm pstl1strm, [sp]", ""},
    {0xf8a27820, "prfm pldl1keep, [x1, x2, lsl #3]", ""},
    {0xd8000040, "prfm pldl1keep, .+8", ""},
    {0xf89ff020, "prfum pldl1keep, [x1, #-1]", ""},
    {0xd5087640, "dc isw, x0", ""},
    {0xd5087a40, "dc csw, x0", ""},
    {0xd5087e40, "dc cisw, x0", ""},
    {0xd508751f, "ic iallu", ""},
    {0xd508711f, "ic ialluis", ""},
    {0xd5088720, "tlbi vae1, x0", ""},
    {0xd5087800, "at s1e1r, x0", ""},
    {0x8b020020, "add x0, x1, x2", ""},
    {0x14000002, "b .+8", ""},
    {0xd4000001, "svc #0", ""},
    {0xd69f03e0, "eret", ""},
    {0xd5033fbf, "dmb sy", ""},
    {0xd5033f5f, "clrex", ""},
    {0xd5182000, "msr ttbr0_el1, x0", ""},
    {0x4e22d420, "fadd v0.4s, v1.4s, v2.4s", ""},
    {0xd503201f, "nop", ""},
};

// Later extensions, and encodings that ARMv8.0 leaves unallocated.
constexpr Row kUnallocated[] = {
    {0xc8a07c22, "cas x0, x2, [x1]", ""},
    {0x48207c22, "casp x0, x1, x2, x3, [x1]", ""},
    {0xf8200022, "ldadd x0, x2, [x1]", ""},
    {0xb8208022, "swp w0, w2, [x1]", ""},
    {0xc8df7c20, "ldlar x0, [x1]", ""},
    {0xc89f7c20, "stllr x0, [x1]", ""},
    {0xf8bfc020, "ldapr x0, [x1]", ""},
    {0xf8201420, "ldraa x0, [x1, #8]", ""},
    {0xd9401020, "ldapur x0, [x1, #1]", ""},
    {0xd9200821, "stg x1, [x1]", ""},
    {0xd9600020, "ldg x0, [x1]", ""},
    {0x69000820, "stgp x0, x2, [x1]", ""},
    {0xd50b7c36, "dc cvap, x22", ""},
    {0xd50b7476, "dc gva, x22", ""},
    {0x0c403020, "LD1 with opcode 0b0011", ""},
    {0x0c408c20, "LD2 of .1d", ""},
    {0x0c412020, "LD1 without post-index, but with Rm", ""},
    {0x0d404420, "LD1 lane of halfwords with size<0> = 1", ""},
    {0x0d00c020, "ST1R", ""},
    {0x38202820, "STRB with extend option 1", ""},
    {0x3c000820, "STTR of a SIMD register", ""},
    {0xb8c00820, "LDTRSW to 32 bits", ""},
    {0xf8c00c20, "load of size 3 with opc 3", ""},
    {0x7d800020, "SIMD store of size 1 with opc 2", ""},
    {0xe8400020, "pair with opc 3", ""},
    {0x68000020, "LDPSW without a load", ""},
    {0x68400020, "LDPSW with no-allocate", ""},
    {0xdc000020, "SIMD literal with opc 3", ""},
    {0x08200020, "exclusive pair of bytes", ""},
};
// clang-format on

// Refuses every access from `limit` up.
auto refuse_from(u64 limit) {
    return [limit](u64 va, const MemoryAccess&) -> std::optional<int> {
        return va >= limit ? std::optional<int>(1) : std::nullopt;
    };
}

AccessList decode(u32 word, u64 x1) {
    FixedRegisters registers;
    registers.special[1] = x1;
    return decode_accesses(word, kPc, registers);
}

} // namespace

TEST_CASE("access decode: every form of load, store and cache maintenance", "[emu][cpu]") {
    const FixedRegisters registers;
    for (const Row& row : kRows) {
        INFO(row.text);
        CHECK(describe(decode_accesses(row.word, kPc, registers)) == row.accesses);
    }
}

TEST_CASE("access decode: what ARMv8.0 does not have accesses nothing", "[emu][cpu]") {
    const FixedRegisters registers;
    for (const Row& row : kUnallocated) {
        INFO(row.text);
        CHECK(describe(decode_accesses(row.word, kPc, registers)) == row.accesses);
    }
}

TEST_CASE("access decode: LDTR and STTR forms are recognised by their word", "[emu][cpu]") {
    const FixedRegisters registers;
    for (const Row& row : kRows) {
        INFO(row.text);
        const AccessList list = decode_accesses(row.word, kPc, registers);
        const bool unprivileged = list.count != 0 && list.accesses[0].unprivileged;
        CHECK(is_unprivileged_access(row.word) == unprivileged);
    }
    CHECK_FALSE(is_unprivileged_access(0x3c000820)); // SIMD: unallocated
    CHECK_FALSE(is_unprivileged_access(0xb8c00820));
}

TEST_CASE("first fault: an access inside one page reports its own address", "[emu][cpu]") {
    const auto fault = first_fault(decode(0xf9400020, 0x5123), refuse_from(0x5000));
    REQUIRE(fault);
    CHECK(fault->far == 0x5123);
    CHECK(fault->type == AccessType::Read);
    CHECK_FALSE(first_fault(decode(0xf9400020, 0x4123), refuse_from(0x5000)));
}

TEST_CASE("first fault: a crossing access whose second page is refused reports that page",
          "[emu][cpu]") {
    const u32 str_x0_x1 = 0xf9000020;
    const auto second = first_fault(decode(str_x0_x1, 0x4ffd), refuse_from(0x5000));
    REQUIRE(second);
    CHECK(second->far == 0x5000);
    CHECK(second->type == AccessType::Write);
    CHECK(first_fault(decode(str_x0_x1, 0x4ffd), refuse_from(0x4000))->far == 0x4ffd);
    CHECK_FALSE(first_fault(decode(str_x0_x1, 0x4ff8), refuse_from(0x5000)));
}

TEST_CASE("first fault: the second register of a pair has its own address", "[emu][cpu]") {
    const u32 ldp_x0_x2_x1 = 0xa9400820;
    CHECK(first_fault(decode(ldp_x0_x2_x1, 0x4ff8), refuse_from(0x5000))->far == 0x5000);
    CHECK(first_fault(decode(ldp_x0_x2_x1, 0x4ff4), refuse_from(0x5000))->far == 0x5000);
    CHECK(first_fault(decode(ldp_x0_x2_x1, 0x4ffc), refuse_from(0x5000))->far == 0x5000);
    CHECK(first_fault(decode(ldp_x0_x2_x1, 0x5008), refuse_from(0x5000))->far == 0x5008);
}

TEST_CASE("first fault: a SIMD structure is cut at the page", "[emu][cpu]") {
    const u32 st4_16b = 0x4c000020;
    const auto fault = first_fault(decode(st4_16b, 0x4fd0), refuse_from(0x5000));
    REQUIRE(fault);
    CHECK(fault->far == 0x5000);
    CHECK(fault->type == AccessType::Write);
    CHECK_FALSE(first_fault(decode(st4_16b, 0x4fc0), refuse_from(0x5000)));
}

TEST_CASE("first fault: DC ZVA reports its register, though the block starts below", "[emu][cpu]") {
    const u32 dc_zva_x1 = 0xd50b7421;
    const auto fault = first_fault(decode(dc_zva_x1, 0x503f), refuse_from(0x5000));
    REQUIRE(fault);
    CHECK(fault->far == 0x503f);
    CHECK(fault->type == AccessType::Write);
    CHECK(fault->access.first_byte() == 0x5000);
    CHECK_FALSE(first_fault(decode(dc_zva_x1, 0x4fff), refuse_from(0x5000)));
}

TEST_CASE("first fault: an access may wrap around the end of the address space", "[emu][cpu]") {
    const auto fault = first_fault(decode(0xf9400020, ~u64{3}),
                                   [](u64 va, const MemoryAccess&) -> std::optional<int> {
                                       return va == 0 ? std::optional<int>(1) : std::nullopt;
                                   });
    REQUIRE(fault);
    CHECK(fault->far == 0);
}
