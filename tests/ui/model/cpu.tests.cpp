#include "model/cpu.hpp"

#include "support/snapshot_builder.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace forkscope;

namespace {

const RegisterRow& row_of(const std::vector<RegisterRow>& rows, const std::string& name) {
    const auto found = std::ranges::find(rows, name, &RegisterRow::name);
    REQUIRE(found != rows.end());
    return *found;
}

} // namespace

TEST_CASE("cpu: registers that changed since the last stop are marked", "[ui]") {
    Snapshot snapshot;
    snapshot.cpu.x[3] = 7;
    snapshot.cpu.pc = snapshot.cpu_before.pc = 0x40'0000;
    snapshot.cpu.ttbr0 = u64{5} << 48 | 0x4100'0001;
    snapshot.cpu.pstate = 0x8000'0000;
    const CpuModel model = model_cpu(snapshot, {});
    CHECK(model.general.size() == 33);
    CHECK(row_of(model.general, "x3").changed);
    CHECK_FALSE(row_of(model.general, "x4").changed);
    CHECK_FALSE(row_of(model.general, "PC").changed);
    CHECK(row_of(model.system, "TTBR0_EL1").changed);
    CHECK(row_of(model.system, "TTBR0_EL1").words == "ASID 5, first table at 0x41000000");
    CHECK(model.pstate_changed);
    CHECK(model.flags == "Nzcv daif");
    CHECK(changed_names(model.pstate_fields) == "N");
}

TEST_CASE("cpu: at the first stop nothing counts as changed", "[ui]") {
    Snapshot snapshot;
    snapshot.cpu.x[3] = 7;
    snapshot.cpu.pc = 0x40'0000;
    const CpuModel model = model_cpu(snapshot, {});
    CHECK(std::ranges::none_of(model.general, &RegisterRow::changed));
    CHECK(changed_names(model.pstate_fields).empty());
}

TEST_CASE("cpu: the current line is marked, a function named where it begins", "[ui]") {
    Snapshot snapshot;
    snapshot.cpu.pc = 0x1004;
    snapshot.code = {{0x1000, 0xd503'201f, "nop", "main+0x20"},
                     {0x1004, 0xd65f'03c0, "ret", "main+0x24"},
                     {0x1008, 0x1400'0000, "b 0x1008", "exit"}};
    const CpuModel model = model_cpu(snapshot, {});
    REQUIRE(model.code.size() == 3);
    CHECK(model.code[0].symbol == "main+0x20");
    CHECK(model.code[1].symbol.empty());
    CHECK(model.code[2].symbol == "exit");
    CHECK_FALSE(model.code[0].current);
    CHECK(model.code[1].current);
    CHECK(model.code[1].word == "d65f03c0");
    CHECK(text(model).find("->  0x1004  d65f03c0  ret") != std::string::npos);
}
