// Faults, TLB maintenance and changes of code, as guest and event record see them.
#include "emu/support/test_machine.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using namespace forkscope;
using namespace forkscope::test;

namespace {

const std::string kStart = R"(
    adr x0, vectors
    msr vbar_el1, x0
    mov x0, #0x40200000
    mov sp, x0
    mmu_on
)";

// Prints ESR, FAR, x1 and ends.
const std::string kReport = R"(
handler:
    mov x21, x1
    putreg esr_el1
    putreg far_el1
    puthex x21
    power_off
    vectors
)";

struct Report {
    u64 esr, far, x1;
};

Report parse(const std::string& text) {
    INFO(text);
    REQUIRE(text.size() >= 3 * 17);
    return {std::stoull(text.substr(0, 16), nullptr, 16),
            std::stoull(text.substr(17, 16), nullptr, 16),
            std::stoull(text.substr(34, 16), nullptr, 16)};
}

// Goes to `el0:`, at EL0; the program's first page is page 8 of PAGES there.
const std::string kToEl0 = R"(
    map 8, (0x40080000 + PAGE + USER + READONLY)
    map 9, (0x40081000 + PAGE + USER + READONLY)
    adr x0, el0
    adr x1, _start
    sub x0, x0, x1
    ldr x1, =PAGES + 0x8000
    add x0, x0, x1
    msr elr_el1, x0
    msr spsr_el1, xzr
    eret
)";

} // namespace

TEST_CASE("memory: a store to an unmapped page reports its address and level", "[emu][cpu]") {
    TestMachine machine(kStart + "ldr x2, =PAGES + 0x1238\n mov x1, #1\n nop\n str x1, [x2]\n"
                                 " mov x1, #2\n nop\n b .\n" + kReport);
    const RunResult result = machine.run();
    REQUIRE(result.reason == RunEndReason::PowerOff);
    const Report report = parse(machine.console());
    CHECK(report.esr == 0x96000047); // data abort, same level, write, translation level 3
    CHECK(report.far == 0x80001238);
    CHECK(report.x1 == 1); // nothing after the store was executed
    const std::vector<Event> faults = machine.events(EventKind::Fault);
    REQUIRE(faults.size() == 1);
    CHECK(faults[0].arg[0] == 0x80001238);
    CHECK(faults[0].arg[2] == 0x96000047);
    CHECK(faults[0].arg[4] == 0xf9000041); // str x1, [x2]
}

TEST_CASE("memory: a fault in the middle of a block charges what was executed", "[emu][cpu]") {
    const std::string program = kStart + "ldr x2, =PAGES\n mov x1, #1\n nop\n ldr x3, [x2]\n"
                                         " nop\n nop\n nop\n b .\n" + kReport;
    TestMachine machine(program);
    (void)machine.run();
    const std::vector<Event> faults = machine.events(EventKind::Fault);
    REQUIRE(faults.size() == 1);
    // The same program with the load taken out by an SVC, which does execute.
    TestMachine other(kStart + "ldr x2, =PAGES\n mov x1, #1\n nop\n hvc #0\n"
                               " nop\n nop\n nop\n b .\n" + kReport);
    (void)other.run(100000);
    const std::vector<Event> calls = other.events(EventKind::HypervisorCall);
    REQUIRE(calls.size() == 1);
    CHECK(calls[0].cycle == faults[0].cycle + 1);
}

TEST_CASE("memory: permission faults name the descriptor", "[emu][cpu]") {
    TestMachine machine(kStart + "map 3, (0x40500000 + PAGE + READONLY)\n ldr x2, =PAGES + 0x3000\n"
                                 " ldr x1, [x2]\n mov x1, #7\n str x1, [x2, #8]\n" + kReport);
    (void)machine.run();
    const Report report = parse(machine.console());
    CHECK(report.esr == 0x9600004f);
    CHECK(report.far == 0x80003008);
    CHECK(report.x1 == 7);
    const std::vector<Event> faults = machine.events(EventKind::Fault);
    REQUIRE(faults.size() == 1);
    CHECK(faults[0].arg[3] == 0x40500f83);
}

