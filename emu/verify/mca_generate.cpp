#include "verify/mca.hpp"

#include <array>

namespace forkscope::verify {

namespace {

// An instruction with register zero everywhere, and the fields to vary: d Rd,
// n Rn, m Rm, a Ra (also Rt2), N an address base.
struct Template {
    u32 word;
    const char* fields;
};

constexpr Template kTemplates[] = {
    {0x8b000000, "dnm"},  // add x0, x0, x0
    {0xcb000000, "dnm"},  // sub x0, x0, x0
    {0xeb000000, "dnm"},  // subs x0, x0, x0
    {0x8a000000, "dnm"},  // and x0, x0, x0
    {0x2a000000, "dnm"},  // orr w0, w0, w0
    {0xca000000, "dnm"},  // eor x0, x0, x0
    {0x8a200000, "dnm"},  // bic x0, x0, x0
    {0x91001400, "dn"},   // add x0, x0, #5
    {0x51000400, "dn"},   // sub w0, w0, #1
    {0x92401c00, "dn"},   // and x0, x0, #0xff
    {0x8b000c00, "dnm"},  // add x0, x0, x0, lsl #3
    {0xcb800800, "dnm"},  // sub x0, x0, x0, asr #2
    {0x8b20c000, "dnm"},  // add x0, x0, w0, sxtw
    {0x8b204800, "dnm"},  // add x0, x0, w0, uxtw #2
    {0xd28009a0, "d"},    // mov x0, #77
    {0xf2a000a0, "d"},    // movk x0, #5, lsl #16
    {0xd37df000, "dn"},   // lsl x0, x0, #3
    {0x13037c00, "dn"},   // asr w0, w0, #3
    {0x9ac02000, "dnm"},  // lsl x0, x0, x0
    {0xd3432400, "dn"},   // ubfx x0, x0, #3, #7
    {0xb37d1800, "dn"},   // bfi x0, x0, #3, #7
    {0x93c02400, "dnm"},  // extr x0, x0, x0, #9
    {0x9a801000, "dnm"},  // csel x0, x0, x0, ne
    {0x1a9fa7e0, "d"},    // cset w0, lt
    {0xeb00001f, "nm"},   // cmp x0, x0
    {0x7100241f, "n"},    // cmp w0, #9
    {0xea00001f, "nm"},   // tst x0, x0
    {0xfa400000, "nm"},   // ccmp x0, x0, #0, eq
    {0x9a000000, "dnm"},  // adc x0, x0, x0
    {0xdac01000, "dn"},   // clz x0, x0
    {0xdac00000, "dn"},   // rbit x0, x0
    {0xdac00c00, "dn"},   // rev x0, x0
    {0x9b007c00, "dnm"},  // mul x0, x0, x0
    {0x1b007c00, "dnm"},  // mul w0, w0, w0
    {0x9b000000, "dnma"}, // madd x0, x0, x0, x0
    {0x1b008000, "dnma"}, // msub w0, w0, w0, w0
    {0x9b207c00, "dnm"},  // smull x0, w0, w0
    {0x9bc07c00, "dnm"},  // umulh x0, x0, x0
    {0x1ac00c00, "dnm"},  // sdiv w0, w0, w0
    {0x9ac00800, "dnm"},  // udiv x0, x0, x0
    {0xf9400000, "dN"},   // ldr x0, [x0]
    {0xb9400800, "dN"},   // ldr w0, [x0, #8]
    {0x39400400, "dN"},   // ldrb w0, [x0, #1]
    {0xb9800400, "dN"},   // ldrsw x0, [x0, #4]
    {0xf8606800, "dNm"},  // ldr x0, [x0, x0]
    {0xb8607800, "dNm"},  // ldr w0, [x0, x0, lsl #2]
    {0x29400000, "daN"},  // ldp w0, w0, [x0]
    {0xa9410000, "daN"},  // ldp x0, x0, [x0, #16]
    {0xf9000000, "dN"},   // str x0, [x0]
    {0xb9000800, "dN"},   // str w0, [x0, #8]
    {0x39000000, "dN"},   // strb w0, [x0]
    {0xf8206800, "dNm"},  // str x0, [x0, x0]
    {0xa9010000, "daN"},  // stp x0, x0, [x0, #16]
    {0xfd400000, "dN"},   // ldr d0, [x0]
    {0x3dc00400, "dN"},   // ldr q0, [x0, #16]
    {0x6d400000, "daN"},  // ldp d0, d0, [x0]
    {0xfd000000, "dN"},   // str d0, [x0]
    {0x3d800400, "dN"},   // str q0, [x0, #16]
    {0x1e602800, "dnm"},  // fadd d0, d0, d0
    {0x1e203800, "dnm"},  // fsub s0, s0, s0
    {0x1e600800, "dnm"},  // fmul d0, d0, d0
    {0x1e200800, "dnm"},  // fmul s0, s0, s0
    {0x1f400000, "dnma"}, // fmadd d0, d0, d0, d0
    {0x1f208000, "dnma"}, // fnmsub s0, s0, s0, s0
    {0x1e601800, "dnm"},  // fdiv d0, d0, d0
    {0x1e201800, "dnm"},  // fdiv s0, s0, s0
    {0x1e614000, "dn"},   // fneg d0, d0
    {0x1e602000, "nm"},   // fcmp d0, d0
    {0x1e60cc00, "dnm"},  // fcsel d0, d0, d0, gt
    {0x9e670000, "dn"},   // fmov d0, x0
    {0x9e660000, "dn"},   // fmov x0, d0
    {0x1e604000, "dn"},   // fmov d0, d0
    {0x9e620000, "dn"},   // scvtf d0, x0
    {0x9e780000, "dn"},   // fcvtzs x0, d0
    {0x1e624000, "dn"},   // fcvt s0, d0
    {0x4ea08400, "dnm"},  // add v0.4s, v0.4s, v0.4s
    {0x0e208400, "dnm"},  // add v0.8b, v0.8b, v0.8b
    {0x4ea09c00, "dnm"},  // mul v0.4s, v0.4s, v0.4s
    {0x4e609400, "dnm"},  // mla v0.8h, v0.8h, v0.8h
    {0x4e60d400, "dnm"},  // fadd v0.2d, v0.2d, v0.2d
    {0x4e20cc00, "dnm"},  // fmla v0.4s, v0.4s, v0.4s
    {0x4e201c00, "dnm"},  // and v0.16b, v0.16b, v0.16b
    {0x6e208c00, "dnm"},  // cmeq v0.16b, v0.16b, v0.16b
    {0x4f235400, "dn"},   // shl v0.4s, v0.4s, #3
    {0x6e001800, "dnm"},  // ext v0.16b, v0.16b, v0.16b, #3
    {0x4e403800, "dnm"},  // zip1 v0.8h, v0.8h, v0.8h
};

// xorshift64*: S. Vigna, "An experimental exploration of Marsaglia's xorshift
// generators, scrambled", 2016.
class Random {
public:
    explicit Random(u64 seed) : state_(seed * 2 + 1) {}
    u32 below(u32 bound) {
        state_ ^= state_ >> 12;
        state_ ^= state_ << 25;
        state_ ^= state_ >> 27;
        return static_cast<u32>((state_ * 0x2545f4914f6cdd1d) >> 33) % bound;
    }

private:
    u64 state_;
};

u32 instantiate(const Template& t, Random& random) {
    constexpr u32 kNames = 6; // few registers: many dependencies
    constexpr u32 kFirstBase = 8;
    u32 word = t.word;
    const u32 d = random.below(kNames);
    for (const char* field = t.fields; *field != '\0'; ++field) {
        switch (*field) {
        case 'd':
            word |= d;
            break;
        case 'n':
            word |= random.below(kNames) << 5;
            break;
        case 'N':
            word |= (kFirstBase + random.below(4)) << 5;
            break;
        case 'm':
            word |= random.below(kNames) << 16;
            break;
        case 'a':
            word |= ((d + 1) % kNames) << 10;
            break; // a pair's registers differ
        default:
            break;
        }
    }
    return word;
}

} // namespace

std::vector<McaBlock> generated_blocks(unsigned count, u64 seed) {
    Random random(seed);
    std::vector<McaBlock> blocks;
    for (unsigned i = 0; i < count; ++i) {
        McaBlock block{"generated " + std::to_string(i), {}};
        const u32 length = 3 + random.below(12);
        for (u32 k = 0; k < length; ++k)
            block.words.push_back(instantiate(
                kTemplates[random.below(static_cast<u32>(std::size(kTemplates)))], random));
        blocks.push_back(std::move(block));
    }
    return blocks;
}

} // namespace forkscope::verify
