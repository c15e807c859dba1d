#include "engine/engine.hpp"
#include "emu/support/assemble.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cstring>
#include <vector>

using namespace forkscope;
using namespace forkscope::test;

namespace {

constexpr u64 kBase = 0x4000'0000;
constexpr u64 kSize = 1 << 20;
constexpr u64 kData = kBase + 0x8000;

// Maps everything one to one, records what it is asked, and ends a run at HVC.
class TestHost final : public EngineHost {
public:
    struct Fill {
        u64 page;
        PageAccess access;
        bool operator==(const Fill&) const = default;
    };

    explicit TestHost(const std::string& source) : memory_(kSize) {
        const std::vector<u8> code = assemble(source, kBase);
        std::memcpy(memory_.data(), code.data(), code.size());
        auto made = Engine::create(*this, std::nullopt);
        REQUIRE(made.ok());
        engine_ = std::move(*made);
        REQUIRE(engine_->map_memory(kBase, kSize, memory_.data()).ok());
        restart();
    }

    void restart() {
        engine_->set_pc(kBase);
        engine_->counter().watch_half_of(0);
        engine_->counter().set_due(~Cycle{0});
        fills.clear();
    }

    bool at_boundary(u64) override { return false; }
    bool fill(u64 page, PageAccess access, PageGrant& grant) override {
        fills.push_back({page, access});
        grant = {page, true, true, true};
        return page != refused;
    }
    void trap(Trap trap) override {
        last_trap = trap;
        trap_pc = engine_->pc();
        engine_->leave();
    }
    SystemAction system_write(SystemEncoding encoding, unsigned rt, u64 value) override {
        writes.push_back(encoding);
        last_rt = rt;
        last_value = value;
        write_pc = engine_->pc();
        return action;
    }
    u64 device_read(u64, unsigned) override { return 0; }
    void device_write(u64, unsigned, u64) override {}

    [[nodiscard]] Engine& engine() { return *engine_; }
    [[nodiscard]] u8* memory(u64 physical) { return memory_.data() + (physical - kBase); }

    std::vector<Fill> fills;
    std::vector<SystemEncoding> writes;
    u64 refused = ~u64{0};
    Trap last_trap = Trap::Unexpected;
    u64 trap_pc = 0, write_pc = 0, last_value = 0;
    unsigned last_rt = 0;
    SystemAction action = SystemAction::Native;

private:
    std::vector<u8> memory_;
    std::unique_ptr<Engine> engine_;
};

} // namespace

TEST_CASE("engine: asks once for each page of 4 KiB", "[emu][engine]") {
    TestHost host("mov x1, #0x8000\n movk x1, #0x4000, lsl #16\n ldr x2, [x1]\n"
                  " ldr x2, [x1, #0xf00]\n str x2, [x1, #0x800]\n hvc #0\n");
    CHECK(host.engine().page_size() == 4096);
    CHECK(host.engine().run() == RunExit::Left);
    CHECK(host.last_trap == Trap::Undefined);
    CHECK(host.trap_pc == kBase + 5 * 4);
    const std::vector<TestHost::Fill> expected = {{kBase, PageAccess::Fetch},
                                                  {kData, PageAccess::Read}};
    CHECK(host.fills == expected);
    CHECK(host.engine().counter().cycles() == 6);
}

TEST_CASE("engine: flushing a page makes it ask for that page alone", "[emu][engine]") {
    TestHost host("mov x1, #0x8000\n movk x1, #0x4000, lsl #16\n ldr x2, [x1]\n"
                  " ldr x2, [x1, #0x1000]\n hvc #0\n");
    CHECK(host.engine().run() == RunExit::Left);
    host.restart();
    CHECK(host.engine().run() == RunExit::Left);
    CHECK(host.fills.empty());
    host.restart();
    host.engine().flush_page(kData);
    CHECK(host.engine().run() == RunExit::Left);
    CHECK(host.fills == std::vector<TestHost::Fill>{{kData, PageAccess::Read}});
    host.restart();
    host.engine().flush_grants();
    CHECK(host.engine().run() == RunExit::Left);
    CHECK(host.fills.size() == 3);
}

