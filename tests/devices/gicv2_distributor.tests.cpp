#include "devices/gicv2_fixture.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace forkscope;
using namespace forkscope::test::gic;

TEST_CASE("gicv2: after reset everything is off but the SGIs", "[devices][gicv2]") {
    Fixture f;
    CHECK(f.dist(kCtlr) == 0);
    CHECK(f.dist(kSetEnable) == 0xffff);
    CHECK(f.dist(kConfig) == 0xaaaa'aaaa);
    CHECK(f.dist(kConfig + 4) == 0);
    for (u64 base : {kGroup, kSetPending, kSetActive}) {
        for (u64 i = 0; i < 9; i++) {
            CHECK(f.dist(base + 4 * i) == 0);
        }
    }
    for (u64 i = 1; i < 9; i++) {
        CHECK(f.dist(kSetEnable + 4 * i) == 0);
    }
    for (u64 i = 0; i < 288; i += 4) {
        CHECK(f.dist(kPriority + i) == 0);
    }
}

TEST_CASE("gicv2: TYPER says 288 interrupts and the number of CPUs", "[devices][gicv2]") {
    Fixture one;
    CHECK(one.dist(kTyper) == 0x08);
    Fixture eight(8);
    CHECK(eight.dist(kTyper) == 0xe8);
}

TEST_CASE("gicv2: the identification is GIC-400's", "[devices][gicv2]") {
    Fixture f;
    const std::array<u64, 12> expected{0x04, 0, 0, 0, 0x90, 0xb4, 0x2b, 0, 0x0d, 0xf0, 0x05, 0xb1};
    for (u64 i = 0; i < expected.size(); i++) {
        CHECK(f.dist(0xfd0 + 4 * i) == expected[i]);
    }
}

TEST_CASE("gicv2: CTLR has its two enables", "[devices][gicv2]") {
    Fixture f;
    f.dist(kCtlr, 4, 0xffff'ffff);
    CHECK(f.dist(kCtlr) == 3);
}

TEST_CASE("gicv2: set and clear registers act on the bits written as one", "[devices][gicv2]") {
    for (const auto& [set, clear] : {std::pair{kSetEnable, kClearEnable},
                                     {kSetPending, kClearPending},
                                     {kSetActive, kClearActive}}) {
        Fixture f;
        f.dist(set + 8, 4, 0xf0f0'0f0f);
        f.dist(set + 8, 4, 0x0000'0010);
        CHECK(f.dist(set + 8) == 0xf0f0'0f1f);
        CHECK(f.dist(clear + 8) == 0xf0f0'0f1f);
        f.dist(clear + 8, 4, 0xf000'0001);
        CHECK(f.dist(set + 8) == 0x00f0'0f1e);
        CHECK(f.dist(set + 4) == 0);
        CHECK(f.dist(set + 12) == 0);
    }
}

TEST_CASE("gicv2: SGIs stay enabled, and their pending bits are read-only", "[devices][gicv2]") {
    Fixture f;
    f.dist(kSetEnable, 4, 0xffff'0000);
    f.dist(kClearEnable, 4, 0xffff'ffff);
    CHECK(f.dist(kSetEnable) == 0xffff);
    f.dist(kSetPending, 4, 0xffff'ffff);
    CHECK(f.dist(kSetPending) == 0xffff'0000);
    f.dist(kSgir, 4, 2 << 24 | 5);
    f.dist(kClearPending, 4, 0xffff'ffff);
    CHECK(f.dist(kSetPending) == 0x20);
}

TEST_CASE("gicv2: beyond the last interrupt registers read as zero", "[devices][gicv2]") {
    Fixture f;
    for (u64 base : {kGroup, kSetEnable, kSetPending, kSetActive}) {
        f.dist(base + 36, 4, 0xffff'ffff);
        CHECK(f.dist(base + 36) == 0);
        f.dist(base + 32, 4, 0xffff'ffff);
        CHECK(f.dist(base + 32) == 0xffff'ffff);
    }
    f.dist(kPriority + 288, 4, 0xffff'ffff);
    CHECK(f.dist(kPriority + 288) == 0);
}

TEST_CASE("gicv2: priorities are bytes of eight bits", "[devices][gicv2]") {
    Fixture f;
    f.dist(kPriority + 32, 4, 0x8040'20ff);
    CHECK(f.dist(kPriority + 32, 1) == 0xff);
    CHECK(f.dist(kPriority + 33, 1) == 0x20);
    CHECK(f.dist(kPriority + 34, 2) == 0x8040);
    f.dist(kPriority + 33, 1, 0x21);
    CHECK(f.dist(kPriority + 32) == 0x8040'21ff);
}

TEST_CASE("gicv2: with one CPU the targets read as zero and ignore writes", "[devices][gicv2]") {
    Fixture f;
    f.dist(kTargets + 40, 4, 0xffff'ffff);
    CHECK(f.dist(kTargets + 40) == 0);
    CHECK(f.dist(kTargets) == 0);
}

TEST_CASE("gicv2: with several CPUs an SPI goes to its targets only", "[devices][gicv2]") {
    Fixture f(4);
    for (unsigned i = 0; i < 4; i++) {
        f.gic.set_accessing_cpu(i);
        f.open();
        CHECK(f.dist(kTargets) == 0x0101'0101U << i);
    }
    f.dist(kTargets, 4, 0);
    CHECK(f.dist(kTargets) == 0x0808'0808);
    f.arm(40, 0x80);
    f.wire(40, true);
    CHECK_FALSE((f.irq[0].high || f.irq[1].high || f.irq[2].high || f.irq[3].high));
    f.dist(kTargets + 40, 1, 0xf4); // CPUs beyond the fourth are not there
    CHECK(f.dist(kTargets + 40, 1) == 0x04);
    CHECK(f.irq[2].high);
    CHECK_FALSE((f.irq[0].high || f.irq[1].high || f.irq[3].high));
    f.dist(kTargets + 40, 1, 0x03);
    CHECK((f.irq[0].high && f.irq[1].high));
    f.gic.set_accessing_cpu(1);
    CHECK(f.cpu(kIar) == 40);
    CHECK_FALSE((f.irq[0].high || f.irq[1].high)); // the first to acknowledge has it
    f.gic.set_accessing_cpu(0);
    CHECK(f.cpu(kIar) == 1023);
}

TEST_CASE("gicv2: SGIs and PPIs are each CPU's own", "[devices][gicv2]") {
    Fixture f(2);
    f.gic.set_accessing_cpu(1);
    f.open();
    f.arm(27, 0x10);
    f.gic.ppi(1, 27).set(true);
    CHECK(f.irq[1].high);
    CHECK(f.bit(kSetPending, 27));
    CHECK(f.dist(kPriority + 27, 1) == 0x10);
    f.gic.set_accessing_cpu(0);
    CHECK_FALSE(f.irq[0].high);
    CHECK_FALSE(f.bit(kSetPending, 27));
    CHECK_FALSE(f.bit(kSetEnable, 27));
    CHECK(f.dist(kPriority + 27, 1) == 0);
}

TEST_CASE("gicv2: ICFGR has the odd bits, and none for SGIs", "[devices][gicv2]") {
    Fixture f;
    f.dist(kConfig + 8, 4, 0xffff'ffff);
    CHECK(f.dist(kConfig + 8) == 0xaaaa'aaaa);
    f.dist(kConfig + 8, 4, 0x8000'0002);
    CHECK(f.dist(kConfig + 8) == 0x8000'0002);
    CHECK(f.dist(kConfig + 12) == 0);
    f.dist(kConfig, 4, 0);
    CHECK(f.dist(kConfig) == 0xaaaa'aaaa);
    f.dist(kConfig + 4, 4, 0x0080'0000);
    CHECK(f.dist(kConfig + 4) == 0x0080'0000);
    CHECK(f.dist(kConfig) == 0xaaaa'aaaa);
}

TEST_CASE("gicv2: a level-sensitive interrupt is pending while its wire is high",
          "[devices][gicv2]") {
    Fixture f;
    f.wire(33, true);
    CHECK(f.bit(kSetPending, 33));
    f.set_bit(kClearPending, 33);
    CHECK(f.bit(kSetPending, 33));
    f.wire(33, false);
    CHECK_FALSE(f.bit(kSetPending, 33));
}

TEST_CASE("gicv2: a level-sensitive interrupt that software made pending stays so",
          "[devices][gicv2]") {
    Fixture f;
    f.set_bit(kSetPending, 33);
    f.pulse(33);
    CHECK(f.bit(kSetPending, 33));
    f.set_bit(kClearPending, 33);
    CHECK_FALSE(f.bit(kSetPending, 33));
}

TEST_CASE("gicv2: an edge-triggered interrupt remembers the rising edge", "[devices][gicv2]") {
    Fixture f;
    f.make_edge(33);
    f.pulse(33);
    CHECK(f.bit(kSetPending, 33));
    f.set_bit(kClearPending, 33);
    CHECK_FALSE(f.bit(kSetPending, 33));
    f.wire(33, true);
    f.set_bit(kClearPending, 33);
    CHECK_FALSE(f.bit(kSetPending, 33)); // the level alone does not count
    f.wire(33, true);
    CHECK_FALSE(f.bit(kSetPending, 33)); // nor does a level that was high
}

TEST_CASE("gicv2: SGIR sends to a list, to all others, or to the sender", "[devices][gicv2]") {
    Fixture f(4);
    f.gic.set_accessing_cpu(1);
    const auto pending_on = [&f] {
        u32 mask = 0;
        for (unsigned i = 0; i < 4; i++) {
            mask |= (f.gic.state().cpu[i].local.latched >> 3 & 1) << i;
        }
        return mask;
    };
    f.dist(kSgir, 4, 0xf9U << 16 | 3);
    CHECK(pending_on() == 0b1001);
    f.gic.reset();
    f.gic.set_accessing_cpu(1);
    f.dist(kSgir, 4, 1U << 24 | 0xff << 16 | 3);
    CHECK(pending_on() == 0b1101);
    f.gic.reset();
    f.gic.set_accessing_cpu(1);
    f.dist(kSgir, 4, 2U << 24 | 0xff << 16 | 3);
    CHECK(pending_on() == 0b0010);
    f.gic.reset();
    f.dist(kSgir, 4, 3U << 24 | 0xff << 16 | 3);
    CHECK(pending_on() == 0);
    CHECK(f.dist(kSgir) == 0);
}

TEST_CASE("gicv2: SPENDSGIR and CPENDSGIR show and change an SGI's senders", "[devices][gicv2]") {
    Fixture f(4);
    f.dist(kSetSgi + 4, 4, 0xff00'0006);
    CHECK(f.dist(kSetSgi + 4) == 0x0f00'0006);
    CHECK(f.dist(kClearSgi + 4, 1) == 0x06);
    CHECK(f.dist(kSetPending) == 0x90); // SGIs 4 and 7
    f.dist(kClearSgi + 4, 1, 0x02);
    CHECK(f.dist(kSetSgi + 4, 1) == 0x04);
    CHECK(f.dist(kSetPending) == 0x90);
    f.dist(kClearSgi + 4, 1, 0x04);
    CHECK(f.dist(kSetPending) == 0x80);
}

TEST_CASE("gicv2: reset keeps the wires' levels", "[devices][gicv2]") {
    Fixture f;
    f.wire(50, true);
    f.gic.ppi(0, 27).set(true);
    f.gic.reset();
    CHECK(f.bit(kSetPending, 50));
    CHECK(f.bit(kSetPending, 27));
    f.open();
    f.arm(50, 0x20);
    CHECK(f.irq[0].high);
}
