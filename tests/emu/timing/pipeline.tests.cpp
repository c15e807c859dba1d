#include "timing/pipeline.hpp"
#include "timing/timing_model.hpp"
#include "support/paths.hpp"

#include <catch2/catch_test_macros.hpp>

#include <initializer_list>

using namespace forkscope;
using namespace forkscope::timing;

namespace {

const PipelineModel& mca_compat() {
    static const auto model =
        read_timing_model(FORKSCOPE_SOURCE_DIR "/configs/timing/mca-compat.json");
    REQUIRE(model);
    return model->pipeline;
}

const PipelineModel& cortex_a55() {
    static const auto model =
        read_timing_model(FORKSCOPE_SOURCE_DIR "/configs/timing/cortex-a55.json");
    REQUIRE(model);
    return model->pipeline;
}

// Total cycles of 100 iterations, as llvm-mca counts them.
u64 cycles_of_100(std::initializer_list<u32> words, const PipelineModel& model = mca_compat()) {
    const TimingDecoder decoder;
    Pipeline pipeline(model);
    for (int i = 0; i < 100; ++i)
        for (u32 word : words)
            pipeline.issue(decoder.decode(word, 0));
    return pipeline.total_cycles();
}

} // namespace

// The expected figures are those of llvm-mca 14, -mcpu=cortex-a55 -iterations=100.

TEST_CASE("pipeline: a load feeds an addition after three cycles", "[timing][pipeline]") {
    CHECK(cycles_of_100({
              0xf9400020, // ldr x0, [x1]
              0x8b030002, // add x2, x0, x3
              0xd10004c6, // sub x6, x6, #1
              0xb5000006, // cbnz x6, .
          }) == 602);
}

TEST_CASE("pipeline: independent additions issue two a cycle", "[timing][pipeline]") {
    CHECK(cycles_of_100({
              0x8b020020, // add x0, x1, x2
              0x8b050083, // add x3, x4, x5
              0x8b0800e6, // add x6, x7, x8
              0x8b0b0149, // add x9, x10, x11
          }) == 203);
}

TEST_CASE("pipeline: a shifted operand is read a cycle earlier", "[timing][pipeline]") {
    CHECK(cycles_of_100({
              0x8b020020, // add x0, x1, x2
              0x8b000c61, // add x1, x3, x0, lsl #3
              0x14000000, // b .
          }) == 402);
}

TEST_CASE("pipeline: an accumulator is forwarded to the next multiply", "[timing][pipeline]") {
    CHECK(cycles_of_100({
              0x9b020020, // madd x0, x1, x2, x0
              0x9b040060, // madd x0, x3, x4, x0
              0x14000000, // b .
          }) == 502);
}

TEST_CASE("pipeline: a pair with write-back takes three slots", "[timing][pipeline]") {
    CHECK(cycles_of_100({
              0xa8c17bfd, // ldp x29, x30, [sp], #16
              0xd65f03c0, // ret
          }) == 601);
}

TEST_CASE("pipeline: stores do not wait for earlier results", "[timing][pipeline]") {
    CHECK(cycles_of_100({
              0x9b027c20, // mul x0, x1, x2
              0xf9000083, // str x3, [x4]
              0xf9000485, // str x5, [x4, #8]
              0x14000000, // b .
          }) == 302);
}

TEST_CASE("pipeline: a division blocks the divider", "[timing][pipeline]") {
    CHECK(cycles_of_100({
              0x9ac20c20, // sdiv x0, x1, x2
              0x9ac50c83, // sdiv x3, x4, x5
              0x14000000, // b .
          }) == 1601);
}

TEST_CASE("pipeline: a 128-bit SIMD operation starts a cycle", "[timing][pipeline]") {
    CHECK(cycles_of_100({
              0x4ea28420, // add v0.4s, v1.4s, v2.4s
              0x8b020020, // add x0, x1, x2
              0x4ea41c83, // mov v3.16b, v4.16b
              0x14000000, // b .
          }) == 601);
}

