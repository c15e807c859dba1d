#include "emu/support/test_machine.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace forkscope;
using namespace forkscope::test;

TEST_CASE("machine: a program prints on the PL011 and powers off", "[emu][machine]") {
    TestMachine machine(R"(
        adr x1, text
    1:  ldrb w2, [x1], #1
        cbz w2, 2f
        putc x2
        b 1b
    2:  power_off
    text: .asciz "hello\n"
    )");
    const RunResult result = machine.run();
    INFO(result.detail);
    CHECK(result.reason == RunEndReason::PowerOff);
    CHECK(machine.console() == "hello\n");
    // 6 in the ROM, 1, 6 times 5, 2 that leave the loop, 3 to the end.
    CHECK(result.cycles == 6 + 1 + 6 * 6 + 2 + 3);
    CHECK(result.instructions == result.cycles);
}

TEST_CASE("machine: a return from EL1 to EL1 is a legal one", "[emu][machine]") {
    TestMachine machine(R"(
        adr x0, vectors
        msr vbar_el1, x0
        adr x0, 1f
        msr elr_el1, x0
        mov x0, #0x345      // EL1h, IRQs enabled
        msr spsr_el1, x0
        eret
    1:  svc #0
    handler:
        putreg spsr_el1     // PSTATE after the return; IL is bit 20
        power_off
        vectors
    )");
    const RunResult result = machine.run();
    INFO(result.detail);
    CHECK(machine.console() == "0000000000000345\n");
}

TEST_CASE("machine: the moment of a device access is in its own block", "[emu][machine]") {
    // The accesses alternate between two blocks that branch straight to each
    // other, so that the engine has no reason to keep PC up to date.
    TestMachine machine(R"(
        mov x0, #0x09000000
        mov x1, #'.'
        mov x2, #20
        b 2f
        .skip 512
    1:  str w1, [x0]
        subs x2, x2, #1
        b.ne 2f
        power_off
        .skip 512
    2:  str w1, [x0]
        b 1b
    )");
    const RunResult result = machine.run();
    CHECK(machine.console() == std::string(40, '.'));
    CHECK(result.instructions == 6 + 4 + 20 * 5 + 3);
    CHECK(result.cycles == result.instructions);
}
