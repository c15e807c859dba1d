// Exception entry and return, with the registers as the guest sees them.
#include "emu/support/test_machine.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using namespace forkscope;
using namespace forkscope::test;

namespace {

// Sets VBAR_EL1 and the stack pointers: SP_EL1 = 0x40200000, SP_EL0 = 0x40300000.
const std::string kStart = R"(
    adr x0, vectors
    msr vbar_el1, x0
    mov x0, #0x40200000
    mov sp, x0
    mov x0, #0x40300000
    msr sp_el0, x0
    isb
)";

// Goes to `label` at EL0 with interrupts unmasked.
const std::string kToEl0 = R"(
    adr x0, el0
    msr elr_el1, x0
    msr spsr_el1, xzr
    eret
)";

// Prints vector, ESR, ELR - _start, SPSR, SP - 0x40000000 and ends.
const std::string kReport = R"(
handler:
    puthex x20
    putreg esr_el1
    mrs x24, elr_el1
    adr x23, _start
    sub x24, x24, x23
    puthex x24
    putreg spsr_el1
    mov x24, sp
    puthex x24
    power_off
)";

struct Report {
    u64 vector, esr, elr, spsr, sp;
};

// Runs `program` and reads what kReport printed. ELR is the distance to `marker`.
Report report_of(const std::string& program) {
    TestMachine machine(kStart + program + kReport + "vectors\n");
    const RunResult result = machine.run();
    INFO(result.detail);
    INFO(machine.console());
    REQUIRE(result.reason == RunEndReason::PowerOff);
    std::array<u64, 5> word{};
    std::size_t at = 0;
    for (u64& value : word) {
        value = std::stoull(machine.console().substr(at, 16), nullptr, 16);
        at += 17;
    }
    return {word[0], word[1], word[2], word[3], word[4]};
}

constexpr u64 kStartBytes = 7 * 4; // of kStart
constexpr u64 kSpEl1 = 0x4020'0000;

} // namespace

TEST_CASE("exceptions: SVC at EL1 uses the vectors of the same level", "[emu][cpu]") {
    SECTION("with SP_EL1") {
        const Report report = report_of("svc #0x1234\n");
        CHECK(report.vector == 0x200);
        CHECK(report.esr == 0x56001234);
        CHECK(report.elr == kStartBytes + 4);
        CHECK(report.spsr == 0x3c5);
        CHECK(report.sp == kSpEl1);
    }
    SECTION("with SP_EL0") {
        const Report report = report_of("msr spsel, #0\nsub sp, sp, #16\nsvc #1\n");
        CHECK(report.vector == 0x000);
        CHECK(report.spsr == 0x3c4);
        CHECK(report.sp == kSpEl1);
    }
}

