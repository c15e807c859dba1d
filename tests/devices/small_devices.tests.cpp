// The probe device, the empty virtio slots, and the reset ROM.
#include "devices/fakes.hpp"
#include "devices/probe/probe.hpp"
#include "devices/virtio_mmio/virtio_mmio.hpp"
#include "roms/reset_rom.hpp"

#include <catch2/catch_test_macros.hpp>

#include <cstring>
#include <utility>

using namespace forkscope;
using namespace forkscope::test;

namespace {

struct ProbeLog final : ProbeSink {
    void on_probe(const abi::ProbeRecord& record) override { records.push_back(record); }
    void on_malformed(u32 doorbell, u32 id) override { malformed.emplace_back(doorbell, id); }
    std::vector<abi::ProbeRecord> records;
    std::vector<std::pair<u32, u32>> malformed;
};

struct ProbeFixture {
    // Puts a record at `offset` in RAM and returns what rings for it.
    u32 place(u64 offset, const abi::ProbeRecord& record) {
        std::memcpy(memory.bytes.data() + offset, &record, sizeof(record));
        return static_cast<u32>((memory.base + offset) >> 6);
    }
    void ring(u32 doorbell) { device.write(0x08, 4, doorbell); }

    FakeMemory memory{0x4000'0000, 0x1000};
    ProbeLog log;
    ProbeDevice device{memory, log};
};

} // namespace

TEST_CASE("probe: it identifies itself", "[devices][probe]") {
    ProbeFixture f;
    CHECK(f.device.read(0x00, 4) == abi::kProbeIdentification);
    CHECK(f.device.read(0x04, 4) == abi::kProbeVersion);
    CHECK(f.device.read(0x08, 4) == 0);
}

TEST_CASE("probe: the doorbell hands the record in RAM on, as it is", "[devices][probe]") {
    ProbeFixture f;
    const abi::ProbeRecord record{40, 5, {7, 0x1000, 0x4000'2000, 0x4000'3000, 2, 0}, 0};
    f.ring(f.place(0x40, record));
    REQUIRE(f.log.records.size() == 1);
    CHECK(std::memcmp(&f.log.records[0], &record, sizeof(record)) == 0);
    CHECK(f.log.malformed.empty());
}

TEST_CASE("probe: a record in the last 64 bytes of RAM is read, one after it is malformed",
          "[devices][probe]") {
    ProbeFixture f;
    const u32 last = f.place(0x1000 - 64, {1, 0, {}, 0});
    f.ring(last);
    CHECK(f.log.records.size() == 1);
    f.ring(last + 1);
    CHECK(f.log.malformed == std::vector<std::pair<u32, u32>>{{last + 1, 0}});
    f.ring(0);
    f.ring(0xffff'ffff);
    CHECK(f.log.malformed.size() == 3);
    CHECK(f.log.records.size() == 1);
}

TEST_CASE("probe: too many arguments or no id make a record malformed", "[devices][probe]") {
    ProbeFixture f;
    f.ring(f.place(0x000, {1, 7, {}, 0}));
    f.ring(f.place(0x040, {0, 1, {}, 0}));
    f.ring(f.place(0x080, {0xffff'ffff, 0xffff'ffff, {}, 0}));
    CHECK(f.log.records.empty());
    REQUIRE(f.log.malformed.size() == 3);
    CHECK(f.log.malformed[0].second == 1);
    CHECK(f.log.malformed[1].second == 0);
    CHECK(f.log.malformed[2].second == 0xffff'ffff);
}

TEST_CASE("virtio: an empty slot says virt, legacy version, device 0", "[devices][virtio]") {
    VirtioMmioSlot slot;
    CHECK(slot.read(0x000, 4) == 0x7472'6976);
    CHECK(slot.read(0x004, 4) == 1);
    CHECK(slot.read(0x008, 4) == 0);
    CHECK(slot.read(0x00c, 4) == 0x554d'4551);
    CHECK(slot.read(0x010, 4) == 0);
    CHECK(slot.read(0x1fc, 4) == 0);
    slot.write(0x070, 4, 0xff);
    CHECK(slot.read(0x070, 4) == 0);
}

TEST_CASE("reset ROM: its code is reset.S and the parameters are where the header says", "[roms]") {
    const std::vector<u8> rom = make_reset_rom(0x1122'3344'5566'7788, 0x4a00'0000);
    const auto word = [&rom](u64 offset, unsigned size) {
        u64 value = 0;
        for (unsigned i = 0; i < size; i++) {
            value |= u64{rom[offset + i]} << (8 * i);
        }
        return value;
    };
    CHECK(rom.size() <= kResetRomSize);
    CHECK(word(0x00, 4) == 0x5800'0240); // ldr x0, 0x48
    CHECK(word(0x04, 4) == 0xaa1f'03e1); // mov x1, xzr
    CHECK(word(0x08, 4) == 0xaa1f'03e2); // mov x2, xzr
    CHECK(word(0x0c, 4) == 0xaa1f'03e3); // mov x3, xzr
    CHECK(word(0x10, 4) == 0x5800'0184); // ldr x4, 0x40
    CHECK(word(0x14, 4) == 0xd61f'0080); // br x4
    CHECK(word(kResetRomEntry, 8) == 0x1122'3344'5566'7788);
    CHECK(word(kResetRomDeviceTree, 8) == 0x4a00'0000);
}
