#include "ui/bit_fields.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>

using namespace forkscope;

namespace {

constexpr u64 kMair = 0x04ff; // 0 normal, write-back; 1 device nGnRE

BitField field(const std::vector<BitField>& fields, const std::string& name) {
    const auto found = std::ranges::find(fields, name, &BitField::name);
    REQUIRE(found != fields.end());
    return *found;
}

// No bit of a word is told twice, and every field fits its bits.
void check_bits(const std::vector<BitField>& fields, u64 word) {
    u64 told = 0;
    for (const BitField& one : fields) {
        REQUIRE(one.low <= one.high);
        const u64 ones = (u64{2} << (one.high - one.low)) - 1;
        CHECK((told & ones << one.low) == 0);
        CHECK(one.value == ((word >> one.low) & ones));
        told |= ones << one.low;
    }
}

} // namespace

TEST_CASE("bit fields: a page descriptor is told field by field", "[ui]") {
    const u64 word = 0x0060'0000'4100'1fc3;
    const auto fields = descriptor_fields(word, 3, kMair);
    check_bits(fields, word);
    CHECK(field(fields, "valid").words == "the entry is in use");
    CHECK(field(fields, "type").words == "page");
    CHECK(field(fields, "AP[2:1]").value == 3);
    CHECK(bit_range(field(fields, "AP[2:1]")) == "[7:6]");
    CHECK(field(fields, "AP[2:1]").words == "EL0 and EL1 may only read");
    CHECK(field(fields, "UXN").words == "EL0 does not execute");
    CHECK(field(fields, "AF").words == "accessed");
    CHECK(field(fields, "nG").words == "of one ASID only");
    CHECK(field(fields, "SH").words == "inner shareable");
    CHECK(field(fields, "AttrIndx").words == "MAIR_EL1.Attr0: Normal, write-back");
    CHECK(field(fields, "output address").words == "0x41001000");
    CHECK(bit_range(field(fields, "valid")) == "[0]");
}

TEST_CASE("bit fields: the memory's type is looked up in MAIR_EL1", "[ui]") {
    const auto words = [](u64 index, u64 mair) {
        return field(descriptor_fields(index << 2 | 3, 3, mair), "AttrIndx").words;
    };
    CHECK(words(1, kMair) == "MAIR_EL1.Attr1: Device-nGnRE");
    CHECK(words(7, u64{0x44} << 56) == "MAIR_EL1.Attr7: Normal, non-cacheable");
    CHECK(words(6, u64{0x44} << 56) == "MAIR_EL1.Attr6: Device-nGnRnE");
}

TEST_CASE("bit fields: every kind of memory that MAIR_EL1 can name", "[ui]") {
    const std::pair<u8, const char*> kinds[] = {
        {0x00, "Device-nGnRnE"},
        {0x04, "Device-nGnRE"},
        {0x08, "Device-nGRE"},
        {0x0c, "Device-GRE"},
        {0x44, "Normal, non-cacheable"},
        {0x11, "Normal, write-through transient"},
        {0x77, "Normal, write-back transient"},
        {0x88, "Normal, write-through"}, // allocates nothing
        {0xbb, "Normal, write-through"},
        {0xcc, "Normal, write-back"},
        {0xff, "Normal, write-back"},
        {0xf4, "Normal, outer write-back, inner non-cacheable"},
        {0x4f, "Normal, outer non-cacheable, inner write-back"},
        {0x01, "reserved (0x1)"},
        {0x0f, "reserved (0xf)"},
        {0xf0, "reserved (0xf0)"}, // tagged, from ARMv8.5 on
    };
    for (const auto& [attribute, words] : kinds) {
        CHECK(memory_attribute_words(attribute) == words);
    }
}

TEST_CASE("bit fields: all four values of SH have words", "[ui]") {
    const std::pair<u64, const char*> kinds[] = {
        {0, "not shareable"}, {1, "reserved"}, {2, "outer shareable"}, {3, "inner shareable"}};
    for (const auto& [sh, words] : kinds) {
        CHECK(field(descriptor_fields(sh << 8 | 3, 3, kMair), "SH").words == words);
    }
}