TEST_CASE("engine: a refused access leaves it at the instruction", "[emu][engine]") {
    TestHost host("mov x1, #0x8000\n movk x1, #0x4000, lsl #16\n mov x3, #1\n nop\n"
                  " str x3, [x1]\n mov x3, #2\n hvc #0\n");
    host.refused = kData;
    CHECK(host.engine().run() == RunExit::Refused);
    CHECK(host.engine().pc() == kBase + 4 * 4);
    CHECK(host.engine().x(3) == 1);
    CHECK(host.engine().counter().from(host.engine().pc()) == 3);
    host.refused = ~u64{0};
    CHECK(host.engine().run() == RunExit::Left);
    CHECK(host.engine().x(3) == 2);
    CHECK(host.memory(kData)[0] == 1);
}

TEST_CASE("engine: changed code is executed once the old is forgotten", "[emu][engine]") {
    TestHost host("mov x1, #1\n hvc #0\n");
    CHECK(host.engine().run() == RunExit::Left);
    CHECK(host.engine().x(1) == 1);
    const std::vector<u8> changed = assemble("mov x1, #2\n hvc #0\n", kBase);
    std::memcpy(host.memory(kBase), changed.data(), changed.size());
    host.engine().forget_code(kBase, 4096);
    host.restart();
    CHECK(host.engine().run() == RunExit::Left);
    CHECK(host.engine().x(1) == 2);
}

TEST_CASE("engine: shows every MSR before it executes it", "[emu][engine]") {
    TestHost host("mov x7, #5\n msr tpidr_el1, x7\n mov x7, #6\n .word 0xd51bd047\n mov x8, #1\n"
                  " mrs x9, tpidr_el1\n mrs x10, tpidr_el0\n hvc #0\n");
    SECTION("and executes what the host leaves to it") {
        CHECK(host.engine().run() == RunExit::Left);
        CHECK(host.engine().x(9) == 5);
        CHECK(host.engine().x(10) == 6);
    }
    SECTION("and not what the host has done") {
        host.action = SystemAction::Done;
        CHECK(host.engine().run() == RunExit::Left);
        CHECK(host.engine().x(8) == 1);
        CHECK(host.engine().x(9) == 0);
        CHECK(host.engine().x(10) == 0);
    }
    const std::vector<SystemEncoding> expected = {system_encoding(3, 0, 13, 0, 4),
                                                  static_cast<SystemEncoding>(kStandIn >> 5)};
    CHECK(host.writes == expected);
    CHECK(host.last_rt == 7);
    CHECK(host.last_value == 6);
    CHECK(host.write_pc == kBase + 3 * 4);
    CHECK(host.engine().counter().cycles() == 8);
}

TEST_CASE("engine: WFI ends the run after it", "[emu][engine]") {
    TestHost host("mov x1, #1\n wfi\n hvc #0\n");
    CHECK(host.engine().run() == RunExit::WaitForInterrupt);
    CHECK(host.engine().pc() == kBase + 2 * 4);
}

TEST_CASE("engine: the host is called before a block and may stop there", "[emu][engine]") {
    TestHost host("mov x1, #1\n b 1f\n 1: mov x1, #2\n hvc #0\n");
    host.engine().counter().set_due(2);
    CHECK(host.engine().run() == RunExit::Left);
    CHECK(host.engine().pc() == kBase + 2 * 4);
    CHECK(host.engine().x(1) == 1);
    CHECK(host.engine().counter().cycles() == 2);
}

TEST_CASE("engine: taking an exception swaps the stack pointers and keeps the flags",
          "[emu][engine]") {
    TestHost host("hvc #0\n");
    Engine& engine = host.engine();
    constexpr SystemEncoding kVbar = system_encoding(3, 0, 12, 0, 0);
    constexpr SystemEncoding kElr = system_encoding(3, 0, 4, 0, 1);
    constexpr SystemEncoding kSpsr = system_encoding(3, 0, 4, 0, 0);
    engine.set_system_register(kVbar, 0x40002000);
    engine.enter_exception({.elr = 0x1234, .spsr = 0x600003c5, .vector = 0x200});
    CHECK(engine.pc() == 0x40002200);
    CHECK(engine.pstate() == 0x600003c5);
    CHECK(engine.system_register(kElr) == 0x1234);
    CHECK(engine.system_register(kSpsr) == 0x600003c5);
}