TEST_CASE("pipeline: flags reach a branch after three cycles", "[timing][pipeline]") {
    CHECK(cycles_of_100({
              0xf1000400, // subs x0, x0, #1
              0x54000001, // b.ne .
          }) == 302);
}

// Sequences measured on a Cortex-A55; instructions a cycle as LLVM's tests give
// them (llvm/test/tools/llvm-mca/AArch64/Cortex/IPC/A55-*.s). Those of 2, 8 and 13
// are out of reach of LLVM's own model.
TEST_CASE("pipeline: sequences take the cycles measured on a Cortex-A55", "[timing][pipeline]") {
    constexpr u32 kAddW8 = 0x11000508;   // add w8, w8, #1
    constexpr u32 kAddW12 = 0x1100050c;  // add w12, w8, #1
    constexpr u32 kAnd = 0x1200150c;     // and w12, w8, #0x3f
    constexpr u32 kLoad = 0xb86c594e;    // ldr w14, [x10, w12, uxtw #2]
    constexpr u32 kCompare = 0x6b09011f; // cmp w8, w9
    constexpr u32 kBranch = 0x5400000b;  // b.lt .
    constexpr u32 kUse = 0x110005ce;     // add w14, w14, #1
    constexpr u32 kStore = 0xb82c594e;   // str w14, [x10, w12, uxtw #2]
    struct Measured {
        const char* test;
        std::initializer_list<u32> words;
        double per_cycle;
    };
    const Measured measured[] = {
        {"A55-0", {kAddW8}, 1.00},
        {"A55-1", {kAddW8, kCompare, kBranch}, 1.50},
        {"A55-2", {kAddW8, 0x1100050a, kAddW12}, 2.00},
        {"A55-3", {kAddW8, kAddW12, 0x1b0a7d4a}, 1.00},
        {"A55-6", {kAddW8, 0x1100054a, 0x1100054b, kAddW12, kCompare, kBranch}, 2.00},
        {"A55-7", {kAddW8, 0x7100a91f, kAddW12, 0x1b0a7d8a}, 1.33},
        {"A55-8", {kAddW8, kAnd, kLoad}, 1.50},
        {"A55-9", {kAddW8, kAnd, kLoad, 0xb86c594f, kCompare, kBranch}, 1.50},
        {"A55-10", {kAddW8, kAnd, kLoad, kUse, kCompare, kBranch}, 1.20},
        {"A55-11", {kAddW8, kAnd, kLoad, kUse, kStore, kCompare, kBranch}, 1.17},
        {"A55-12", {kAddW8, kUse, kAnd, kStore, kCompare, kBranch}, 2.00},
        {"A55-13", {kAddW8, kAnd, kLoad, 0x1100058d, 0x120015ad, 0xb86d594e}, 1.50},
    };
    for (const Measured& m : measured) {
        INFO(m.test);
        const double cycles = static_cast<double>(m.words.size()) / m.per_cycle;
        const double ours = static_cast<double>(cycles_of_100(m.words, cortex_a55())) / 100;
        CHECK(ours > cycles - 0.15);
        CHECK(ours < cycles + 0.15);
    }
}

TEST_CASE("pipeline: a chain of additions runs at one a cycle, skewed or not",
          "[timing][pipeline]") {
    CHECK(cycles_of_100({0x91000400, 0x91000400, 0x91000400, 0x91000400}, cortex_a55()) >= 400);
    CHECK(cycles_of_100({0x91000400, 0x91000400, 0x91000400, 0x91000400}, cortex_a55()) <= 404);
}

TEST_CASE("pipeline: the bundled models are ordered as their widths", "[timing][pipeline]") {
    const auto small = read_timing_model(FORKSCOPE_SOURCE_DIR "/configs/timing/small.json");
    const auto wide = read_timing_model(FORKSCOPE_SOURCE_DIR "/configs/timing/wide.json");
    REQUIRE(small);
    REQUIRE(wide);
    const std::initializer_list<u32> independent = {0x8b020020, 0x8b050083, 0x8b0800e6, 0x8b0b0149};
    CHECK(cycles_of_100(independent, small->pipeline) >= 400);
    CHECK(cycles_of_100(independent, wide->pipeline) <= 104);
}
