#include "bus/physical_map.hpp"

#include <catch2/catch_test_macros.hpp>

#include <array>
#include <vector>

using namespace forkscope;

namespace {

constexpr u64 kRam = 0x4000'0000;
constexpr u64 kRamSize = 0x20000;
constexpr u64 kDevice = 0x0900'0000;

struct Access {
    char kind;
    u64 offset;
    unsigned size;
    u64 value;
    bool operator==(const Access&) const = default;
};

struct Recorder final : Device {
    u64 read(u64 offset, unsigned size) override {
        seen.push_back({'r', offset, size, 0});
        return 0x8877'6655'4433'2211 & (~u64{0} >> (64 - 8 * size));
    }
    void write(u64 offset, unsigned size, u64 value) override {
        seen.push_back({'w', offset, size, value});
    }
    void reset() override {}
    std::vector<Access> seen;
};

struct Fixture {
    Fixture() {
        const std::array<u8, 4> rom{0xde, 0xad, 0xbe, 0xef};
        REQUIRE(map.add_ram(kRam, kRamSize));
        REQUIRE(map.add_rom(0, 0x1000, rom));
        map.add_device(kDevice, 0x1000, device, "recorder");
    }
    u64 read(u64 address, unsigned size) {
        u64 value = 0xbad;
        REQUIRE(map.read(address, size, value) == BusStatus::Ok);
        return value;
    }
    BusStatus status_of_read(u64 address, unsigned size) {
        u64 value = 0xbad;
        const BusStatus status = map.read(address, size, value);
        CHECK((status == BusStatus::Ok || value == 0));
        return status;
    }
    PhysicalMap map;
    Recorder device;
};

} // namespace

TEST_CASE("bus: RAM is zero at first and holds values of every size, little-endian", "[bus]") {
    Fixture f;
    CHECK(f.read(kRam, 8) == 0);
    CHECK(f.map.write(kRam + 3, 8, 0x0102'0304'0506'0708) == BusStatus::Ok);
    CHECK(f.read(kRam + 3, 8) == 0x0102'0304'0506'0708);
    CHECK(f.read(kRam + 3, 1) == 0x08);
    CHECK(f.read(kRam + 4, 2) == 0x0607);
    CHECK(f.read(kRam + 7, 4) == 0x0102'0304);
    CHECK(f.map.write(kRam + 3, 2, 0xffff'ffff'ffff'aabb) == BusStatus::Ok);
    CHECK(f.read(kRam + 3, 4) == 0x0506'aabb);
}

TEST_CASE("bus: RAM ends where it ends", "[bus]") {
    Fixture f;
    CHECK(f.status_of_read(kRam + kRamSize - 8, 8) == BusStatus::Ok);
    CHECK(f.status_of_read(kRam + kRamSize - 7, 8) == BusStatus::NotBacked);
    CHECK(f.status_of_read(kRam + kRamSize, 1) == BusStatus::NotBacked);
    CHECK(f.status_of_read(kRam - 1, 1) == BusStatus::NotBacked);
    CHECK(f.status_of_read(kRam - 1, 2) == BusStatus::NotBacked);
    CHECK(f.map.write(kRam + kRamSize - 1, 2, 0xffff) == BusStatus::NotBacked);
    CHECK(f.read(kRam + kRamSize - 1, 1) == 0);
    CHECK(f.status_of_read(~u64{0}, 8) == BusStatus::NotBacked);
}

TEST_CASE("bus: ROM reads as its contents, zero after them, and refuses writes", "[bus]") {
    Fixture f;
    CHECK(f.read(0, 4) == 0xefbe'adde);
    CHECK(f.read(4, 8) == 0);
    CHECK(f.map.write(0, 4, 0) == BusStatus::NotWritable);
    CHECK(f.read(0, 4) == 0xefbe'adde);
    CHECK(f.status_of_read(0x1000, 4) == BusStatus::NotBacked);
}

TEST_CASE("bus: a device is given offset, size and value", "[bus]") {
    Fixture f;
    CHECK(f.read(kDevice + 0x10, 4) == 0x4433'2211);
    CHECK(f.read(kDevice + 0xff8, 8) == 0x8877'6655'4433'2211);
    CHECK(f.map.write(kDevice + 2, 1, 0x55) == BusStatus::Ok);
    CHECK(f.device.seen ==
          std::vector<Access>{{'r', 0x10, 4, 0}, {'r', 0xff8, 8, 0}, {'w', 2, 1, 0x55}});
}

TEST_CASE("bus: an access across a window's end or of an odd size never reaches the device",
          "[bus]") {
    Fixture f;
    CHECK(f.status_of_read(kDevice + 0xffc, 8) == BusStatus::NotBacked);
    CHECK(f.status_of_read(kDevice - 4, 8) == BusStatus::NotBacked);
    CHECK(f.status_of_read(kDevice, 3) == BusStatus::NotBacked);
    CHECK(f.status_of_read(kDevice, 0) == BusStatus::NotBacked);
    CHECK(f.status_of_read(kDevice, 16) == BusStatus::NotBacked);
    CHECK(f.map.write(kDevice, 5, 0) == BusStatus::NotBacked);
    CHECK(f.device.seen.empty());
}

TEST_CASE("bus: the host's pointer and the bus see the same RAM", "[bus]") {
    Fixture f;
    u8* host = f.map.ram(kRam, kRamSize);
    REQUIRE(host != nullptr);
    CHECK(reinterpret_cast<std::uintptr_t>(host) % PhysicalMap::kPageSize == 0);
    host[0x1234] = 0x5a;
    CHECK(f.read(kRam + 0x1234, 1) == 0x5a);
    CHECK(f.map.ram(kRam + 0x1234, 1) == host + 0x1234);
    CHECK(f.map.ram(kRam, kRamSize + 1) == nullptr);
    CHECK(f.map.ram(0, 4) == nullptr);
    CHECK(f.map.ram(kDevice, 4) == nullptr);
}

TEST_CASE("bus: regions are in ascending order and found by any of their bytes", "[bus]") {
    Fixture f;
    REQUIRE(f.map.regions().size() == 3);
    CHECK(f.map.regions()[0].kind == RegionKind::Rom);
    CHECK(f.map.regions()[1].name == "recorder");
    CHECK(f.map.regions()[2].base == kRam);
    CHECK(f.map.find(kDevice + 0xfff) == &f.map.regions()[1]);
    CHECK(f.map.find(kDevice + 0x1000) == nullptr);
    CHECK(f.map.find(~u64{0}) == nullptr);
}

TEST_CASE("bus: a bus master reads and writes RAM, whole or not at all", "[bus]") {
    Fixture f;
    GuestMemory& memory = f.map;
    const std::array<u8, 4> out{1, 2, 3, 4};
    std::array<u8, 4> in{};
    CHECK(memory.write(kRam + 0x100, out));
    CHECK(memory.read(kRam + 0x100, in));
    CHECK(in == out);
    in = {9, 9, 9, 9};
    CHECK_FALSE(memory.read(kRam + kRamSize - 2, in));
    CHECK_FALSE(memory.read(0, in));
    CHECK_FALSE(memory.read(kDevice, in));
    CHECK(in == std::array<u8, 4>{9, 9, 9, 9});
    CHECK_FALSE(memory.write(kRam + kRamSize - 2, out));
    CHECK(f.read(kRam + kRamSize - 2, 2) == 0);
    CHECK(f.device.seen.empty());
}
