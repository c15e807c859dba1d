// Whatever a guest does, the emulator goes on or ends the run cleanly.
#include "emu/support/test_machine.hpp"

#include <catch2/catch_test_macros.hpp>

#include <random>

using namespace forkscope;
using namespace forkscope::test;

namespace {

// Executes the words after `noise`, at EL1 or EL0. Every synchronous exception
// steps over its instruction, or starts again where that is not in the noise.
const std::string kProgram = R"(
        adr x0, vectors
        msr vbar_el1, x0
        mov x0, #0x40200000
        mov sp, x0
        mov x0, #FP
        msr cpacr_el1, x0
        .if MMU
        mmu_on
        .endif
        b again
        .balign 4096
    again:
        adr x0, noise
        msr elr_el1, x0
        mov x0, #MODE
        msr spsr_el1, x0
        eret
    handler:
        adr x0, vectors
        msr vbar_el1, x0
        mov x0, #0x40200000
        mov sp, x0
        mrs x0, elr_el1
        adr x1, noise
        sub x1, x0, x1
        lsr x1, x1, #12
        cbnz x1, again
        add x0, x0, #4
        msr elr_el1, x0
        mov x0, #MODE
        msr spsr_el1, x0
        eret
        vectors
        .balign 4096
    noise:
)";

std::string noise(unsigned seed) {
    std::mt19937 random(seed);
    std::string text;
    for (unsigned i = 0; i < 1024; ++i) {
        u32 word = static_cast<u32>(random());
        if (random() % 4 == 0) // a system instruction
            word = (word & 0x003f'ffff) | 0xd500'0000;
        text += ".word " + std::to_string(word) + "\n";
    }
    return text + "b again\n";
}

void run_noise(unsigned seed, Cycle cycles) {
    const std::string settings = std::string(".equ FP, ") + ((seed & 1) ? "0x300000" : "0") +
                                 "\n.equ MMU, " + ((seed & 2) ? "1" : "0") + "\n.equ MODE, " +
                                 ((seed & 4) ? "0" : "0x3c5") + "\n";
    TestMachine machine(settings + kProgram + noise(seed));
    const RunResult result = machine.run(cycles);
    INFO("seed " << seed << ": " << result.detail);
    CHECK(result.detail.find("engine") == std::string::npos);
    CHECK(machine.events().size() > 2);
}

} // namespace

TEST_CASE("robustness: random instructions do no harm", "[emu][machine]") {
    for (unsigned seed = 0; seed < 16; ++seed)
        run_noise(seed, 20'000);
}

TEST_CASE("robustness: many random instructions do no harm", "[emu][machine][soak]") {
    for (unsigned seed = 100; seed < 2000; ++seed)
        run_noise(seed, 100'000);
}
