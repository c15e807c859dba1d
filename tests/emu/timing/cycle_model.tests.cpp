#include "timing/cycle_model.hpp"
#include "support/paths.hpp"

#include <catch2/catch_test_macros.hpp>

#include <numeric>

using namespace forkscope;
using namespace forkscope::timing;

namespace {

constexpr u32 kNop = 0xd503201f;
constexpr u32 kLoad = 0xf9400020;        // ldr x0, [x1]
constexpr u32 kStore = 0xf9000043;       // str x3, [x2]
constexpr u32 kUse = 0x8b030002;         // add x2, x0, x3
constexpr u32 kIndependent = 0x8b050084; // add x4, x4, x5
constexpr u32 kLoop = 0x17fffffe;        // b .-8

TimingModel small_model() {
    auto model = read_timing_model(FORKSCOPE_SOURCE_DIR "/configs/timing/mca-compat.json");
    REQUIRE(model);
    model->l1i = {.size = 1024, .ways = 2, .line = 64};
    model->l1d = {.size = 1024, .ways = 2, .line = 64};
    model->l2 = {.size = 8192, .ways = 4, .line = 64, .latency = 10};
    model->costs.dram = 100;
    return *model;
}

// A block at `pc` that is mapped one to one.
struct Program {
    TimingModel model = small_model();
    CycleModel cpu{model};
    TimingDecoder decoder;
    u32 next_id = 0;
    BlockPlace place;

    BlockTiming block(std::initializer_list<u32> words) {
        const std::vector<u32> code(words);
        BlockTiming timing = time_block(code, 0, model.pipeline, decoder);
        timing.id = ++next_id;
        return timing;
    }
    void enter(BlockTiming& timing, u64 pc) {
        cpu.end_block(pc);
        place = cpu.place(timing, pc, pc);
        cpu.begin_block(place);
    }
    // Cycles from now until the block has run, with `accesses` inside it.
    u64 run(BlockTiming& timing, u64 pc, std::initializer_list<u64> accesses = {}) {
        const Cycle before = cpu.now();
        enter(timing, pc);
        for (u64 address : accesses)
            cpu.data_access(address, 8, false);
        cpu.leave_block(timing.instructions);
        return cpu.now() - before;
    }
};

} // namespace

TEST_CASE("cycle model: what is charged adds up to the time", "[timing][cycle]") {
    Program p;
    BlockTiming load = p.block({kLoad, kIndependent, kUse, kLoop});
    BlockTiming idle = p.block({kNop, kNop});
    for (u64 i = 0; i < 1000; ++i) {
        p.enter(load, 0x1000);
        p.cpu.data_access(0x8000 + i * 24, 8, i % 3 == 0);
        if (i % 7 == 0)
            p.enter(idle, 0x5000 + i * 64);
        if (i % 100 == 0) {
            p.cpu.leave_block(1);
            p.cpu.exception_entry();
            p.cpu.tlb_invalidate_all();
        }
    }
    p.cpu.leave_block(load.instructions);
    p.cpu.sleep_until(p.cpu.now() + 500);
    const auto charges = p.cpu.take_charges();
    CHECK(std::accumulate(charges.begin(), charges.end(), u64{0}) == p.cpu.now());
    CHECK(charges[static_cast<std::size_t>(CycleCause::Idle)] == 500);
    CHECK(charges[static_cast<std::size_t>(CycleCause::DataMiss)] > 0);
    CHECK(charges[static_cast<std::size_t>(CycleCause::InstructionMiss)] > 0);
}

TEST_CASE("cycle model: a line comes from memory once and then from L1", "[timing][cycle]") {
    Program p;
    BlockTiming block = p.block({kLoad, kUse});
    const u64 cold = p.run(block, 0x1000, {0x8000});
    const u64 warm = p.run(block, 0x1000, {0x8000});
    // One line each of instructions and data.
    CHECK(cold == warm + 2 * (10 + 100));
    CHECK(p.cpu.l1d().state().misses == 1);
    CHECK(p.cpu.l1d().state().accesses == 2);
}

TEST_CASE("cycle model: a miss overlaps with the instructions up to its use", "[timing][cycle]") {
    Program p;
    BlockTiming near = p.block({kLoad, kUse});
    BlockTiming far = p.block({kLoad, kIndependent, kIndependent, kIndependent, kIndependent,
                               kIndependent, kIndependent, kUse});
    const u64 near_hit = near.cycles;
    const u64 far_hit = far.cycles;
    p.run(near, 0x1000, {0x8000});
    p.run(far, 0x1040, {0x8000});
    const u64 near_miss = p.run(near, 0x1000, {0x9000}) - near_hit;
    const u64 far_miss = p.run(far, 0x1040, {0xa000}) - far_hit;
    const u64 miss = 10 + 100;
    CHECK(near_miss == miss);
    CHECK(far_miss == miss); // counted from the use, which the load's own latency already delays
    CHECK(far_hit < near_hit + 6);
}