TEST_CASE("memory: pairs, SIMD and crossing accesses report the part that faults", "[emu][cpu]") {
    struct Case {
        std::string instruction;
        u64 offset; // of FAR from PAGES
        u64 esr;
    };
    // Page 4 is mapped, 3 and 5 are not; x2 = PAGES + 0x4ff8.
    const Case test = GENERATE(
        Case{"stp x0, x1, [x2]", 0x5000, 0x96000047}, Case{"ldp x0, x1, [x2]", 0x5000, 0x96000007},
        Case{"ldr x0, [x2, #4]", 0x5000, 0x96000007}, Case{"str q0, [x2, #-0]", 0x5000, 0x96000047},
        Case{"ldr q0, [x2, #16]", 0x5008, 0x96000007},
        Case{"ldxr x0, [x3]", 0x3ff8, 0x96000007},
        Case{"stlr x0, [x3]", 0x3ff8, 0x96000047},
        Case{"ld1 {v0.16b, v1.16b}, [x2]", 0x5000, 0x96000007},
        Case{"dc zva, x3", 0x3ff8, 0x96000047}, Case{"ldr x0, [x3], #16", 0x3ff8, 0x96000007});
    TestMachine machine(kStart + "map 4, (0x40500000 + PAGE)\n ldr x2, =PAGES + 0x4ff8\n"
                                 " ldr x3, =PAGES + 0x3ff8\n mov x0, #0x300000\n"
                                 " msr cpacr_el1, x0\n isb\n ldr x1, [x2]\n mov x1, #7\n" +
                        test.instruction + "\n mov x1, #8\n" + kReport);
    (void)machine.run();
    INFO(test.instruction);
    const Report report = parse(machine.console());
    CHECK(report.esr == test.esr);
    CHECK(report.far == 0x80000000 + test.offset);
    CHECK(report.x1 == 7);
}

TEST_CASE("memory: a stale entry stays until it is invalidated", "[emu][cpu]") {
    const std::string tlbi = GENERATE(
        as<std::string>{}, "ldr x0, =(PAGES + 0x2000) >> 12\n tlbi vae1, x0",
        "ldr x0, =(PAGES + 0x2000) >> 12\n tlbi vaae1is, x0", "mov x0, #0\n tlbi aside1, x0",
        "tlbi vmalle1");
    TestMachine machine(kStart + R"(
        ldr x3, =0x40500000
        mov x1, #1
        str x1, [x3]
        ldr x3, =0x40501000
        mov x1, #2
        str x1, [x3]
        map 2, (0x40500000 + PAGE)
        ldr x2, =PAGES + 0x2000
        ldr x5, [x2]
        puthex x5
        map 2, (0x40501000 + PAGE)
        ldr x5, [x2]
        puthex x5
        )" + tlbi + R"(
        dsb ish
        isb
        ldr x5, [x2]
        puthex x5
        power_off
    )" + kReport);
    (void)machine.run();
    INFO(tlbi);
    CHECK(machine.console() == "0000000000000001\n0000000000000001\n0000000000000002\n");
}

TEST_CASE("memory: TLBI by address reaches what was used with a tag", "[emu][cpu]") {
    TestMachine machine(kStart + R"(
        mrs x0, ttbr0_el1               // the same pages in the upper half
        msr ttbr1_el1, x0
        ldr x0, =0x5080190019           // with TBI1
        msr tcr_el1, x0
        isb
        ldr x3, =0x40500000
        mov x1, #1
        str x1, [x3]
        ldr x3, =0x40501000
        mov x1, #2
        str x1, [x3]
        map 2, (0x40500000 + PAGE)
        ldr x2, =0x5affff8080002000
        ldr x5, [x2]
        puthex x5
        map 2, (0x40501000 + PAGE)
        ldr x5, [x2]
        puthex x5
        ldr x0, =0xfffff8080002
        tlbi vae1, x0
        dsb ish
        isb
        ldr x5, [x2]
        puthex x5
        power_off
    )" + kReport);
    (void)machine.run();
    CHECK(machine.console() == "0000000000000001\n0000000000000001\n0000000000000002\n");
}

