// Whatever a guest does to a device, the host survives it and the device's own
// invariants hold.
#include "bus/physical_map.hpp"
#include "devices/gicv2_fixture.hpp"
#include "devices/pl011/pl011.hpp"
#include "devices/pl031/pl031.hpp"
#include "devices/probe/probe.hpp"
#include "devices/timer/generic_timer.hpp"
#include "devices/virtio_mmio/virtio_mmio.hpp"

#include <catch2/catch_test_macros.hpp>

#include <random>

using namespace forkscope;
using namespace forkscope::test;

namespace {

constexpr unsigned kSteps = 200'000;
constexpr u64 kHz = 1'000'000'000;

struct IgnoreProbes final : ProbeSink {
    void on_probe(const abi::ProbeRecord& record) override {
        REQUIRE(record.count <= abi::kProbeMaxArgs);
    }
    void on_malformed(u32, u32) override {}
};

// Makes one random access: mostly aligned and near the registers, sometimes anything.
void poke(Device& device, std::mt19937_64& random, u64 window) {
    constexpr std::array<unsigned, 8> kSizes{4, 4, 4, 1, 2, 8, 3, 16};
    const unsigned size = kSizes[random() % kSizes.size()];
    u64 offset = random() % window;
    if (random() % 4 != 0) {
        offset &= ~u64{3};
    }
    if (random() % 64 == 0) {
        offset = random();
    }
    const u64 value = random() >> random() % 64;
    if (random() % 2 == 0) {
        const u64 got = device.read(offset, size);
        REQUIRE((size >= 8 || got >> (8 * size) == 0));
    } else {
        device.write(offset, size, value);
    }
}

} // namespace