TEST_CASE("engine: it stops before a stop that lies within a block it knows", "[emu][engine]") {
    TestHost host("mov x1, #1\n mov x1, #2\n mov x1, #3\n hvc #0\n");
    Engine& engine = host.engine();
    CHECK(engine.run() == RunExit::Left);
    const u64 stop = kBase + 2 * 4;
    engine.set_stops({stop, kBase + 0x100});
    host.restart();
    CHECK_FALSE(engine.at_stop());
    CHECK(engine.run() == RunExit::AtStop);
    CHECK(engine.pc() == stop);
    CHECK(engine.x(1) == 2);
    CHECK(engine.at_stop());
    CHECK(engine.run() == RunExit::AtStop); // until the stop is taken away
    CHECK(engine.pc() == stop);

    engine.set_stops({});
    CHECK_FALSE(engine.at_stop());
    CHECK(engine.run() == RunExit::Left);
    CHECK(engine.x(1) == 3);
    host.restart();
    CHECK(engine.run() == RunExit::Left); // the block is whole again
    CHECK(engine.x(1) == 3);
}

TEST_CASE("engine: it stops where a branch, a return or a WFI leads to a stop", "[emu][engine]") {
    const std::pair<const char*, u64> programs[] = {
        {"mov x1, #1\n b 1f\n mov x1, #2\n 1: hvc #0\n", kBase + 3 * 4},
        {"mov x1, #1\n adr x30, 1f\n ret\n mov x1, #2\n 1: hvc #0\n", kBase + 4 * 4},
        {"mov x1, #1\n b 1f\n .skip 8192\n 1: hvc #0\n", kBase + 2 * 4 + 8192},
        {"mov x1, #1\n adr x30, 1f\n ret\n .skip 8192\n 1: hvc #0\n", kBase + 3 * 4 + 8192},
        {"mov x1, #1\n wfi\n hvc #0\n", kBase + 2 * 4},
    };
    for (const auto& [source, stop] : programs) {
        CAPTURE(source);
        for (const bool known : {false, true}) {
            TestHost host(source);
            if (known) { // the blocks are linked by then
                while (host.engine().run() == RunExit::WaitForInterrupt)
                    ;
                host.restart();
            }
            host.engine().set_stops({stop});
            CHECK(host.engine().run() == RunExit::AtStop);
            CHECK(host.engine().pc() == stop);
            CHECK(host.engine().x(1) == 1);
        }
    }
}

TEST_CASE("engine: a stop in a loop is met each time round", "[emu][engine]") {
    TestHost host("mov x1, #3\n 1: nop\n subs x1, x1, #1\n b.ne 1b\n hvc #0\n");
    Engine& engine = host.engine();
    const u64 stop = kBase + 2 * 4;
    for (u64 left = 3; left > 0; --left) {
        engine.set_stops({stop});
        CHECK(engine.run() == RunExit::AtStop);
        CHECK(engine.pc() == stop);
        CHECK(engine.x(1) == left);
        engine.set_stops({stop + 4}); // as a step does
        CHECK(engine.run() == RunExit::AtStop);
        CHECK(engine.pc() == stop + 4);
        CHECK(engine.x(1) == left - 1);
    }
    engine.set_stops({stop});
    CHECK(engine.run() == RunExit::Left);
    CHECK(engine.counter().cycles() == 1 + 3 * 3 + 1);
}

TEST_CASE("engine: more code than its buffer holds is executed exactly", "[emu][engine]") {
    TestHost host("nop\n");
    Engine& engine = host.engine();
    constexpr u32 kNext = 0x1400'0001; // B .+4: a block of its own
    constexpr u64 kBlocks = 240'000;
    const std::vector<u8> end = assemble("sub x1, x1, #1\n hvc #0\n", kBase + 4 * kBlocks);
    for (u64 i = 0; i < kBlocks; ++i)
        std::memcpy(host.memory(kBase + 4 * i), &kNext, sizeof kNext);
    std::memcpy(host.memory(kBase + 4 * kBlocks), end.data(), end.size());
    for (u64 round = 1; round <= 2; ++round) {
        engine.set_pc(kBase);
        CHECK(engine.run() == RunExit::Left);
        CHECK(engine.pc() == kBase + 4 * kBlocks + 4);
        CHECK(engine.counter().cycles() == round * (kBlocks + 2));
    }
    CHECK(engine.x(1) == u64(-2));
}

TEST_CASE("engine: blocks that are cut for their length count, too", "[emu][engine]") {
    TestHost host(".rept 3000\n nop\n .endr\n hvc #0\n");
    Engine& engine = host.engine();
    for (u64 round = 1; round <= 20; ++round) {
        engine.set_pc(kBase);
        CHECK(engine.run() == RunExit::Left);
        CHECK(engine.counter().cycles() == round * 3001);
    }
}