TEST_CASE("cycle model: a miss nobody waits for costs nothing at once", "[timing][cycle]") {
    Program p;
    BlockTiming load = p.block({kLoad});
    BlockTiming other = p.block({kIndependent, kIndependent});
    BlockTiming use = p.block({kUse});
    p.run(load, 0x1000, {0x8000});
    p.run(other, 0x1010);
    p.run(use, 0x1020);
    const Cycle before = p.cpu.now();
    p.enter(load, 0x1000);
    p.cpu.data_access(0x9000, 8, false);
    p.enter(other, 0x1010);
    CHECK(p.cpu.now() - before < 10);
    p.enter(use, 0x1020);
    CHECK(p.cpu.now() - before > 100);
}

TEST_CASE("cycle model: stores wait only when the store buffer is full", "[timing][cycle]") {
    Program p;
    BlockTiming store = p.block({kStore});
    p.run(store, 0x1000);
    const auto store_to = [&](u64 address) {
        const Cycle before = p.cpu.now();
        p.enter(store, 0x1000);
        p.cpu.data_access(address, 8, true);
        p.cpu.leave_block(1);
        return p.cpu.now() - before;
    };
    for (u64 i = 0; i < p.model.costs.store_buffer; ++i)
        CHECK(store_to(0x8000 + i * 64) < 10);
    CHECK(store_to(0xa000) > 80);
}

TEST_CASE("cycle model: a walk reads its descriptors once in each space", "[timing][cycle]") {
    Program p;
    BlockTiming block = p.block({kLoad, kUse});
    const PageWalk walk = {.descriptors = {0x100000, 0x101000, 0x102000}, .levels = 3};
    for (u16 asid : {u16{1}, u16{2}}) {
        p.cpu.set_asid(asid);
        p.cpu.note_walk(0x1000, walk);
        p.cpu.note_walk(0x8000, walk);
        p.run(block, 0x1000, {0x8000});
        CHECK(p.cpu.tlb().misses == 2u * asid); // the code's page and the data's
    }
    p.cpu.set_asid(1);
    p.run(block, 0x1000, {0x8000});
    CHECK(p.cpu.tlb().misses == 4);
    p.cpu.tlb_invalidate_page(0x8);
    p.run(block, 0x1000, {0x8000});
    CHECK(p.cpu.tlb().misses == 5);
    p.cpu.tlb_invalidate_asid(1);
    p.run(block, 0x1000, {0x8000});
    CHECK(p.cpu.tlb().misses == 7);
}

TEST_CASE("cycle model: a global block of 2 MiB takes one entry of the TLB", "[timing][cycle]") {
    Program p;
    BlockTiming block = p.block({kLoad, kUse});
    p.cpu.note_walk(
        0x0, {.descriptors = {0x400000, 0x401000}, .levels = 2, .shift = 21, .global = true});
    p.run(block, 0x1000, {0x8000});
    CHECK(p.cpu.tlb().misses == 1);
    p.cpu.set_asid(7);
    p.run(block, 0x1000, {0x9000});
    CHECK(p.cpu.tlb().misses == 1);
    CHECK(p.cpu.tlb().accesses == 4);
}

TEST_CASE("cycle model: the seam of a loop waits as the pipeline would", "[timing][cycle]") {
    Program p;
    // madd x0, x1, x2, x0; b .-4: a chain through the accumulator.
    BlockTiming block = p.block({0x9b020020, 0x17ffffff});
    p.run(block, 0x1000);
    const Cycle before = p.cpu.now();
    for (int i = 0; i < 100; ++i)
        p.enter(block, 0x1000);
    p.cpu.leave_block(block.instructions);
    Pipeline pipeline(p.model.pipeline);
    for (int i = 0; i < 100; ++i)
        for (u32 word : {0x9b020020u, 0x17ffffffu})
            pipeline.issue(p.decoder.decode(word, 0));
    const u64 modelled = p.cpu.now() - before;
    // A block ends its issue group: up to a cycle more an iteration.
    CHECK(modelled >= pipeline.total_cycles() * 9 / 10);
    CHECK(modelled <= pipeline.total_cycles() + 100);
}

TEST_CASE("cycle model: an access that reaches into a second line is a split, and two accesses",
          "[timing][cycle]") {
    Program p;
    BlockTiming load = p.block({kLoad});
    p.run(load, 0x1000, {0x8038});
    CHECK(p.cpu.line_splits() == 0);
    p.run(load, 0x1000, {0x803c});
    CHECK(p.cpu.line_splits() == 1);
    CHECK(p.cpu.l1d().state().accesses == 3);
    CHECK(p.cpu.l1d().state().misses == 2);
}

TEST_CASE("cycle model: an instruction of no known class is counted and takes the default's time",
          "[timing][cycle]") {
    constexpr u32 kLdadd = 0xf8200041; // ldadd x0, x1, [x2]: ARMv8.1
    constexpr u32 kNone = 0xffffffff;
    Program p;
    auto& unknown = p.model.pipeline.classes[static_cast<std::size_t>(InstructionClass::Unknown)];
    unknown.micro_ops = 16;
    BlockTiming block = p.block({kNop, kLdadd, kNone, kNop});
    CHECK(block.unknown == 2);
    CHECK(block.cycles >= 16);
    p.run(block, 0x1000);
    p.run(block, 0x1000);
    CHECK(p.cpu.unknown_instructions() == 4);
}