TEST_CASE("memory: TLBI of another address or ASID leaves a stale entry alone", "[emu][cpu]") {
    const std::string tlbi =
        GENERATE(as<std::string>{}, "ldr x0, =(PAGES + 0x3000) >> 12\n tlbi vae1, x0",
                 "ldr x0, =((PAGES + 0x2000) >> 12) | (5 << 48)\n tlbi vae1, x0",
                 "ldr x0, =5 << 48\n tlbi aside1, x0");
    TestMachine machine(kStart + R"(
        ldr x3, =0x40500000
        mov x1, #1
        str x1, [x3]
        map 2, (0x40500000 + PAGE)
        ldr x2, =PAGES + 0x2000
        ldr x5, [x2]
        map 2, (0x40501000 + PAGE)
        )" + tlbi + R"(
        dsb ish
        isb
        ldr x5, [x2]
        puthex x5
        power_off
    )" + kReport);
    (void)machine.run();
    CHECK(machine.console() == "0000000000000001\n");
}

TEST_CASE("memory: a handler's new descriptor is reported when it is first used", "[emu][cpu]") {
    TestMachine machine(kStart + R"(
        map 2, (0x40500000 + PAGE + READONLY)
        ldr x2, =PAGES + 0x2010
        mov x3, #0x55
        ldr x4, [x2]
        str x3, [x2]
        power_off
    handler:
        map 2, (0x40501000 + PAGE)
        ldr x0, =(PAGES + 0x2000) >> 12
        tlbi vae1, x0
        dsb ish
        eret
        vectors
    )");
    const RunResult result = machine.run();
    CHECK(result.reason == RunEndReason::PowerOff);
    REQUIRE(machine.events(EventKind::Fault).size() == 1);
    const std::vector<Event> changes = machine.events(EventKind::DescriptorChange);
    REQUIRE(changes.size() == 1);
    CHECK(changes[0].arg[0] == 0x80002000);
    CHECK(changes[0].arg[2] == 0x40500f83);
    CHECK(changes[0].arg[3] == 0x40501f03);
    CHECK(changes[0].arg[4] == 3);
}

TEST_CASE("memory: EL0 may not touch pages of EL1, LDTR neither", "[emu][cpu]") {
    SECTION("EL0") {
        TestMachine machine(kStart + "map 3, (0x40500000 + PAGE)\n" + kToEl0 +
                            "el0: ldr x2, =PAGES + 0x3000\n mov x1, #1\n ldr x0, [x2]\n mov x1, #2\n" +
                            kReport);
        (void)machine.run();
        const Report report = parse(machine.console());
        CHECK(report.esr == 0x9200000f);
        CHECK(report.far == 0x80003000);
        CHECK(report.x1 == 1);
    }
    SECTION("LDTR and STTR at EL1, after ordinary accesses to the page") {
        const bool store = GENERATE(false, true);
        TestMachine machine(kStart + "map 3, (0x40500000 + PAGE)\n ldr x2, =PAGES + 0x3000\n"
                                     " ldr x0, [x2]\n str x0, [x2, #8]\n mov x1, #1\n isb\n"
                                     " str x0, [x2, #16]\n " +
                            (store ? std::string("sttr") : "ldtr") +
                            " x0, [x2, #8]\n mov x1, #2\n" + kReport);
        (void)machine.run();
        const Report report = parse(machine.console());
        CHECK(report.esr == (store ? 0x9600004f : 0x9600000f));
        CHECK(report.far == 0x80003008);
        CHECK(report.x1 == 1);
    }
    SECTION("LDTR in the block does not harm other accesses") {
        TestMachine machine(kStart + "map 3, (0x40500000 + PAGE)\n"
                                     " map 4, (0x40501000 + PAGE + USER)\n"
                                     " ldr x2, =PAGES + 0x3000\n ldr x3, =PAGES + 0x4000\n"
                                     " mov x5, #5\n isb\n str x5, [x2]\n ldr x6, [x2]\n"
                                     " sttr x6, [x3]\n ldtr x7, [x3]\n puthex x7\n power_off\n" +
                            kReport);
        const RunResult result = machine.run();
        CHECK(result.reason == RunEndReason::PowerOff);
        CHECK(machine.console() == "0000000000000005\n");
        CHECK(machine.events(EventKind::Fault).empty());
    }
}

