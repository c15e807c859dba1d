#include "timing/timing_model.hpp"
#include "verify/mca.hpp"
#include "support/paths.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace forkscope;
using namespace forkscope::verify;

TEST_CASE("verify: generated blocks take llvm-mca's cycles on its Cortex-A55", "[verify][mca]") {
    const auto model = timing::read_timing_model(FORKSCOPE_SOURCE_DIR
                                                 "/configs/timing/mca-compat.json");
    REQUIRE(model);
    const std::vector<McaBlock> blocks = generated_blocks(400, 1);
    const auto comparison = compare_with_mca(blocks, model->pipeline);
    if (!comparison)
        FAIL(comparison.error().message);
    // mca-compat.json follows version 14; later ones model the same core a little differently.
    const std::size_t rows = comparison->rows.size();
    if (comparison->judge.find("version 14.") != std::string::npos) {
        CHECK(comparison->equal() * 10 >= rows * 9);
        CHECK(comparison->within_tenth() == rows);
    } else {
        CHECK(comparison->equal() * 4 >= rows * 3);
        CHECK(comparison->within_tenth() * 20 >= rows * 17);
    }
}

TEST_CASE("verify: a wrong latency shows against llvm-mca", "[verify][mca]") {
    auto model = timing::read_timing_model(FORKSCOPE_SOURCE_DIR "/configs/timing/mca-compat.json");
    REQUIRE(model);
    model->pipeline.classes[static_cast<std::size_t>(timing::InstructionClass::Load)].latency = 6;
    const std::vector<McaBlock> blocks = generated_blocks(100, 1);
    const auto comparison = compare_with_mca(blocks, model->pipeline);
    REQUIRE(comparison);
    CHECK(comparison->equal() * 10 < comparison->rows.size() * 9);
}

TEST_CASE("verify: blocks cut from a program that is none are refused", "[verify][mca]") {
    const auto blocks = compiled_blocks(FORKSCOPE_SOURCE_DIR "/README.md", 10);
    REQUIRE_FALSE(blocks);
}
