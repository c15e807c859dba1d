// Where a program is after one instruction: the breakpoints of single-stepping.
#include "arch/aarch64/machine/step.hpp"

#include <catch2/catch_test_macros.hpp>

#include <array>
#include <vector>

namespace {

constexpr vaddr_t kPc = 0x40'1000;
constexpr u64 kN = u64{1} << 31;
constexpr u64 kZ = u64{1} << 30;
constexpr u64 kC = u64{1} << 29;
constexpr u64 kV = u64{1} << 28;

std::vector<u32> memory; // from kPc on

bool fetch(vaddr_t va, u32* insn) {
    const size_t index = (va - kPc) / 4;
    if (va < kPc || index >= memory.size()) {
        return false;
    }
    *insn = memory[index];
    return true;
}

struct Program {
    std::array<u64, 31> x{};
    u64 flags = 0;

    // Where it is after the first of the instructions.
    [[nodiscard]] std::vector<vaddr_t> after(std::vector<u32> instructions) const {
        memory = std::move(instructions);
        const step_targets t = step_decode({kPc, flags, x.data()}, memory[0], fetch);
        return {t.at, t.at + t.count};
    }
};

using Places = std::vector<vaddr_t>;

} // namespace

TEST_CASE("step: an instruction that is no branch leads to the next one", "[arch][step]") {
    CHECK(Program{}.after({0xd503201f}) == Places{kPc + 4}); // nop
    CHECK(Program{}.after({0xd4200000}) == Places{kPc + 4}); // brk #0
    CHECK(Program{}.after({0xf9400001}) == Places{kPc + 4}); // ldr x1, [x0]
}

TEST_CASE("step: a system call leads into the kernel", "[arch][step]") {
    CHECK(Program{}.after({0xd4000001}).empty()); // svc #0
    CHECK(Program{}.after({0xd4000841}).empty()); // svc #0x42
}

TEST_CASE("step: branches lead where they say", "[arch][step]") {
    CHECK(Program{}.after({0x14000004}) == Places{kPc + 16});        // b .+16
    CHECK(Program{}.after({0x17ffffff}) == Places{kPc - 4});         // b .-4
    CHECK(Program{}.after({0x94000002}) == Places{kPc + 8});         // bl .+8
    CHECK(Program{}.after({0x96000000}) == Places{kPc - 0x8000000}); // bl .-128M
}

TEST_CASE("step: branches to a register lead to its value", "[arch][step]") {
    Program program;
    program.x[3] = 0x50'0000;
    program.x[30] = 0x60'0000;
    CHECK(program.after({0xd61f0060}) == Places{0x50'0000}); // br x3
    CHECK(program.after({0xd63f0060}) == Places{0x50'0000}); // blr x3
    CHECK(program.after({0xd65f03c0}) == Places{0x60'0000}); // ret
    CHECK(program.after({0xd65f0060}) == Places{0x50'0000}); // ret x3
}

TEST_CASE("step: every condition is judged by the flags", "[arch][step]") {
    // b.cond .+32 for the conditions 0 (eq) to 15 (nv), with the flags for which it is taken
    const struct {
        u64 flags;
        std::array<bool, 16> taken;
    } cases[] = {
        //      eq ne cs cc mi pl vs vc hi ls ge lt gt le al nv
        {0, {0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 1, 0, 1, 0, 1, 1}},
        {kZ, {1, 0, 0, 1, 0, 1, 0, 1, 0, 1, 1, 0, 0, 1, 1, 1}},
        {kC, {0, 1, 1, 0, 0, 1, 0, 1, 1, 0, 1, 0, 1, 0, 1, 1}},
        {kC | kZ, {1, 0, 1, 0, 0, 1, 0, 1, 0, 1, 1, 0, 0, 1, 1, 1}},
        {kN, {0, 1, 0, 1, 1, 0, 0, 1, 0, 1, 0, 1, 0, 1, 1, 1}},
        {kN | kV, {0, 1, 0, 1, 1, 0, 1, 0, 0, 1, 1, 0, 1, 0, 1, 1}},
        {kV, {0, 1, 0, 1, 0, 1, 1, 0, 0, 1, 0, 1, 0, 1, 1, 1}},
    };
    for (const auto& c : cases) {
        Program program;
        program.flags = c.flags;
        for (u32 cond = 0; cond < 16; cond++) {
            CAPTURE(c.flags, cond);
            CHECK(program.after({0x54000100 | cond}) == Places{c.taken[cond] ? kPc + 32 : kPc + 4});
        }
    }
}

TEST_CASE("step: compare and branch looks at as many bits as the register has", "[arch][step]") {
    Program program;
    program.x[1] = u64{1} << 32;
    CHECK(program.after({0xb4000041}) == Places{kPc + 4}); // cbz x1, .+8
    CHECK(program.after({0x34000041}) == Places{kPc + 8}); // cbz w1, .+8
    CHECK(program.after({0xb5000041}) == Places{kPc + 8}); // cbnz x1, .+8
    CHECK(program.after({0x35000041}) == Places{kPc + 4}); // cbnz w1, .+8
    CHECK(program.after({0xb400005f}) == Places{kPc + 8}); // cbz xzr, .+8
    CHECK(program.after({0xb5ffffe1}) == Places{kPc - 4}); // cbnz x1, .-4
}

TEST_CASE("step: test and branch looks at one bit", "[arch][step]") {
    Program program;
    program.x[2] = u64{1} << 40 | 1;
    CHECK(program.after({0x36000042}) == Places{kPc + 4}); // tbz w2, #0, .+8
    CHECK(program.after({0x37000042}) == Places{kPc + 8}); // tbnz w2, #0, .+8
    CHECK(program.after({0xb7400042}) == Places{kPc + 8}); // tbnz x2, #40, .+8
    CHECK(program.after({0xb6480042}) == Places{kPc + 8}); // tbz x2, #41, .+8
    CHECK(program.after({0x3707ffe2}) == Places{kPc - 4}); // tbnz w2, #0, .-4
}

TEST_CASE("step: a sequence of exclusive accesses is one step", "[arch][step]") {
    // ldaxr w0, [x1]; add w0, w0, #1; stlxr w2, w0, [x1]; cbnz w2, .-12
    CHECK(Program{}.after({0x885ffc20, 0x11000400, 0x8802fc20, 0x35ffffa2}) == Places{kPc + 12});
    // ldxr x0, [x1]; cmp x0, x3; b.ne .+16; stxr w2, x4, [x1]; cbnz w2, .-16; nop
    CHECK(Program{}.after({0xc85f7c20, 0xeb03001f, 0x54000081, 0xc8027c24, 0x35ffff82}) ==
          Places{kPc + 16, kPc + 24});
    // ldxp x0, x5, [x1]; stxp w2, x0, x5, [x1]
    CHECK(Program{}.after({0xc87f1420, 0xc8221420}) == Places{kPc + 8});
}

TEST_CASE("step: an exclusive load without its store is stepped alone", "[arch][step]") {
    CHECK(Program{}.after({0xc85f7c20, 0xd503201f}) == Places{kPc + 4});             // ldxr; nop
    CHECK(Program{}.after({0xc85f7c20, 0xd65f03c0, 0xc8027c24}) == Places{kPc + 4}); // ldxr; ret
    CHECK(Program{}.after({0xc8dffc20, 0xc8027c24}) == Places{kPc + 4});             // ldar
    CHECK(Program{}.after({0x48607c82, 0xc8027c24}) == Places{kPc + 4});             // caspa
}
