// Interrupts, time and waiting.
#include "emu/support/test_machine.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using namespace forkscope;
using namespace forkscope::test;

namespace {

// Distributor and CPU interface on, priority mask open, virtual timer PPI 27 enabled.
const std::string kStart = R"(
    adr x0, vectors
    msr vbar_el1, x0
    mov x0, #0x40200000
    mov sp, x0
    mov x1, #0x08000000
    mov w0, #1
    str w0, [x1]
    mov w0, #(1 << 27)
    str w0, [x1, #0x100]
    mov x1, #0x08010000
    mov w0, #0xf0
    str w0, [x1, #4]
    mov w0, #1
    str w0, [x1]
)";

// Acknowledges, prints vector and INTID, turns the timer off, returns.
const std::string kHandler = R"(
handler:
    mov x1, #0x08010000
    ldr w2, [x1, #0xc]
    puthex x20
    puthex x2
    msr cntv_ctl_el0, xzr
    str w2, [x1, #0x10]
    eret
    vectors
)";

} // namespace

TEST_CASE("interrupts: the virtual timer fires at its cycle", "[emu][cpu]") {
    TestMachine machine(kStart + R"(
        mov x0, #1000               // counter ticks, 16 cycles each
        msr cntv_cval_el0, x0
        mov x0, #1
        msr cntv_ctl_el0, x0
        msr daifclr, #2
    1:  mrs x3, cntv_ctl_el0
        cbnz x3, 1b
        power_off
    )" + kHandler);
    const RunResult result = machine.run();
    CHECK(result.reason == RunEndReason::PowerOff);
    CHECK(machine.console() == "0000000000000280\n000000000000001b\n");
    const std::vector<Event> taken = machine.events(EventKind::InterruptTaken);
    REQUIRE(taken.size() == 1);
    CHECK(taken[0].arg[0] == 27);
    // At a boundary of the 2-instruction loop, then 4 instructions to the acknowledge's block.
    CHECK(taken[0].cycle >= 16000);
    CHECK(taken[0].cycle < 16010);
}

TEST_CASE("interrupts: masked ones wait for the instruction that unmasks them", "[emu][cpu]") {
    TestMachine machine(kStart + R"(
        msr cntv_cval_el0, xzr      // due at once
        mov x0, #1
        msr cntv_ctl_el0, x0
        mov x5, #100
    1:  subs x5, x5, #1
        b.ne 1b
        mov x6, #1
        msr daifclr, #2
        mov x6, #2
        puthex x6
        power_off
    handler:
        puthex x6
        msr cntv_ctl_el0, xzr
        eret
        vectors
    )");
    (void)machine.run();
    CHECK(machine.console() == "0000000000000001\n0000000000000002\n");
}

TEST_CASE("interrupts: WFI passes the time to the next deadline", "[emu][cpu]") {
    const bool masked = GENERATE(false, true);
    TestMachine machine(kStart + R"(
        ldr x0, =62500000           // one second
        msr cntv_cval_el0, x0
        mov x0, #1
        msr cntv_ctl_el0, x0
        )" + std::string(masked ? "" : "msr daifclr, #2\n") + R"(
        wfi
        mrs x5, cntvct_el0
        lsr x5, x5, #8
        puthex x5
        power_off
    )" + kHandler);
    const RunResult result = machine.run(2'000'000'000);
    CHECK(result.reason == RunEndReason::PowerOff);
    CHECK(machine.console().ends_with("000000000003b9ac\n"));
    CHECK(machine.console().size() == (masked ? 17u : 3 * 17u));
    CHECK(result.cycles > 1'000'000'000);
    CHECK(result.instructions < 1000);
    CHECK(result.cycles == result.instructions + result.idle_cycles);
}

TEST_CASE("interrupts: WFI with nothing to wait for ends the run", "[emu][cpu]") {
    TestMachine machine("wfi\n b .\n");
    const RunResult result = machine.machine().run({});
    CHECK(result.reason == RunEndReason::Stopped);
    CHECK(result.detail.find("waits for an interrupt") != std::string::npos);
}

TEST_CASE("interrupts: EL0 is interrupted through the lower level's vectors", "[emu][cpu]") {
    TestMachine machine(kStart + R"(
        mov x0, #1000
        msr cntv_cval_el0, x0
        mov x0, #1
        msr cntv_ctl_el0, x0
        adr x0, el0
        msr elr_el1, x0
        msr spsr_el1, xzr
        eret
    el0: b .
    handler:
        puthex x20
        power_off
        vectors
    )");
    (void)machine.run();
    CHECK(machine.console() == "0000000000000480\n");
}

TEST_CASE("time: the counter counts instructions, exactly and never back", "[emu][cpu]") {
    // 64 instructions apart: 4 ticks of 16 cycles.
    TestMachine machine("mrs x1, cntvct_el0\n .rept 63\n nop\n .endr\n mrs x2, cntvct_el0\n"
                        " sub x3, x2, x1\n puthex x3\n power_off\n");
    (void)machine.run();
    CHECK(machine.console() == "0000000000000004\n");
}

TEST_CASE("time: every cycle is charged once, to the level that spent it", "[emu][cpu]") {
    TestMachine machine(R"(
        adr x0, vectors
        msr vbar_el1, x0
        mov x10, #5
    1:  adr x0, el0
        msr elr_el1, x0
        msr spsr_el1, xzr
        eret
    el0:                            // 4 + 2 * 10 instructions of EL0
        mov x11, #10
    2:  sub x11, x11, #1
        cbnz x11, 2b
        nop
        nop
        svc #0
    handler:
        subs x10, x10, #1
        b.ne 1b
        power_off
        vectors
    )");
    const RunResult result = machine.run();
    REQUIRE(result.reason == RunEndReason::PowerOff);
    u64 total = 0, user = 0;
    for (const Event& event : machine.events(EventKind::CyclesSpent)) {
        total += event.arg[2];
        if (event.arg[0] == 0)
            user += event.arg[2];
    }
    CHECK(total == result.cycles);
    CHECK(user == 5 * (4 + 2 * 10));
}

TEST_CASE("time: two runs of one program are alike to the last event", "[emu][cpu]") {
    const std::string program = kStart + R"(
        mmu_on
        mov x0, #1000
        msr cntv_cval_el0, x0
        mov x0, #1
        msr cntv_ctl_el0, x0
        msr daifclr, #2
        ldr x2, =PAGES
        mov x9, #20
    1:  str x9, [x2]
        add x2, x2, #4096
        subs x9, x9, #1
        b.ne 1b
        wfi
        power_off
    handler:
        cmp x20, #0x200
        b.ne irq
        mrs x3, far_el1             // map the page
        ubfx x3, x3, #12, #9
        ldr x4, =TABLE3
        ldr x5, =0x40500000 + PAGE
        str x5, [x4, x3, lsl #3]
        dsb ish
        eret
    irq:
        msr cntv_ctl_el0, xzr
        eret
        vectors
    )";
    TestMachine first(program), second(program);
    const RunResult a = first.run(), b = second.run();
    CHECK(a.reason == RunEndReason::PowerOff);
    CHECK(a.cycles == b.cycles);
    const std::vector<Event> x = first.events(), y = second.events();
    REQUIRE(x.size() == y.size());
    CHECK(first.events(EventKind::Fault).size() == 20);
    for (std::size_t i = 0; i < x.size(); ++i) {
        CHECK(x[i].cycle == y[i].cycle);
        CHECK(x[i].kind == y[i].kind);
        CHECK(x[i].arg == y[i].arg);
        CHECK((i == 0 || x[i - 1].cycle <= x[i].cycle));
    }
}
