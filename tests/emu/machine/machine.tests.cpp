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
