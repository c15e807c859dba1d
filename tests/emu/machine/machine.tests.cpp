#include "abi/probe.hpp"
#include "emu/support/test_machine.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

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

namespace {

// Rings the probe device: id and up to two arguments, which are constants.
const std::string kProbe = R"(
    .macro probe id, count=0, arg0=0, arg1=0
        b .Lprobe\@ // devices see the moment at which their block began
    .Lprobe\@:
        mov x9, #0x40100000
        mov w10, #\id
        str w10, [x9]
        mov w10, #\count
        str w10, [x9, #4]
        mov x10, #\arg0
        str x10, [x9, #8]
        mov x10, #\arg1
        str x10, [x9, #16]
        lsr x10, x9, #6
        mov x9, #0x0b000000
        str w10, [x9, #8]
    .endm
)";

constexpr u16 kind_of_probe(abi::ProbeId id) {
    return static_cast<u16>(256 + static_cast<u32>(id));
}

} // namespace

TEST_CASE("machine: watching it changes nothing", "[emu][machine]") {
    const std::string program = kProbe + R"(
        adr x0, vectors
        msr vbar_el1, x0
        mmu_on
        probe 20, 4, 7, 1
        ldr x2, =PAGES
        mov x9, #20
    1:  str x9, [x2]
        add x2, x2, #4096
        putc x9
        subs x9, x9, #1
        b.ne 1b
        mrs x3, cntvct_el0
        puthex x3
        power_off
    handler:
        mrs x3, far_el1
        ubfx x3, x3, #12, #9
        ldr x4, =TABLE3
        ldr x5, =0x40500000 + PAGE
        str x5, [x4, x3, lsl #3]
        dsb ish
        eret
        vectors
    )";
    TestMachine watched(program), alone(program, TestMachine::Options{.watched = false});
    const RunResult a = watched.run(), b = alone.run();
    CHECK(a.reason == RunEndReason::PowerOff);
    CHECK(watched.events(EventKind::Fault).size() > 0);
    CHECK(alone.events().empty());
    CHECK(a.cycles == b.cycles);
    CHECK(a.instructions == b.instructions);
    CHECK(watched.console() == alone.console());
}

TEST_CASE("machine: probes say which process runs, and what spent the cycles before",
          "[emu][machine]") {
    TestMachine machine(kProbe + "probe 20, 4, 5, 1\n .rept 100\n nop\n .endr\n"
                                 "probe 20, 4, 6, 1\n .rept 50\n nop\n .endr\n"
                                 "probe 64, 2, 6, 77\n power_off\n");
    const RunResult result = machine.run();
    REQUIRE(result.reason == RunEndReason::PowerOff);
    std::array<u64, 7> spent{};
    u32 mark_pid = 0;
    for (const Event& event : machine.events()) {
        if (event.kind == static_cast<u16>(EventKind::CyclesSpent))
            spent[event.pid] += event.arg[2];
        if (event.kind == kind_of_probe(abi::ProbeId::Mark)) {
            mark_pid = event.pid;
            CHECK(event.arg[1] == 77);
        }
    }
    CHECK(mark_pid == 6);
    CHECK(spent[0] + spent[5] + spent[6] == result.cycles);
    CHECK(spent[5] == 12 + 100 + 1); // the first probe, the NOPs, and the branch to the next
}

TEST_CASE("machine: the guest's status and its panic are the run's", "[emu][machine]") {
    SECTION("status") {
        TestMachine machine(kProbe + "probe 61, 1, 3\n power_off\n");
        const RunResult result = machine.run();
        CHECK(result.reason == RunEndReason::PowerOff);
        CHECK(result.guest_status == 3);
        const std::vector<Event> ends = machine.events(EventKind::RunEnd);
        REQUIRE(ends.size() == 1);
        CHECK(ends[0].arg[1] == 3);
    }
    SECTION("panic") {
        TestMachine machine(kProbe + "probe 60, 6, 0x6f6f\n power_off\n");
        CHECK(machine.run().reason == RunEndReason::Panic);
    }
    SECTION("a doorbell that leads nowhere") {
        TestMachine machine("mov x9, #0x0b000000\n mov w10, #1\n str w10, [x9, #8]\n power_off\n");
        CHECK(machine.run().reason == RunEndReason::PowerOff);
        CHECK(machine.events(EventKind::ProbeMalformed).size() == 1);
    }
}

TEST_CASE("machine: console lines are events, one for each line", "[emu][machine]") {
    TestMachine machine(R"(
        adr x1, text
    1:  ldrb w2, [x1], #1
        cbz w2, 2f
        putc x2
        b 1b
    2:  power_off
    text: .asciz "one\n\nand three, longer than the forty-eight bytes of one event\nlast"
    )");
    (void)machine.run();
    std::vector<std::string> lines;
    for (const Event& event : machine.events()) {
        if (event.kind == static_cast<u16>(EventKind::ConsoleLine))
            lines.push_back(std::to_string(event.arg[0]) + ":");
        if (event.kind == static_cast<u16>(EventKind::Text))
            lines.back() +=
                std::string(reinterpret_cast<const char*>(event.arg.data()), 48).c_str();
    }
    const std::vector<std::string> expected = {
        "3:one", "0:", "57:and three, longer than the forty-eight bytes of one event", "4:last"};
    CHECK(lines == expected);
}

TEST_CASE("machine: a run ends as the guest asks by PSCI", "[emu][machine]") {
    struct Case {
        u64 function;
        std::string detail;
    };
    const Case test = GENERATE(Case{0x84000009, "the guest asked for a reset"},
                               Case{0x84000002, "the guest turned its last CPU off"});
    TestMachine machine("ldr x0, =" + std::to_string(test.function) + "\n hvc #0\n b .\n");
    const RunResult result = machine.run();
    CHECK(result.reason == RunEndReason::Stopped);
    CHECK(result.detail == test.detail);
}

TEST_CASE("machine: a run that met its limit goes on as if there had been none", "[emu][machine]") {
    const std::string program = "mov x1, #1000\n 1: subs x1, x1, #1\n b.ne 1b\n"
                                " mrs x3, cntvct_el0\n puthex x3\n power_off\n";
    TestMachine whole(program), halted(program);
    const RunResult expected = whole.run();
    RunResult result = halted.machine().run({.last_cycle = 500});
    CHECK(result.reason == RunEndReason::Limit);
    CHECK(result.cycles >= 500);
    CHECK(result.cycles < 505);
    result = halted.machine().run({.last_cycle = 501});
    CHECK(result.reason == RunEndReason::Limit);
    result = halted.run();
    CHECK(result.reason == RunEndReason::PowerOff);
    CHECK(result.cycles == expected.cycles);
    CHECK(halted.console() == whole.console());
}

TEST_CASE("machine: a request to stop is met at once, and the run can go on", "[emu][machine]") {
    TestMachine machine("b .\n");
    machine.machine().request_stop();
    const RunResult result = machine.machine().run({});
    CHECK(result.reason == RunEndReason::Stopped);
    CHECK(result.detail == "stopped on request");
    CHECK(machine.machine().run({.last_cycle = 100}).reason == RunEndReason::Limit);
}

namespace {

constexpr Cycle kRomCycles = 6; // before the program's first instruction

// At the program's first instruction.
u64 skip_rom(Machine& machine) {
    for (Cycle i = 0; i < kRomCycles; ++i)
        REQUIRE(machine.step({}).pause == Pause::Address);
    return machine.inspect().registers.pc;
}

} // namespace

TEST_CASE("machine: a step is one instruction, or the exception taken in its place",
          "[emu][machine]") {
    TestMachine test(R"(
        adr x0, vectors     // 0x0
        msr vbar_el1, x0    // 0x4
        mov x1, #2          // 0x8
    1:  subs x1, x1, #1     // 0xc
        b.ne 1b             // 0x10
        bl 2f               // 0x14
        svc #0              // 0x18
    2:  ret                 // 0x1c
    handler:
        power_off
        vectors
    )");
    Machine& machine = test.machine();
    const u64 base = skip_rom(machine);
    std::vector<u64> path;
    RunResult result;
    for (u64 executed = kRomCycles;; ++executed) {
        path.push_back(machine.inspect().registers.pc - base);
        CHECK(machine.inspect().instructions == executed);
        if (path.back() == 0x18)
            break;
        REQUIRE(machine.step({}).pause == Pause::Address);
    }
    CHECK(path == std::vector<u64>{0, 4, 8, 0xc, 0x10, 0xc, 0x10, 0x14, 0x1c, 0x18});
    CHECK(machine.step({}).pause == Pause::Address);
    CHECK(machine.inspect().registers.pc == machine.inspect().registers.vbar + 0x200);
    unsigned steps = 0;
    do
        result = machine.step({});
    while (result.pause == Pause::Address && ++steps < 20);
    CHECK(result.reason == RunEndReason::PowerOff);
}

TEST_CASE("machine: a run with stops pauses before each, and otherwise is the run without",
          "[emu][machine]") {
    const std::string program = "mov x1, #5\n 1: nop\n subs x1, x1, #1\n b.ne 1b\n"
                                " putc x1\n mrs x3, cntvct_el0\n puthex x3\n power_off\n";
    TestMachine free(program), stopped(program);
    const RunResult expected = free.run();
    Machine& machine = stopped.machine();
    const u64 stop = skip_rom(machine) + 2 * 4;
    machine.set_stops({stop});
    for (u64 left = 5; left > 0; --left) {
        CHECK(machine.run({}).pause == Pause::Address);
        CHECK(machine.at_stop());
        CHECK(machine.inspect().registers.pc == stop);
        CHECK(machine.inspect().registers.x[1] == left);
        CHECK(machine.run({}).pause == Pause::Address); // it stays
        CHECK(machine.inspect().registers.x[1] == left);
        CHECK(machine.step({}).pause == Pause::Address);
        CHECK(machine.inspect().registers.pc == stop + 4);
    }
    const RunResult result = machine.run({});
    CHECK(result.reason == RunEndReason::PowerOff);
    CHECK(result.instructions == expected.instructions);
    CHECK(result.cycles == expected.cycles);
    CHECK(stopped.console() == free.console());
}

TEST_CASE("machine: a step over WFI ends when the wait does", "[emu][machine]") {
    TestMachine test(R"(
        mov x0, #0x08000000
        mov x1, #1
        str w1, [x0]            // GICD_CTLR
        mov w2, #1 << 27
        str w2, [x0, #0x100]    // GICD_ISENABLER0: the virtual timer
        mov x3, #0x08010000
        mov w2, #0xff
        str w2, [x3, #4]        // GICC_PMR
        str w1, [x3]            // GICC_CTLR
        mov x2, #1000
        msr cntv_tval_el0, x2
        msr cntv_ctl_el0, x1
        wfi
        power_off
    )");
    Machine& machine = test.machine();
    const u64 base = skip_rom(machine);
    for (u64 at = 4; at <= 12 * 4; at += 4) {
        REQUIRE(machine.step({}).pause == Pause::Address);
        REQUIRE(machine.inspect().registers.pc == base + at);
    }
    const Cycle before = machine.inspect().cycle;
    const RunResult waited = machine.step({});
    CHECK(waited.pause == Pause::Address);
    CHECK_FALSE(waited.waiting);
    CHECK(machine.inspect().registers.pc == base + 13 * 4); // masked: nothing is taken
    CHECK(machine.inspect().cycle >= before + 900);
    CHECK(machine.run({}).reason == RunEndReason::PowerOff);
}