TEST_CASE("fuzz: PL011 survives any access at any time", "[devices][fuzz]") {
    std::mt19937_64 random(1);
    FakeClock clock;
    FakeLine irq;
    FakeSink sink;
    FakeSource source(std::string(5000, 'q'), false);
    Pl011 uart(clock, irq, sink, &source, kHz);
    uart.reset();
    for (unsigned i = 0; i < kSteps; i++) {
        poke(uart, random, random() % 8 == 0 ? Pl011::kWindowSize : 0x50);
        clock.run_to(clock.time + random() % 100'000, uart);
        const Pl011::State& state = uart.state();
        REQUIRE(state.rx_count <= Pl011::kFifoDepth);
        REQUIRE(state.rx_head < Pl011::kFifoDepth);
        REQUIRE(irq.high == ((state.raw_interrupts & state.imsc) != 0));
    }
}

TEST_CASE("fuzz: PL031 survives any access at any time", "[devices][fuzz]") {
    std::mt19937_64 random(2);
    FakeClock clock;
    FakeLine irq;
    Pl031 rtc(clock, irq, kHz, 0);
    rtc.reset();
    for (unsigned i = 0; i < kSteps; i++) {
        poke(rtc, random, random() % 8 == 0 ? Pl031::kWindowSize : 0x20);
        clock.run_to(clock.time + random() % (3 * kHz), rtc);
        REQUIRE(irq.high == ((rtc.state().raw_interrupt & rtc.state().mask) != 0));
    }
}

TEST_CASE("fuzz: GICv2 survives any access, wire and CPU", "[devices][fuzz]") {
    for (unsigned cpus : {1U, 3U, 8U}) {
        std::mt19937_64 random(3 + cpus);
        gic::Fixture f(cpus);
        for (unsigned i = 0; i < kSteps / 4; i++) {
            f.gic.set_accessing_cpu(static_cast<unsigned>(random() % cpus));
            poke(f.gic.distributor(), random, random() % 8 == 0 ? 0x10000 : 0x1000);
            poke(f.gic.cpu_interface(), random, random() % 8 == 0 ? 0x10000 : 0x100);
            f.gic.spi(static_cast<u32>(random() % 256)).set(random() % 2 == 0);
            f.gic.ppi(static_cast<unsigned>(random() % cpus), static_cast<u32>(16 + random() % 16))
                .set(random() % 2 == 0);
            const u64 iar = f.cpu(gic::kIar) & 0x3ff;
            REQUIRE((iar < 288 || iar == 1022 || iar == 1023));
            for (unsigned cpu = 0; cpu < cpus; cpu++) {
                const Gicv2::CpuState& state = f.gic.state().cpu[cpu];
                for (u32 sgi = 0; sgi < 16; sgi++) {
                    REQUIRE((state.local.latched >> sgi & 1) == (state.sgi_sources[sgi] != 0));
                }
            }
        }
    }
}

TEST_CASE("fuzz: probe device and virtio slots survive any access", "[devices][fuzz]") {
    std::mt19937_64 random(4);
    FakeMemory memory(0x4000'0000, 0x2000);
    for (u8& byte : memory.bytes) {
        byte = static_cast<u8>(random() % 8);
    }
    IgnoreProbes sink;
    ProbeDevice probe(memory, sink);
    VirtioMmioSlot slot;
    for (unsigned i = 0; i < kSteps; i++) {
        poke(probe, random, 0x10);
        probe.write(0x08, 4, (0x4000'0000 >> 6) + random() % 0x90);
        poke(slot, random, VirtioMmioSlot::kWindowSize);
    }
}

TEST_CASE("fuzz: the timer's lines are what its registers say, at every moment",
          "[devices][fuzz]") {
    using enum TimerRegister;
    std::mt19937_64 random(5);
    FakeClock clock;
    FakeLine physical;
    FakeLine virtual_;
    GenericTimer timer(clock, physical, virtual_, 999'999'937);
    timer.reset();
    constexpr std::array kAll{CntkctlEl1, CntfrqEl0,   CntpctEl0,   CntvctEl0,  CntpTvalEl0,
                              CntpCtlEl0, CntpCvalEl0, CntvTvalEl0, CntvCtlEl0, CntvCvalEl0};
    const auto high = [&timer](TimerRegister ctl) { return (timer.read(ctl) & 7) == 5; };
    for (unsigned i = 0; i < kSteps; i++) {
        timer.write(kAll[random() % kAll.size()], random() >> random() % 64);
        clock.run_to(clock.time + (random() >> (34 + random() % 30)), timer);
        REQUIRE(physical.high == high(CntpCtlEl0));
        REQUIRE(virtual_.high == high(CntvCtlEl0));
    }
}

TEST_CASE("fuzz: the bus survives any address", "[bus][fuzz]") {
    std::mt19937_64 random(6);
    PhysicalMap map;
    const GuestMemory& master = map;
    VirtioMmioSlot slot;
    REQUIRE(map.add_ram(0x4000'0000, 0x3000));
    REQUIRE(map.add_rom(0, 0x1000, {}));
    map.add_device(0x0a00'0000, 0x200, slot, "slot");
    constexpr std::array<u64, 6> kEdges{0,           0x1000,      0x0a00'0000,
                                        0x0a00'0200, 0x4000'0000, 0x4000'3000};
    for (unsigned i = 0; i < kSteps; i++) {
        const u64 address =
            random() % 8 == 0 ? random() : kEdges[random() % kEdges.size()] + random() % 32 - 16;
        const unsigned size = static_cast<unsigned>(random() % 18);
        u64 value = 0;
        const BusStatus read = map.read(address, size, value);
        REQUIRE((size >= 8 || size == 0 || value >> (8 * size) == 0));
        const BusStatus write = map.write(address, size, random());
        REQUIRE((read == BusStatus::Ok) ==
                (write == BusStatus::Ok || write == BusStatus::NotWritable));
        std::vector<u8> bytes(random() % 64);
        const bool whole = master.read(address, bytes);
        REQUIRE(whole == (map.ram(address, bytes.size()) != nullptr));
    }
}