TEST_CASE("exceptions: SVC at EL0 uses the vectors of the lower level", "[emu][cpu]") {
    const Report report = report_of(kToEl0 + "el0: cmp xzr, xzr\nsvc #0\n");
    CHECK(report.vector == 0x400);
    CHECK(report.esr == 0x56000000);
    CHECK(report.elr == kStartBytes + 4 * 4 + 8);
    CHECK(report.spsr == 0x6000'0000); // EL0t, Z and C
    CHECK(report.sp == kSpEl1);
}

TEST_CASE("exceptions: SP_EL0 is kept through an exception", "[emu][cpu]") {
    const Report report =
        report_of(kToEl0 + "el0: sub sp, sp, #0x40\nsvc #0\n"); // SP is SP_EL0 at EL0
    CHECK(report.vector == 0x400);
    TestMachine machine(kStart + kToEl0 +
                        "el0: sub sp, sp, #0x40\n svc #0\n"
                        "handler: putreg sp_el0\n power_off\n vectors\n");
    (void)machine.run();
    CHECK(machine.console() == "00000000402fffc0\n");
}

TEST_CASE("exceptions: BRK reports its immediate and its own address", "[emu][cpu]") {
    const Report report = report_of("nop\nbrk #0xabc\n");
    CHECK(report.vector == 0x200);
    CHECK(report.esr == 0xf2000abc);
    CHECK(report.elr == kStartBytes + 4);
}

TEST_CASE("exceptions: unallocated instructions are undefined", "[emu][cpu]") {
    const std::string instruction = GENERATE(as<std::string>{},
                 ".word 0", // udf #0
                                             "smc #0", "dcps1",
                                             "mrs x0, s3_0_c15_c2_7", "msr s3_0_c0_c4_0, x0",
                                             "mrs x0, s3_4_c1_c1_0", "hlt #0xf000",
                                             "mrs x0, pmcr_el0", "msr pmccntr_el0, x0");
    const Report report = report_of("nop\n" + instruction + "\n");
    INFO(instruction);
    CHECK(report.vector == 0x200);
    CHECK(report.esr == 0x02000000);
    CHECK(report.elr == kStartBytes + 4);
}

TEST_CASE("exceptions: what belongs to EL1 is undefined at EL0", "[emu][cpu]") {
    const std::string instruction =
        GENERATE(as<std::string>{},
                 "mrs x0, sctlr_el1", "msr ttbr0_el1, x0", "tlbi vmalle1",
                 "hvc #0", "mrs x0, midr_el1", "msr spsr_el1, x0", "at s1e1r, x0", "ic iallu",
                 "eret", "mrs x0, currentel", "msr cntvct_el0, x0", "dc isw, x0");
    const Report report = report_of(kToEl0 + "el0: " + instruction + "\n");
    INFO(instruction);
    CHECK(report.vector == 0x400);
    CHECK(report.esr == 0x02000000);
    CHECK(report.elr == kStartBytes + 4 * 4);
}

TEST_CASE("exceptions: what EL1 has closed to EL0 traps with the instruction's name",
          "[emu][cpu]") {
    struct Case {
        std::string instruction;
        u64 esr;
    };
    // SCTLR_EL1 is at its reset value but for nTWI; CNTKCTL_EL1 is 0.
    const Case test = GENERATE(
        Case{"mrs x3, cntvct_el0", 0x6234f861}, Case{"mrs x0, ctr_el0", 0x6232c001},
        Case{"dc cvac, x5", 0x6212dcb4}, Case{"dc zva, x1", 0x6212dc28},
        Case{"ic ivau, x0", 0x6212dc0a}, Case{"msr daifset, #2", 0x620cd3e4},
        Case{"mrs x1, daif", 0x6232d025}, Case{"wfi", 0x07e00000});
    const Report report = report_of("mrs x0, sctlr_el1\n and x0, x0, #~0x10000\n"
                                    " msr sctlr_el1, x0\n mov x5, #0x40300000\n" +
                                    kToEl0 + "el0: " + test.instruction + "\n");
    INFO(test.instruction);
    CHECK(report.vector == 0x400);
    CHECK(report.esr == test.esr);
    CHECK(report.elr == kStartBytes + 8 * 4);
}

TEST_CASE("exceptions: an illegal return sets PSTATE.IL and faults at its target", "[emu][cpu]") {
    const u64 mode = GENERATE(0x9, 0xd, 0x10, 0x13, 0x1, 0x7); // EL2h, EL3h, AArch32, reserved
    const Report report = report_of("adr x0, 1f\n msr elr_el1, x0\n mov x0, #" +
                                    std::to_string(mode) +
                                    "\n msr spsr_el1, x0\n eret\n 1: nop\n nop\n");
    INFO(mode);
    CHECK(report.vector == 0x200);
    CHECK(report.esr == 0x3a000000);
    CHECK(report.elr == kStartBytes + 5 * 4);
    CHECK((report.spsr & 0x10000f) == 0x100005); // IL, EL1h
}

TEST_CASE("exceptions: SPSR.IL makes a legal return illegal", "[emu][cpu]") {
    const Report report = report_of("adr x0, 1f\n msr elr_el1, x0\n mov x0, #0x100000\n"
                                    " msr spsr_el1, x0\n eret\n 1: nop\n");
    CHECK(report.vector == 0x400);
    CHECK(report.esr == 0x3a000000);
    CHECK(report.spsr == 0x100000);
}

TEST_CASE("exceptions: a jump to a misaligned address is a PC alignment fault", "[emu][cpu]") {
    const Report report = report_of("adr x0, 1f+2\n br x0\n 1: nop\n nop\n");
    CHECK(report.vector == 0x200);
    CHECK(report.esr == 0x8a000000);
    CHECK(report.elr == kStartBytes + 2 * 4 + 2);
}

TEST_CASE("exceptions: a misaligned PC comes before PSTATE.IL", "[emu][cpu]") {
    const Report report = report_of("adr x0, 1f+2\n msr elr_el1, x0\n mov x0, #9\n"
                                    " msr spsr_el1, x0\n eret\n 1: nop\n nop\n");
    CHECK(report.esr == 0x8a000000);
    CHECK((report.spsr & 0x10000f) == 0x100005); // IL is kept
}

TEST_CASE("exceptions: a misaligned exclusive is an alignment fault", "[emu][cpu]") {
    const Report report = report_of("mov x1, #0x40300000\n add x1, x1, #1\n ldxr x0, [x1]\n");
    CHECK(report.esr == 0x96000021);
    CHECK(report.elr == kStartBytes + 2 * 4);
}

TEST_CASE("exceptions: FP and SIMD trap where CPACR_EL1 denies them", "[emu][cpu]") {
    const std::string instruction =
        GENERATE(as<std::string>{},
                 "fadd d0, d1, d2", "ldr q0, [x1]", "stp d0, d1, [sp, #-16]!",
                 "mov v0.d[0], x1", "mrs x0, fpcr", "msr fpsr, x0", "ld1 {v0.16b}, [x1]");
    INFO(instruction);
    SECTION("at EL1, in the middle of a block") {
        const Report report = report_of("mov x1, #0x40300000\n nop\n" + instruction + "\n");
        CHECK(report.vector == 0x200);
        CHECK(report.esr == 0x1fe00000);
        CHECK(report.elr == kStartBytes + 2 * 4);
    }
    SECTION("at EL0 only, with FPEN = 0b01") {
        const Report report =
            report_of("mov x1, #0x40300000\n mov x0, #0x100000\n msr cpacr_el1, x0\n isb\n" +
                      instruction + "\n" + kToEl0 + "el0: " + instruction + "\n");
        CHECK(report.vector == 0x400);
        CHECK(report.esr == 0x1fe00000);
        CHECK(report.elr == kStartBytes + 9 * 4);
    }
    SECTION("not at all with FPEN = 0b11, and again after that") {
        const Report report = report_of("mov x1, #0x40300000\n mov x0, #0x300000\n"
                                        " msr cpacr_el1, x0\n isb\n" +
                                        instruction + "\n msr cpacr_el1, xzr\n isb\n" +
                                        instruction + "\n");
        CHECK(report.esr == 0x1fe00000);
        CHECK(report.elr == kStartBytes + 7 * 4);
    }
}

TEST_CASE("exceptions: vectors that can't be fetched end the run", "[emu][cpu]") {
    TestMachine machine("mov x0, #0x10000000\n msr vbar_el1, x0\n svc #0\n");
    const RunResult result = machine.run();
    CHECK(result.reason == RunEndReason::Stopped);
    CHECK(result.detail.starts_with("the guest is stuck"));
}

TEST_CASE("exceptions: vectors that fault themselves end the run", "[emu][cpu]") {
    const std::string before = GENERATE(as<std::string>{}, "", "nop\n", "add x1, x1, #1\n nop\n");
    TestMachine machine("adr x0, table\n msr vbar_el1, x0\n mov x30, #0x10000000\n svc #0\n"
                        ".balign 2048\n table: .rept 16\n .balign 128\n" +
                        before + "ldr x0, [x30]\n .endr\n");
    const RunResult result = machine.run();
    CHECK(result.reason == RunEndReason::Stopped);
    CHECK(result.detail.starts_with("the guest is stuck"));
}
