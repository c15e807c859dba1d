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

// Total cycles of 100 iterations, as llvm-mca counts them.
u64 cycles_of_100(std::initializer_list<u32> words) {
    const TimingDecoder decoder;
    Pipeline pipeline(mca_compat());
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
