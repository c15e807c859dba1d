#include "devices/register_table.hpp"

#include <catch2/catch_test_macros.hpp>

#include <array>
#include <string>

using namespace forkscope;

namespace {

// A device with one register of each sort.
class Sample {
public:
    struct State {
        u32 plain = 0;
        u32 masked = 0;
    };

    static const RegisterTable<Sample>& registers() {
        using enum RegisterAccess;
        // clang-format off
        static constexpr std::array<Register<Sample>, 5> kEntries{{
            {.offset = 0x00, .name = "PLAIN", .reset = 0x1122'3344, .storage = &State::plain},
            {.offset = 0x04, .name = "MASKED", .mask = 0x0000'ff0f, .storage = &State::masked},
            {.offset = 0x08, .name = "FIXED", .access = ReadOnly, .reset = 0xcafe'f00d},
            {.offset = 0x0c, .name = "COMMAND", .access = WriteOnly, .on_write = &Sample::command},
            {.offset = 0x10, .name = "BYTES", .width = 1, .count = 8, .mask = 0xff,
             .on_read = &Sample::read_byte, .on_write = &Sample::write_byte},
        }};
        // clang-format on
        static constexpr RegisterTable<Sample> kTable{kEntries};
        return kTable;
    }

    Sample() { registers().reset(state_); }
    u64 read(u64 offset, unsigned size) { return registers().read(*this, offset, size); }
    void write(u64 offset, unsigned size, u64 value) {
        registers().write(*this, offset, size, value);
    }

    std::string log; // what the handlers saw

private:
    friend class RegisterTable<Sample>;
    void command(u32, u32 value) { log.append("c").append(std::to_string(value)).append(" "); }
    u32 read_byte(u32 index) {
        log.append("r").append(std::to_string(index)).append(" ");
        return 0xa0 + index;
    }
    void write_byte(u32 index, u32 value) {
        log.append("w").append(std::to_string(index)).append("=");
        log.append(std::to_string(value)).append(" ");
    }

    State state_;
};

} // namespace

TEST_CASE("register table: a plain register has its reset value and keeps what is written",
          "[devices][registers]") {
    Sample sample;
    CHECK(sample.read(0x00, 4) == 0x1122'3344);
    sample.write(0x00, 4, 0xffff'ffff'5566'7788);
    CHECK(sample.read(0x00, 4) == 0x5566'7788);
}

TEST_CASE("register table: bits outside the mask read as zero and ignore writes",
          "[devices][registers]") {
    Sample sample;
    sample.write(0x04, 4, 0xffff'ffff);
    CHECK(sample.read(0x04, 4) == 0xff0f);
}

TEST_CASE("register table: a narrow read returns the bytes at its offset", "[devices][registers]") {
    Sample sample;
    CHECK(sample.read(0x00, 1) == 0x44);
    CHECK(sample.read(0x01, 1) == 0x33);
    CHECK(sample.read(0x03, 1) == 0x11);
    CHECK(sample.read(0x02, 2) == 0x1122);
}

TEST_CASE("register table: a narrow write at the first byte is zero-extended, elsewhere ignored",
          "[devices][registers]") {
    Sample sample;
    sample.write(0x00, 1, 0xabcd);
    CHECK(sample.read(0x00, 4) == 0xcd);
    sample.write(0x01, 1, 0xee);
    sample.write(0x02, 2, 0xeeee);
    CHECK(sample.read(0x00, 4) == 0xcd);
}

TEST_CASE("register table: eight bytes are two words", "[devices][registers]") {
    Sample sample;
    sample.write(0x00, 8, 0x0000'0102'dead'beef);
    CHECK(sample.read(0x00, 4) == 0xdead'beef);
    CHECK(sample.read(0x04, 4) == 0x0102);
    CHECK(sample.read(0x00, 8) == 0x0000'0102'dead'beef);
}

TEST_CASE("register table: a wide access to byte registers meets each of them in order",
          "[devices][registers]") {
    Sample sample;
    CHECK(sample.read(0x14, 4) == 0xa7a6'a5a4);
    sample.write(0x10, 2, 0x0201);
    CHECK(sample.log == "r4 r5 r6 r7 w0=1 w1=2 ");
    sample.log.clear();
    CHECK(sample.read(0x10, 8) == 0xa7a6'a5a4'a3a2'a1a0);
}

TEST_CASE("register table: read-only registers ignore writes, write-only ones read as zero",
          "[devices][registers]") {
    Sample sample;
    sample.write(0x08, 4, 0);
    CHECK(sample.read(0x08, 4) == 0xcafe'f00d);
    CHECK(sample.read(0x0c, 4) == 0);
    CHECK(sample.log.empty());
    sample.write(0x0c, 4, 7);
    CHECK(sample.log == "c7 ");
}

TEST_CASE("register table: holes, odd sizes and misaligned accesses do nothing",
          "[devices][registers]") {
    Sample sample;
    CHECK(sample.read(0x18, 4) == 0);
    CHECK(sample.read(~u64{0} - 3, 4) == 0);
    CHECK(sample.read(0x02, 4) == 0);
    CHECK(sample.read(0x00, 3) == 0);
    CHECK(sample.read(0x00, 16) == 0);
    sample.write(0x18, 4, 1);
    sample.write(0x02, 4, 1);
    sample.write(0x00, 0, 1);
    CHECK(sample.read(0x00, 4) == 0x1122'3344);
    CHECK(sample.log.empty());
}