TEST_CASE("memory: cache maintenance by address faults where its address does", "[emu][cpu]") {
    struct Case {
        std::string instruction;
        u64 esr;
    };
    // x2 is unmapped, x3 read-only.
    const Case test = GENERATE(Case{"dc cvac, x2", 0x96000147}, Case{"dc civac, x2", 0x96000147},
                               Case{"dc cvau, x2", 0x96000147}, Case{"ic ivau, x2", 0x96000147},
                               Case{"dc ivac, x3", 0x9600014f});
    TestMachine machine(kStart +
                        "map 3, (0x40500000 + PAGE + READONLY)\n ldr x2, =PAGES + 0x1040\n"
                        " ldr x3, =PAGES + 0x3040\n mov x1, #7\n dc cvac, x3\n"
                        " ic ivau, x3\n ic iallu\n mov x1, #8\n nop\n" +
                        test.instruction + "\n mov x1, #9\n svc #0\n" + kReport);
    (void)machine.run();
    INFO(test.instruction);
    const Report report = parse(machine.console());
    CHECK(report.esr == test.esr);
    CHECK((report.far & ~u64{0x2000}) == 0x80001040);
    CHECK(report.x1 == 8); // nothing after it was executed, and all before it
}

TEST_CASE("memory: EL0 in the upper half is EL0", "[emu][cpu]") {
    // The same tables for both halves; EL1 stays in the lower one.
    TestMachine machine(kStart + R"(
        map 8, (0x40080000 + PAGE + USER + READONLY)
        map 9, (0x40081000 + PAGE + USER + READONLY)
        mrs x0, ttbr0_el1
        msr ttbr1_el1, x0
        ldr x0, =0x1080190019
        msr tcr_el1, x0
        isb
        adr x0, 1f
        adr x1, _start
        sub x0, x0, x1
        ldr x1, =0xffffff8080008000
        add x0, x0, x1
        msr elr_el1, x0
        msr spsr_el1, xzr
        adr x1, 2f
        msr vbar_el1, x1
        mov x1, #1
        eret
    1:  svc #5
        .balign 2048
    2:  .rept 8
        mov x1, #2
        b handler
        .balign 128
        .endr
        mov x1, #3
        b handler
    )" + kReport);
    (void)machine.run();
    const Report report = parse(machine.console());
    CHECK(report.esr == 0x56000005);
    CHECK(report.x1 == 3); // by the vectors of the lower level
}

TEST_CASE("memory: instruction aborts report where the fetch was", "[emu][cpu]") {
    SECTION("nothing mapped") {
        TestMachine machine(kStart + "ldr x2, =PAGES + 0x6000\n mov x1, #1\n br x2\n" + kReport);
        (void)machine.run();
        const Report report = parse(machine.console());
        CHECK(report.esr == 0x86000007);
        CHECK(report.far == 0x80006000);
    }
    SECTION("not executable") {
        TestMachine machine(kStart + "map 6, (0x40500000 + PAGE + PXN)\n"
                                     " ldr x2, =PAGES + 0x6000\n mov x1, #1\n br x2\n" + kReport);
        (void)machine.run();
        const Report report = parse(machine.console());
        CHECK(report.esr == 0x8600000f);
        CHECK(report.far == 0x80006000);
    }
    SECTION("at EL0") {
        TestMachine machine(kStart + kToEl0 + "el0: mov x2, #0x40000000\n br x2\n" + kReport);
        (void)machine.run();
        const Report report = parse(machine.console());
        CHECK(report.esr == 0x8200000d); // permission, level 1: UXN
        CHECK(report.far == 0x40000000);
    }
}

TEST_CASE("memory: wild physical addresses are external aborts and bus errors", "[emu][cpu]") {
    struct Case {
        std::string access;
        u64 esr, physical;
        bool write;
    };
    const Case test = GENERATE(Case{"ldr x0, [x2]", 0x96000010, 0x10000000, false},
                               Case{"str w0, [x2, #4]", 0x96000050, 0x10000004, true},
                               Case{"str x0, [xzr_]", 0x96000050, 0, true});
    std::string access = test.access;
    if (access == "str x0, [xzr_]") // a store to ROM
        access = "mov x2, #0\n str x0, [x2]";
    TestMachine machine("adr x0, vectors\n msr vbar_el1, x0\n mov x2, #0x10000000\n" + access +
                        "\n" + kReport);
    const RunResult result = machine.run();
    CHECK(result.reason == RunEndReason::PowerOff);
    CHECK(parse(machine.console()).esr == test.esr);
    const std::vector<Event> errors = machine.events(EventKind::BusError);
    REQUIRE(errors.size() == 1);
    CHECK(errors[0].arg[0] == test.physical);
    CHECK(errors[0].arg[2] == test.write);
}

