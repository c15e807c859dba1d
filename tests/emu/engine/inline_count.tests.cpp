#include "engine/inline_count.hpp"

#include <catch2/catch_test_macros.hpp>

#include <sys/mman.h>

#include <cstring>
#include <new>
#include <optional>
#include <string>
#include <vector>

using namespace forkscope;

#if defined(__x86_64__)

namespace {

using Bytes = std::vector<u8>;

void append(Bytes& code, std::initializer_list<u8> bytes) {
    code.insert(code.end(), bytes);
}

void append_value(Bytes& code, u64 value, int size) {
    for (int i = 0; i < size; ++i)
        code.push_back(static_cast<u8>(value >> 8 * i));
}

std::vector<std::string> calls; // of the hooks, by the code below

void hook(void*, u64, u32, void*) {
    calls.emplace_back("hook");
}

// As the engine's: a block that is due begins here.
void slow(void*, u64 pc, u32 size, void* user) {
    auto& counter = *static_cast<BlockCounter*>(user);
    if (!counter.is_due(pc, size))
        return calls.emplace_back("not due"), void();
    calls.emplace_back("due");
    counter.begin(pc, size);
}

// Memory that 32-bit operands reach, with code that calls a hook for a block and returns.
class Site {
public:
    static constexpr u64 kSize = 4096;

    Site(u64 pc, u32 size) {
        memory_ = static_cast<u8*>(mmap(nullptr, kSize, PROT_READ | PROT_WRITE | PROT_EXEC,
                                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0));
        REQUIRE(memory_ != MAP_FAILED);
        counter_ = new (memory_) BlockCounter;
        jump_at(kHook, reinterpret_cast<u64>(&hook));
        jump_at(kSlow, reinterpret_cast<u64>(&slow));
        inline_count_.emplace(*counter_, memory_, counter_, function_at(kHook), function_at(kSlow));
        Bytes code;
        append(code, {0x55}); // PUSH RBP: the stack as the hook expects it
        append(code, {0xbf});
        append_value(code, reinterpret_cast<u64>(memory_), 4);
        load_pc(code, pc);
        append(code, {0xba});
        append_value(code, size, 4);
        append(code, {0xb9});
        append_value(code, reinterpret_cast<u64>(counter_), 4);
        append(code, {0xe8});
        append_value(code, kHook - (kCode + code.size() + 4), 4);
        after_ = memory_ + kCode + code.size();
        append(code, {0x5d, 0xc3}); // POP RBP; RET
        std::memcpy(memory_ + kCode, code.data(), code.size());
        code_ = code;
    }
    ~Site() {
        inline_count_.reset();
        munmap(memory_, kSize);
    }

    [[nodiscard]] BlockCounter& counter() { return *counter_; }
    [[nodiscard]] InlineCount& inline_count() { return *inline_count_; }
    [[nodiscard]] u8* after() const { return after_; }
    [[nodiscard]] bool is_unchanged() const {
        return std::memcmp(memory_ + kCode, code_.data(), code_.size()) == 0;
    }
    std::string run() {
        calls.clear();
        reinterpret_cast<void (*)()>(memory_ + kCode)();
        return calls.empty() ? "" : calls.back();
    }

private:
    static constexpr u64 kHook = 1024, kSlow = 1040, kCode = 2048;

    static void load_pc(Bytes& code, u64 pc) {
        if (pc >> 32 == 0) {
            append(code, {0xbe});
            return append_value(code, pc, 4);
        }
        if (pc >= 0xffff'ffff'8000'0000) {
            append(code, {0x48, 0xc7, 0xc6});
            return append_value(code, pc, 4);
        }
        append(code, {0x48, 0xbe});
        append_value(code, pc, 8);
    }
    InlineCount::Hook function_at(u64 offset) {
        return reinterpret_cast<InlineCount::Hook>(memory_ + offset);
    }
    void jump_at(u64 offset, u64 target) {
        Bytes code{0x48, 0xb8}; // MOV RAX, imm64; JMP RAX
        append_value(code, target, 8);
        append(code, {0xff, 0xe0});
        std::memcpy(memory_ + offset, code.data(), code.size());
    }

    u8* memory_ = nullptr;
    BlockCounter* counter_ = nullptr;
    std::optional<InlineCount> inline_count_;
    u8* after_ = nullptr;
    Bytes code_;
};

} // namespace

TEST_CASE("inline count: a call that is taken over counts the block without the hook",
          "[emu][engine]") {
    for (const u64 pc : {u64{0x40'1000}, u64{0xffff'ffc0'0000'1000}, u64{0xffff'ffff'8000'1000}}) {
        Site site(pc, 24);
        CHECK(site.run() == "hook");
        site.counter().watch_half_of(pc);
        site.counter().set_due(100);
        REQUIRE(site.inline_count().take_over(site.after(), pc, 24));
        CHECK(site.run() == "");
        CHECK(site.counter().cycles() == 6);
        CHECK(site.counter().block_begin() == pc);
        CHECK(site.counter().block_end() == pc + 24);
        site.counter().cut_off(pc + 8);
        CHECK(site.counter().cycles() == 2);
        CHECK(site.counter().block_end() == pc + 8);
    }
}

TEST_CASE("inline count: the host is called when the block is due", "[emu][engine]") {
    constexpr u64 kPc = 0xffff'ffc0'0000'1000;
    Site site(kPc, 512); // bytes: an operand of its own size
    site.counter().watch_half_of(kPc);
    site.counter().set_due(200);
    REQUIRE(site.inline_count().take_over(site.after(), kPc, 512));
    CHECK(site.run() == "");
    CHECK(site.run() == "not due"); // at 128: begins before
    CHECK(site.counter().cycles() == 256);
    CHECK(site.run() == "due");
    CHECK(site.counter().cycles() == 384);
    site.counter().set_due(1000);
    CHECK(site.run() == "");
    site.counter().watch_half_of(0);
    CHECK(site.run() == "due");
    site.counter().watch_half_of(kPc);
    site.counter().watch_all();
    CHECK(site.run() == "due");
    CHECK(site.counter().cycles() == 768);
}

TEST_CASE("inline count: the block begun last outlives the code", "[emu][engine]") {
    constexpr u64 kPc = 0x40'1000;
    Site site(kPc, 24);
    site.counter().watch_half_of(kPc);
    site.counter().set_due(100);
    REQUIRE(site.inline_count().take_over(site.after(), kPc, 24));
    CHECK(site.run() == "");
    site.inline_count().clear();
    Site other(kPc, 24);
    CHECK(site.counter().block_begin() == kPc);
    CHECK(site.counter().block_end() == kPc + 24);
}

TEST_CASE("inline count: code that looks otherwise is left alone", "[emu][engine]") {
    constexpr u64 kPc = 0xffff'ffc0'0000'1000;
    Site site(kPc, 24);
    CHECK_FALSE(site.inline_count().take_over(site.after(), kPc, 28));
    CHECK_FALSE(site.inline_count().take_over(site.after(), kPc + 4, 24));
    CHECK_FALSE(site.inline_count().take_over(site.after() + 1, kPc, 24));
    CHECK(site.is_unchanged());
    CHECK(site.run() == "hook");
    CHECK(site.inline_count().take_over(site.after(), kPc, 24));
    CHECK_FALSE(site.inline_count().take_over(site.after(), kPc, 24)); // not twice
}

#endif
