#include "base/field.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace forkscope;

TEST_CASE("field: get, make and set address the same bits", "[emu][base]") {
    using Middle = Field<u32, 11, 4>;
    STATIC_REQUIRE(Middle::width == 8);
    STATIC_REQUIRE(Middle::mask == 0xff0);
    CHECK(Middle::get(0x12345678) == 0x67);
    CHECK(Middle::make(0xab) == 0xab0);
    CHECK(Middle::set(0x12345678, 0xab) == 0x12345ab8);
}

TEST_CASE("field: excess bits of a value are cut", "[emu][base]") {
    using Two = Field<u64, 5, 4>;
    CHECK(Two::make(0xff) == 0x30);
    CHECK(Two::set(~u64{0}, 4) == ~u64{0x30});
}

TEST_CASE("field: a field may be the whole word or its top bit", "[emu][base]") {
    CHECK(Field<u64, 63, 0>::get(0x123456789abcdef0) == 0x123456789abcdef0);
    CHECK(Field<u64, 63, 0>::set(0, ~u64{0}) == ~u64{0});
    CHECK(Field<u64, 63>::test(u64{1} << 63));
    CHECK_FALSE(Field<u64, 63>::test(~(u64{1} << 63)));
    CHECK(Field<u8, 7, 4>::get(0xa5) == 0xa);
}

TEST_CASE("field: sign extension works at every width", "[emu][base]") {
    CHECK(sign_extend(0x1ff, 9) == -1);
    CHECK(sign_extend(0x0ff, 9) == 255);
    CHECK(sign_extend(0x100, 9) == -256);
    CHECK(sign_extend(~u64{0}, 64) == -1);
    CHECK(sign_extend(1, 1) == -1);
}

TEST_CASE("field: masks and alignment", "[emu][base]") {
    CHECK(low_mask(0) == 0);
    CHECK(low_mask(12) == 0xfff);
    CHECK(low_mask(64) == ~u64{0});
    CHECK(align_down(0x1fff, 0x1000) == 0x1000);
    CHECK(is_aligned(0x1000, 16));
    CHECK_FALSE(is_aligned(0x1008, 16));
}