TEST_CASE("bit fields: all four access permissions have words of their own", "[ui]") {
    std::vector<std::string> words;
    for (u64 ap = 0; ap < 4; ++ap) {
        words.push_back(field(descriptor_fields(ap << 6 | 3, 3, kMair), "AP[2:1]").words);
    }
    CHECK(words == std::vector<std::string>{
                       "EL1 may read and write, EL0 nothing", "EL0 and EL1 may read and write",
                       "EL1 may only read, EL0 nothing", "EL0 and EL1 may only read"});
}

TEST_CASE("bit fields: a table descriptor names the next table and its limits", "[ui]") {
    const u64 word = 0xf800'0000'4800'1003; // NSTable, APTable = 3, UXNTable, PXNTable
    const auto fields = descriptor_fields(word, 1, kMair);
    check_bits(fields, word);
    CHECK(descriptor_type_name(word, 1) == "table");
    CHECK(field(fields, "next table").words == "table at 0x48001000");
    CHECK(field(fields, "APTable").words == "no writes and no access from EL0 below");
    CHECK(field(fields, "UXNTable").words == "EL0 executes nothing below");
}

TEST_CASE("bit fields: a block's output address has no low bits", "[ui]") {
    const u64 word = 0x0060'0000'4020'0f41;
    CHECK(descriptor_type_name(word, 2) == "block");
    CHECK(field(descriptor_fields(word, 2, kMair), "output address").words == "0x40200000");
}

TEST_CASE("bit fields: an invalid descriptor tells nothing but that it is", "[ui]") {
    CHECK(descriptor_fields(0, 3, kMair).size() == 1);
    CHECK(descriptor_fields(0, 3, kMair)[0].words == "nothing is mapped: an access faults");
    // Bits [1:0] = 0b01 are reserved at level 3.
    CHECK(descriptor_fields(0x4100'0001, 3, kMair)[0].words ==
          "but not of a type that this level has");
}

TEST_CASE("bit fields: ESR_EL1 of a data abort says what, whence and which level", "[ui]") {
    const u64 esr = 0x9200'004f;
    const auto fields = esr_fields(esr);
    check_bits(fields, esr);
    CHECK(field(fields, "EC").words == "data abort from EL0");
    CHECK(field(fields, "WnR").words == "a write");
    CHECK(field(fields, "DFSC").words == "level-3 permission fault");
    CHECK(field(esr_fields(0x9600'0007), "EC").words == "data abort from EL1");
    CHECK(field(esr_fields(0x9600'0007), "WnR").words == "a read");
    CHECK(field(esr_fields(0x9200'0061), "DFSC").words == "alignment fault");
    CHECK(field(esr_fields(0x9200'0010), "DFSC").words == "external abort, TLB conflict or other");
}

TEST_CASE("bit fields: an instruction abort has no WnR, another exception only an ISS", "[ui]") {
    const auto fetch = esr_fields(0x8200'0007);
    CHECK(field(fetch, "IFSC").words == "level-3 translation fault");
    CHECK(std::ranges::find(fetch, "WnR", &BitField::name) == fetch.end());
    const auto svc = esr_fields(0x5600'0002);
    CHECK(field(svc, "EC").words == "system call (SVC)");
    CHECK(field(svc, "ISS").value == 2);
    CHECK(exception_class_words(u64{0x3f} << 26) == "exception class 0x3f");
}

TEST_CASE("bit fields: what differs between two words is marked", "[ui]") {
    auto after = descriptor_fields(0x0060'0000'4100'2f43, 3, kMair);
    mark_changes(after, descriptor_fields(0x0060'0000'4100'1fc3, 3, kMair));
    CHECK(changed_names(after) == "output address, AP[2:1]");
    mark_changes(after, after);
    CHECK(changed_names(after).empty());
    mark_changes(after, descriptor_fields(0, 3, kMair)); // absent before: all is new
    CHECK(std::ranges::all_of(after, &BitField::changed));
}

TEST_CASE("bit fields: PSTATE's flags stand where SPSR_EL1 has them", "[ui]") {
    const auto fields = pstate_fields(0x6000'0385);
    check_bits(fields, 0x6000'0385);
    CHECK(field(fields, "Z").words == "zero");
    CHECK(field(fields, "C").value == 1);
    CHECK(field(fields, "N").value == 0);
    CHECK(field(fields, "I").words == "IRQs masked");
    CHECK(field(fields, "EL").words == "EL1");
    CHECK(field(fields, "SP").words == "SP of the level itself");
}
