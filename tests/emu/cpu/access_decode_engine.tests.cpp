// Holds the decoding of accesses against Unicorn: random load and store words
// are executed, and the bytes that the engine touches are compared with the
// bytes that decode_accesses names.
#include "cpu/access_decode.hpp"

#include <unicorn/unicorn.h>

#include <catch2/catch_test_macros.hpp>

#include <array>
#include <memory>
#include <random>
#include <set>

using namespace forkscope;

namespace {

// Literals are in reach of the code, 1 MiB either way; registers point above it.
constexpr u64 kData = 0x10000000, kDataSize = 0x400000, kCode = kData + 0x180000;

// X0 to X30 and SP, all in the middle of the data.
class RandomRegisters : public AddressRegisters {
public:
    explicit RandomRegisters(std::mt19937_64& random) {
        for (u64& value : values)
            value = kData + kDataSize / 2 + (random() & 0xffff0);
        // Offsets: small, of either sign, in the upper registers.
        for (unsigned i = 16; i < 31; ++i)
            values[i] = static_cast<u64>(static_cast<i64>(random() & 0xffff) - 0x8000);
    }
    u64 x(unsigned index) const override { return values[index]; }
    u64 sp() const override { return values[31]; }

    std::array<u64, 32> values{};
};

// Bytes read and bytes written.
struct Touched {
    std::set<u64> read, written;
    bool operator==(const Touched&) const = default;
};

void add_bytes(Touched& touched, bool write, u64 address, u64 size) {
    for (u64 i = 0; i < size; ++i)
        (write ? touched.written : touched.read).insert(address + i);
}

void on_memory(uc_engine*, uc_mem_type type, uint64_t address, int size, int64_t, void* user) {
    add_bytes(*static_cast<Touched*>(user), type == UC_MEM_WRITE, address, static_cast<u64>(size));
}

// An engine that executes one instruction at kCode.
class OneInstruction {
public:
    OneInstruction() {
        uc_engine* engine = nullptr;
        REQUIRE(uc_open(UC_ARCH_ARM64, UC_MODE_ARM, &engine) == UC_ERR_OK);
        engine_.reset(engine);
        REQUIRE(uc_ctl_set_cpu_model(engine, UC_CPU_ARM64_A72) == UC_ERR_OK);
        REQUIRE(uc_mem_map(engine, kData, kDataSize, UC_PROT_ALL) == UC_ERR_OK);
        uc_hook hook = 0;
        REQUIRE(uc_hook_add(engine, &hook, UC_HOOK_MEM_READ | UC_HOOK_MEM_WRITE,
                            reinterpret_cast<void*>(on_memory), &touched_, 1, 0) == UC_ERR_OK);
        u64 cpacr = 3u << 20;
        REQUIRE(uc_reg_write(engine, UC_ARM64_REG_CPACR_EL1, &cpacr) == UC_ERR_OK);
    }

    // Nothing if the instruction is undefined or leaves the data.
    std::optional<Touched> run(u32 word, const RandomRegisters& registers) {
        uc_engine* engine = engine_.get();
        for (unsigned i = 0; i < 29; ++i)
            uc_reg_write(engine, UC_ARM64_REG_X0 + static_cast<int>(i), &registers.values[i]);
        uc_reg_write(engine, UC_ARM64_REG_X29, &registers.values[29]);
        uc_reg_write(engine, UC_ARM64_REG_X30, &registers.values[30]);
        uc_reg_write(engine, UC_ARM64_REG_SP, &registers.values[31]);
        uc_mem_write(engine, kCode, &word, sizeof word);
        uc_ctl_remove_cache(engine, kCode, kCode + 4);
        touched_ = {};
        if (uc_emu_start(engine, kCode, kCode + 4, 0, 1) != UC_ERR_OK)
            return std::nullopt;
        return touched_;
    }

private:
    struct Close {
        void operator()(uc_engine* engine) const { uc_close(engine); }
    };
    std::unique_ptr<uc_engine, Close> engine_;
    Touched touched_;
};

// What the instruction should touch. An exclusive store touches nothing here,
// as no exclusive load came before it.
Touched decoded(u32 word, const RandomRegisters& registers) {
    Touched touched;
    const AccessList accesses = decode_accesses(word, kCode, registers);
    for (const MemoryAccess& access : accesses.span())
        if (!(access.exclusive && access.type == AccessType::Write))
            add_bytes(touched, access.type == AccessType::Write, access.address, access.size);
    return touched;
}

bool in_data(const Touched& touched) {
    const auto inside = [](const std::set<u64>& bytes) {
        return bytes.empty() || (*bytes.begin() >= kData && *bytes.rbegin() < kData + kDataSize);
    };
    return inside(touched.read) && inside(touched.written);
}

// The engine's pages are 1 KiB; it reports a load that crosses one as two wider,
// aligned ones.
bool crosses_engine_page(u32 word, const RandomRegisters& registers) {
    const AccessList list = decode_accesses(word, kCode, registers);
    for (const MemoryAccess& access : list.span())
        if ((access.address ^ (access.address + access.size - 1)) >= 1024)
            return true;
    return false;
}

// A random word of "Loads and Stores" that ARMv8.0 may have.
u32 random_word(std::mt19937_64& random) {
    u32 word = static_cast<u32>(random());
    word = (word & ~0x0a000000u) | 0x08000000; // bits [27] = 1, [25] = 0
    if (random() & 1)                          // half of them: registers that are offsets
        word |= 0x00100000;
    return word & ~0x200u; // bases X0 to X15
}

} // namespace

TEST_CASE("access decode: agrees with the engine on random loads and stores", "[emu][cpu]") {
    std::mt19937_64 random(8);
    OneInstruction engine;
    unsigned compared = 0;
    for (unsigned i = 0; i < 20000; ++i) {
        const u32 word = random_word(random);
        const RandomRegisters registers(random);
        const std::optional<Touched> executed = engine.run(word, registers);
        const Touched expected = decoded(word, registers);
        if (!in_data(expected) || crosses_engine_page(word, registers))
            continue;
        CAPTURE(i, word);
        if (executed)
            CHECK((*executed == expected));
        else
            CHECK((expected == Touched{}));
        compared += executed && !expected.read.empty();
    }
    CHECK(compared > 2000);
}
