#include "devices/gicv2_fixture.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace forkscope;
using namespace forkscope::test::gic;

TEST_CASE("gicv2: the CPU interface's registers after reset", "[devices][gicv2]") {
    Fixture f;
    CHECK(f.cpu(kCpuCtlr) == 0);
    CHECK(f.cpu(kPmr) == 0);
    CHECK(f.cpu(kBpr) == 0);
    CHECK(f.cpu(kAbpr) == 1);
    CHECK(f.cpu(kIar) == 1023);
    CHECK(f.cpu(kRpr) == 0xff);
    CHECK(f.cpu(kHppir) == 1023);
    CHECK(f.cpu(kApr) == 0);
    CHECK(f.cpu(0xfc) == 0x2043b);
    CHECK(f.dist(0x008) == 0x43b);
}

TEST_CASE("gicv2: CTLR, PMR, BPR and ABPR keep the bits they have", "[devices][gicv2]") {
    Fixture f;
    for (u64 offset : {kCpuCtlr, kPmr, kBpr, kAbpr}) {
        f.cpu_write(offset, 0xffff'ffff);
    }
    CHECK(f.cpu(kCpuCtlr) == 0x21f);
    CHECK(f.cpu(kPmr) == 0xff);
    CHECK(f.cpu(kBpr) == 7);
    CHECK(f.cpu(kAbpr) == 7);
    f.cpu_write(kAbpr, 0);
    CHECK(f.cpu(kAbpr) == 1);
}

TEST_CASE("gicv2: an interrupt goes from pending to active to inactive", "[devices][gicv2]") {
    Fixture f;
    f.open();
    f.arm(33, 0x80);
    f.wire(33, true);
    CHECK(f.irq[0].high);
    CHECK(f.cpu(kHppir) == 33);
    CHECK(f.cpu(kIar) == 33);
    CHECK_FALSE(f.irq[0].high);
    CHECK(f.bit(kSetActive, 33));
    CHECK(f.bit(kSetPending, 33)); // the wire is still high
    CHECK(f.cpu(kRpr) == 0x80);
    CHECK(f.cpu(kIar) == 1023);
    f.wire(33, false);
    f.cpu_write(kEoir, 33);
    CHECK_FALSE(f.bit(kSetActive, 33));
    CHECK(f.cpu(kRpr) == 0xff);
    CHECK_FALSE(f.irq[0].high);
}

TEST_CASE("gicv2: a level that stays high interrupts again after EOI, an edge does not",
          "[devices][gicv2]") {
    Fixture f;
    f.open();
    f.arm(33, 0x80);
    f.wire(33, true);
    CHECK(f.cpu(kIar) == 33);
    f.cpu_write(kEoir, 33);
    CHECK(f.irq[0].high);
    CHECK(f.cpu(kIar) == 33);
    f.wire(33, false);
    f.cpu_write(kEoir, 33);

    f.make_edge(34);
    f.arm(34, 0x80);
    f.wire(34, true);
    CHECK(f.cpu(kIar) == 34);
    CHECK_FALSE(f.bit(kSetPending, 34));
    f.cpu_write(kEoir, 34);
    CHECK_FALSE(f.irq[0].high);
}

TEST_CASE("gicv2: an edge while active makes it active and pending, and comes after EOI",
          "[devices][gicv2]") {
    Fixture f;
    f.open();
    f.make_edge(34);
    f.arm(34, 0x80);
    f.pulse(34);
    CHECK(f.cpu(kIar) == 34);
    f.pulse(34);
    CHECK(f.bit(kSetPending, 34));
    CHECK(f.bit(kSetActive, 34));
    CHECK_FALSE(f.irq[0].high);
    CHECK(f.cpu(kIar) == 1023);
    f.cpu_write(kEoir, 34);
    CHECK(f.irq[0].high);
    CHECK(f.cpu(kIar) == 34);
}

TEST_CASE("gicv2: what is not enabled somewhere does not interrupt", "[devices][gicv2]") {
    Fixture f;
    f.open();
    f.arm(33, 0x80);
    f.wire(33, true);
    CHECK(f.irq[0].high);
    f.set_bit(kClearEnable, 33);
    CHECK_FALSE(f.irq[0].high);
    CHECK(f.cpu(kIar) == 1023);
    f.set_bit(kSetEnable, 33);
    CHECK(f.irq[0].high);
    f.dist(kCtlr, 4, 2);
    CHECK_FALSE(f.irq[0].high);
    CHECK(f.cpu(kIar) == 1023);
    f.dist(kCtlr, 4, 1);
    CHECK(f.irq[0].high);
    f.cpu_write(kCpuCtlr, 0);
    CHECK_FALSE(f.irq[0].high);
    CHECK(f.cpu(kIar) == 1023);
}

TEST_CASE("gicv2: the priority mask lets through what is higher, not what is equal",
          "[devices][gicv2]") {
    Fixture f;
    f.open();
    f.arm(33, 0x80);
    f.wire(33, true);
    f.cpu_write(kPmr, 0x80);
    CHECK_FALSE(f.irq[0].high);
    CHECK(f.cpu(kIar) == 1023);
    CHECK(f.cpu(kHppir) == 1023);
    f.cpu_write(kPmr, 0x81);
    CHECK(f.irq[0].high);
    CHECK(f.cpu(kHppir) == 33);
}

TEST_CASE("gicv2: the lowest priority value is first, of equal ones the lowest INTID",
          "[devices][gicv2]") {
    Fixture f;
    f.open();
    for (const auto& [intid, its_priority] :
         {std::pair<u32, u64>{40, 0x60}, {200, 0x40}, {287, 0x20}, {32, 0x60}, {27, 0x60}}) {
        f.arm(intid, its_priority);
        f.set_bit(kSetPending, intid);
    }
    f.cpu_write(kCpuCtlr, kGroup0 | kEoiMode); // drop at once, so that none hides another
    for (u64 expected : {287, 200, 27, 32, 40, 1023}) {
        const u64 intid = f.cpu(kIar);
        CHECK(intid == expected);
        f.cpu_write(kEoir, intid);
    }
}

TEST_CASE("gicv2: a higher group priority preempts; EOI returns to the one below",
          "[devices][gicv2]") {
    Fixture f;
    f.open();
    f.arm(40, 0xa0);
    f.arm(41, 0x80);
    f.arm(42, 0x40);
    f.wire(40, true);
    CHECK(f.cpu(kIar) == 40);
    f.wire(41, true);
    CHECK(f.irq[0].high);
    CHECK(f.cpu(kIar) == 41);
    CHECK(f.cpu(kRpr) == 0x80);
    f.wire(42, true);
    CHECK(f.cpu(kIar) == 42);
    CHECK(f.cpu(kRpr) == 0x40);
    CHECK(f.cpu(kApr + 4) == 0x1);      // 0x40 / 2 = level 32
    CHECK(f.cpu(kApr + 8) == 0x1'0001); // 0x80 / 2 = 64, 0xa0 / 2 = 80
    for (u32 intid : {42U, 41U, 40U}) {
        f.wire(intid, false);
        f.cpu_write(kEoir, intid);
        CHECK(f.cpu(kRpr) == (intid == 42 ? 0x80 : intid == 41 ? 0xa0 : 0xff));
    }
}

TEST_CASE("gicv2: within one group priority nothing preempts, but order still counts",
          "[devices][gicv2]") {
    for (u64 binary_point = 0; binary_point < 8; binary_point++) {
        Fixture f;
        f.open();
        f.cpu_write(kBpr, binary_point);
        f.arm(40, 0xa8);
        f.arm(41, 0xa0);
        f.wire(40, true);
        CHECK(f.cpu(kIar) == 40);
        f.wire(41, true);
        // 0xa8 and 0xa0 differ in bit 3: in the group priority while it reaches so low.
        const bool preempts = binary_point < 3;
        CHECK(f.irq[0].high == preempts);
        CHECK(f.cpu(kRpr) == (0xa8 & (0xff << (binary_point + 1)) & 0xff));
        CHECK(f.cpu(kIar) == (preempts ? 41 : 1023));
    }
    Fixture f;
    f.open();
    f.cpu_write(kBpr, 4);
    f.arm(40, 0xa8);
    f.arm(41, 0xa0);
    f.wire(40, true);
    f.wire(41, true);
    CHECK(f.cpu(kIar) == 41);
}

TEST_CASE("gicv2: with EOImode EOIR drops the priority and DIR deactivates", "[devices][gicv2]") {
    Fixture f;
    f.open(kGroup0 | kEoiMode);
    f.arm(33, 0x80);
    f.arm(34, 0x80);
    f.wire(33, true);
    CHECK(f.cpu(kIar) == 33);
    f.wire(34, true);
    CHECK_FALSE(f.irq[0].high);
    f.cpu_write(kEoir, 33);
    CHECK(f.cpu(kRpr) == 0xff);
    CHECK(f.bit(kSetActive, 33));
    CHECK(f.irq[0].high);
    CHECK(f.cpu(kIar) == 34); // 33 is still active, though its wire is high
    f.cpu_write(kEoir, 34);
    f.cpu_write(kDir, 33);
    CHECK_FALSE(f.bit(kSetActive, 33));
    CHECK(f.bit(kSetActive, 34));
    CHECK(f.cpu(kIar) == 33);
}

TEST_CASE("gicv2: DIR without EOImode is ignored", "[devices][gicv2]") {
    Fixture f;
    f.open();
    f.arm(33, 0x80);
    f.wire(33, true);
    CHECK(f.cpu(kIar) == 33);
    f.cpu_write(kDir, 33);
    CHECK(f.bit(kSetActive, 33));
}

TEST_CASE("gicv2: EOI with nothing active, of a spurious or an impossible INTID is ignored",
          "[devices][gicv2]") {
    Fixture f;
    f.open();
    f.set_bit(kSetActive, 40);
    f.cpu_write(kEoir, 40);
    CHECK(f.bit(kSetActive, 40));
    f.arm(33, 0x80);
    f.wire(33, true);
    CHECK(f.cpu(kIar) == 33);
    for (u64 intid : {1023, 1022, 1020, 288, 500}) {
        f.cpu_write(kEoir, intid);
        f.cpu_write(kAeoir, intid);
        f.cpu_write(kDir, intid);
    }
    CHECK(f.cpu(kRpr) == 0x80);
    CHECK(f.bit(kSetActive, 33));
}

TEST_CASE("gicv2: an active interrupt is not signalled until it is deactivated",
          "[devices][gicv2]") {
    Fixture f;
    f.open();
    f.arm(33, 0x80);
    f.set_bit(kSetActive, 33);
    f.wire(33, true);
    CHECK_FALSE(f.irq[0].high);
    f.set_bit(kClearActive, 33);
    CHECK(f.irq[0].high);
}

TEST_CASE("gicv2: an SGI is acknowledged once for each sender, lowest first", "[devices][gicv2]") {
    Fixture f(4);
    f.gic.set_accessing_cpu(2);
    f.open();
    for (unsigned sender : {3U, 1U}) {
        f.gic.set_accessing_cpu(sender);
        f.dist(kSgir, 4, 4U << 16 | 9);
        f.dist(kSgir, 4, 4U << 16 | 9); // twice is once
    }
    f.gic.set_accessing_cpu(2);
    CHECK(f.irq[2].high);
    CHECK(f.cpu(kHppir) == (1U << 10 | 9));
    CHECK(f.cpu(kIar) == (1U << 10 | 9));
    CHECK_FALSE(f.irq[2].high); // the other one waits for the end of this
    CHECK(f.bit(kSetPending, 9));
    f.cpu_write(kEoir, 1U << 10 | 9);
    CHECK(f.cpu(kIar) == (3U << 10 | 9));
    CHECK_FALSE(f.bit(kSetPending, 9));
    f.cpu_write(kEoir, 3U << 10 | 9);
    CHECK(f.cpu(kIar) == 1023);
}

TEST_CASE("gicv2: Group 1 needs its own enables, and AckCtl to be acknowledged by IAR",
          "[devices][gicv2]") {
    Fixture f;
    f.open(kGroup0);
    f.set_bit(kGroup, 33);
    f.arm(33, 0x80);
    f.wire(33, true);
    CHECK_FALSE(f.irq[0].high);
    CHECK(f.cpu(kIar) == 1023);
    f.cpu_write(kCpuCtlr, kGroup0 | kGroup1);
    CHECK(f.irq[0].high);
    CHECK(f.cpu(kIar) == 1022);
    CHECK(f.cpu(kHppir) == 1022);
    f.cpu_write(kCpuCtlr, kGroup0 | kGroup1 | kAckCtl);
    CHECK(f.cpu(kHppir) == 33);
    CHECK(f.cpu(kIar) == 33);
    CHECK(f.cpu(kNsapr + 8) == 1);
    CHECK(f.cpu(kApr + 8) == 0);
    f.cpu_write(kEoir, 33);
    CHECK(f.cpu(kNsapr + 8) == 0);
}

TEST_CASE("gicv2: the aliased registers serve Group 1 only", "[devices][gicv2]") {
    Fixture f;
    f.open(kGroup0 | kGroup1);
    f.set_bit(kGroup, 33);
    f.arm(33, 0x80);
    f.arm(34, 0x40);
    f.wire(33, true);
    CHECK(f.cpu(kAhppir) == 33);
    CHECK(f.cpu(kAiar) == 33);
    f.wire(34, true);
    CHECK(f.cpu(kAhppir) == 1023);
    CHECK(f.cpu(kAiar) == 1023);
    CHECK(f.cpu(kIar) == 34);
    f.cpu_write(kAeoir, 34);
    CHECK(f.cpu(kRpr) == 0x40);
    f.cpu_write(kEoir, 34);
    f.cpu_write(kAeoir, 33);
    CHECK(f.cpu(kRpr) == 0xff);
}

TEST_CASE("gicv2: Group 1 preempts by ABPR, or by BPR with CBPR", "[devices][gicv2]") {
    Fixture f;
    f.open(kGroup1 | kAckCtl);
    f.cpu_write(kAbpr, 5);        // group priority: bits 7:5
    f.dist(kGroup + 4, 4, 0x300); // 40 and 41
    f.arm(40, 0xb0);
    f.arm(41, 0xa0);
    f.wire(40, true);
    CHECK(f.cpu(kIar) == 40);
    CHECK(f.cpu(kRpr) == 0xa0);
    f.wire(41, true);
    CHECK_FALSE(f.irq[0].high);
    f.wire(41, false);
    f.cpu_write(kEoir, 40);
    f.cpu_write(kCpuCtlr, kGroup1 | kAckCtl | kCbpr);
    CHECK(f.cpu(kIar) == 40);
    CHECK(f.cpu(kRpr) == 0xb0);
    f.wire(41, true);
    CHECK(f.irq[0].high);
}

TEST_CASE("gicv2: with FIQEn Group 0 is signalled as FIQ, Group 1 as IRQ", "[devices][gicv2]") {
    Fixture f;
    f.open(kGroup0 | kGroup1 | kFiqEn | kAckCtl);
    f.arm(33, 0x80);
    f.set_bit(kGroup, 34);
    f.arm(34, 0x90);
    f.wire(34, true);
    CHECK(f.irq[0].high);
    CHECK_FALSE(f.fiq[0].high);
    f.wire(33, true);
    CHECK(f.fiq[0].high);
    CHECK_FALSE(f.irq[0].high);
    CHECK(f.cpu(kIar) == 33);
    CHECK_FALSE(f.fiq[0].high);
}

TEST_CASE("gicv2: restoring the active priorities restores the running priority",
          "[devices][gicv2]") {
    Fixture f;
    f.open();
    f.cpu_write(kApr + 8, 0x10); // level 68: priority 0x88
    CHECK(f.cpu(kRpr) == 0x88);
    f.arm(33, 0x88);
    f.wire(33, true);
    CHECK_FALSE(f.irq[0].high);
    f.cpu_write(kApr + 8, 0);
    CHECK(f.irq[0].high);
}

TEST_CASE("gicv2: an observer hears of each interrupt acknowledged, not of spurious ones",
          "[devices][gicv2]") {
    struct Log final : InterruptObserver {
        void on_acknowledge(unsigned cpu, u32 intid) override { seen.emplace_back(cpu, intid); }
        std::vector<std::pair<unsigned, u32>> seen;
    } log;
    Fixture f(2);
    f.gic.set_observer(&log);
    f.gic.set_accessing_cpu(1);
    f.open();
    f.dist(kSgir, 4, 2U << 24 | 3);
    f.cpu(kHppir);
    CHECK(f.cpu(kIar) == (1U << 10 | 3));
    CHECK(f.cpu(kIar) == 1023);
    CHECK(log.seen == std::vector<std::pair<unsigned, u32>>{{1, 3}});
}