TEST_CASE("memory: a jump into a device or nowhere is an external abort", "[emu][cpu]") {
    const std::string target = GENERATE(as<std::string>{}, "0x09000000", "0x10000000");
    TestMachine machine("adr x0, vectors\n msr vbar_el1, x0\n mov x2, #" + target + "\n br x2\n" +
                        kReport);
    (void)machine.run();
    const Report report = parse(machine.console());
    CHECK(report.esr == 0x86000010);
    CHECK(report.far == std::stoull(target, nullptr, 16));
}

TEST_CASE("memory: changed code is executed, through whichever address it was changed",
          "[emu][cpu]") {
    const bool alias = GENERATE(false, true);
    // The function at page 5 returns 1; a store makes it return 2, again and again.
    TestMachine machine(kStart + R"(
        map 5, (0x40500000 + PAGE)
        map 6, (0x40500000 + PAGE)
        ldr x2, =PAGES + 0x5000
        ldr x3, =PAGES + )" + std::string(alias ? "0x6000" : "0x5000") + R"(
        ldr w4, =0x52800020     // mov w0, #1
        ldr w5, =0xd65f03c0     // ret
        str w4, [x3]
        str w5, [x3, #4]
        mov x6, #4
    1:  dc cvau, x3
        dsb ish
        ic ivau, x3
        dsb ish
        isb
        blr x2
        mov x7, x0
        puthex x7
        add w4, w4, #0x20       // the next immediate
        str w4, [x3]
        subs x6, x6, #1
        b.ne 1b
        power_off
    )" + kReport);
    const RunResult result = machine.run();
    CHECK(result.reason == RunEndReason::PowerOff);
    CHECK(machine.console() == "0000000000000001\n0000000000000002\n"
                               "0000000000000003\n0000000000000004\n");
}

TEST_CASE("memory: AT reports what a walk finds", "[emu][cpu]") {
    TestMachine machine(kStart + R"(
        map 3, (0x40500000 + PAGE + READONLY)
        ldr x2, =PAGES + 0x3123
        at s1e1r, x2
        isb
        putreg par_el1
        at s1e1w, x2
        isb
        putreg par_el1
        at s1e0r, x2
        isb
        putreg par_el1
        power_off
    )" + kReport);
    (void)machine.run();
    CHECK(machine.console() == "ff00000040500b80\n000000000000081f\n000000000000081f\n");
}

TEST_CASE("memory: ASIDs keep spaces apart", "[emu][cpu]") {
    // Two level 3 tables of two spaces share the rest of the tables but for level 1 and 2.
    TestMachine machine(kStart + R"(
        mov x0, #0x40500000
        mov x1, #1
        str x1, [x0]
        add x0, x0, #0x1000
        mov x1, #2
        str x1, [x0]
        map 2, (0x40500000 + PAGE)
        ldr x2, =PAGES + 0x2000
        ldr x3, [x2]
        puthex x3
        mov x4, #0x40400000         // this space, ASID 0
        orr x5, x4, #(1 << 48)      // the same tables, ASID 1
        map 2, (0x40501000 + PAGE)
        msr ttbr0_el1, x5
        isb
        ldr x3, [x2]
        puthex x3
        msr ttbr0_el1, x4
        isb
        ldr x3, [x2]                // ASID 0 has its stale entry
        puthex x3
        msr ttbr0_el1, x5
        isb
        ldr x3, [x2]
        puthex x3
        power_off
    )" + kReport);
    (void)machine.run();
    CHECK(machine.console() == "0000000000000001\n0000000000000002\n"
                               "0000000000000001\n0000000000000002\n");
}
