#include "emu/support/assemble.hpp"
#include "engine/engine.hpp"

#include <catch2/catch_test_macros.hpp>

#include <cstring>
#include <vector>

using namespace forkscope;
using namespace forkscope::test;

namespace {

constexpr u64 kCode = 0x4000'0000;
constexpr u64 kData = 0x5000'0000; // physical; at virtual kPage on
constexpr u64 kPage = 0x7000'0000;
constexpr u64 kSize = 1 << 16;

struct Access {
    u64 physical;
    int size;
    bool write;
    bool operator==(const Access&) const = default;
};

// Runs code that it watches, and ends at HVC. Data pages lie `moved` bytes up.
class WatchedHost final : public EngineHost {
public:
    explicit WatchedHost(const std::string& source) : code_(kSize), data_(kSize) {
        const std::vector<u8> words = assemble(source, kCode);
        std::memcpy(code_.data(), words.data(), words.size());
        auto made = Engine::create(*this, ExecutionWatch{this, on_block, on_read, on_write});
        REQUIRE(made.ok());
        engine_ = std::move(*made);
        REQUIRE(engine_->map_memory(kCode, kSize, code_.data()).ok());
        REQUIRE(engine_->map_memory(kData, kSize, data_.data(), false).ok());
        engine_->counter().watch_half_of(0);
        engine_->counter().set_due(~Cycle{0});
    }

    RunExit run() {
        engine_->set_pc(kCode);
        accesses.clear();
        return engine_->run();
    }

    bool at_boundary(u64) override { return true; }
    bool fill(u64 page, PageAccess access, PageGrant& grant) override {
        const bool data = access != PageAccess::Fetch;
        grant = {data ? page - kPage + kData + moved : page, data, data && writable, !data};
        return access != PageAccess::Write || writable;
    }
    void trap(Trap) override { engine_->leave(); }
    SystemAction system_write(SystemEncoding, unsigned, u64) override {
        return SystemAction::Native;
    }
    u64 device_read(u64, unsigned) override { return 0; }
    void device_write(u64, unsigned, u64) override {}

    [[nodiscard]] Engine& engine() { return *engine_; }
    [[nodiscard]] u8* memory(u64 physical) { return data_.data() + (physical - kData); }

    std::vector<Access> accesses;
    u64 moved = 0;
    bool writable = true;

private:
    static WatchedHost& self(void* context) { return *static_cast<WatchedHost*>(context); }
    static void on_block(void*, u64 pc, u32 size, void* context) {
        Engine& engine = self(context).engine();
        if (engine.counter().arrive(pc, 0) || engine.admit(pc))
            engine.counter().enter(pc, size);
    }
    static void on_read(u64 physical, int size, void* context) {
        self(context).accesses.push_back({physical, size, false});
    }
    static void on_write(u64 physical, int size, void* context) {
        self(context).accesses.push_back({physical, size, true});
    }

    std::vector<u8> code_, data_;
    std::unique_ptr<Engine> engine_;
};

const std::string kToData = "mov x1, #0x70000000\n";

} // namespace

TEST_CASE("watched access: each is told once, the first to a page and those after it",
          "[emu][engine]") {
    WatchedHost host(kToData +
                     "movz x2, #0x8182\n movk x2, #0xf384, lsl #48\n"
                     " str x2, [x1]\n str x2, [x1, #8]\n strb w2, [x1, #16]\n"
                     " strh w2, [x1, #18]\n str w2, [x1, #20]\n"
                     " ldr x3, [x1]\n ldrsb x4, [x1]\n ldrsh x5, [x1]\n ldr w6, [x1, #4]\n"
                     " ldrsw x7, [x1, #4]\n ldr x8, [x1, #3]\n hvc #0\n");
    const std::vector<Access> expected = {
        {kData, 8, true},      {kData + 8, 8, true},  {kData + 16, 1, true}, {kData + 18, 2, true},
        {kData + 20, 4, true}, {kData, 8, false},     {kData, 1, false},     {kData, 2, false},
        {kData + 4, 4, false}, {kData + 4, 4, false}, {kData + 3, 8, false}};
    for (int round = 0; round < 2; ++round) {
        CHECK(host.run() == RunExit::Left);
        CHECK(host.accesses == expected);
    }
    Engine& engine = host.engine();
    CHECK(engine.x(3) == 0xf384'0000'0000'8182);
    CHECK(engine.x(4) == 0xffff'ffff'ffff'ff82);
    CHECK(engine.x(5) == 0xffff'ffff'ffff'8182);
    CHECK(engine.x(6) == 0xf384'0000);
    CHECK(engine.x(7) == 0xffff'ffff'f384'0000);
    CHECK(engine.x(8) == 0x0081'82f3'8400'0000);
    CHECK(host.memory(kData)[18] == 0x82);
}

TEST_CASE("watched access: one that crosses a page reaches both", "[emu][engine]") {
    WatchedHost host(kToData + "mov x2, #-1\n str x2, [x1, #0xff8]\n str x2, [x1, #0x1000]\n"
                               " add x3, x1, #0xffc\n ldr x4, [x3]\n str xzr, [x3]\n"
                               " ldr x5, [x1, #0xff8]\n ldr x6, [x1, #0x1000]\n hvc #0\n");
    for (int round = 0; round < 2; ++round) {
        CHECK(host.run() == RunExit::Left);
        CHECK(host.engine().x(4) == ~u64{0});
        CHECK(host.engine().x(5) == 0x0000'0000'ffff'ffff);
        CHECK(host.engine().x(6) == 0xffff'ffff'0000'0000);
    }
}

TEST_CASE("watched access: a page taken away is asked for again", "[emu][engine]") {
    WatchedHost host(kToData + "ldr x2, [x1]\n ldr x2, [x1]\n hvc #0\n");
    host.memory(kData)[0] = 1;
    host.memory(kData + 0x1000)[0] = 2;
    CHECK(host.run() == RunExit::Left);
    CHECK(host.engine().x(2) == 1);
    host.moved = 0x1000;
    SECTION("by itself") {
        host.engine().flush_page(kPage);
    }
    SECTION("with all others") {
        host.engine().flush_grants();
    }
    CHECK(host.run() == RunExit::Left);
    CHECK(host.engine().x(2) == 2);
    CHECK(host.accesses[1] == Access{kData + 0x1000, 8, false});
}

TEST_CASE("watched access: the right to read a page is none to write it", "[emu][engine]") {
    WatchedHost host(kToData + "ldr x2, [x1]\n ldr x2, [x1]\n str x1, [x1]\n hvc #0\n");
    host.writable = false;
    CHECK(host.run() == RunExit::Refused);
    CHECK(host.engine().pc() == kCode + 3 * 4);
    CHECK(host.accesses.size() == 2);
    CHECK(host.memory(kData)[3] == 0);
}

TEST_CASE("watched access: an exclusive that is not aligned traps on known pages too",
          "[emu][engine]") {
    WatchedHost host(kToData +
                     "ldr x2, [x1]\n add x3, x1, #1\n ldxr x4, [x3]\n mov x2, #7\n hvc #0\n");
    CHECK(host.run() == RunExit::Left);
    CHECK(host.engine().pc() == kCode + 3 * 4);
}
