// Random programs of descriptor changes, TLBIs, ASID switches and accesses: the
// CPU, with the engine's soft TLB and all that is skipped for speed, must see
// what the TLB model alone would, stale entries included.
#include "emu/mmu/fake_tables.hpp"
#include "emu/support/test_machine.hpp"
#include "mmu/translate.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <random>
#include <sstream>

using namespace forkscope;
using namespace forkscope::test;

namespace {

constexpr u64 kLevel1 = 0x4040'0000, kLevel2 = 0x4040'1000, kLevel3 = 0x4040'2000;
constexpr u64 kFrames = 0x4050'0000, kLower = 0x8000'0000, kUpper = 0xffff'ff80'8000'0000;
constexpr u64 kTcr = 0x50'8019'0019; // TBI1, AS, T0SZ = T1SZ = 25
constexpr u64 kOperations = 700;

// Writes a program, and what the model says it prints.
class Twins {
public:
    Twins(u64 seed, u64 base) : random_(seed), base_(base) {
        memory_.words[kLevel1 + 16] = kLevel2 | kTable;
        memory_.words[kLevel2] = kLevel3 | kTable;
        regime_.tcr = kTcr;
        regime_.sctlr = 1;
        regime_.mair = 0xff;
        regime_.ttbr0 = regime_.ttbr1 = kLevel1;
        for (u64 i = 0; i < kOperations; ++i)
            one();
    }

    std::string program() const { return program_.str(); }
    std::string expected() const { return expected_; }

private:
    u64 pick(u64 bound) { return random_() % bound; }

    void one() {
        const u64 kind = pick(100);
        if (kind < 60)
            access();
        else if (kind < 80)
            change();
        else if (kind < 88)
            switch_space();
        else
            invalidate();
    }

    u64 some_page() { return base_ + (pick(6) << 12); }

    void access() {
        u64 va = some_page();
        if (base_ == kUpper && pick(8) == 0)
            va = (va & low_mask(56)) | (u64{0x5a} << 56);
        static constexpr const char* kMnemonics[] = {"ldrb", "strb", "ldtrb", "sttrb"};
        const u64 which = pick(4);
        const bool store = (which & 1) != 0;
        program_ << "ldr x2, =" << va + (store ? 8 : 0) << "\n mov w5, #'S'\n"
                 << kMnemonics[which] << " w5, [x2]\n putc x5\n";
        const Access wanted{store ? AccessType::Write : AccessType::Read, which < 2};
        const Translated found = translate(regime_, tlb_, memory_, va, wanted);
        const char frame = static_cast<char>('a' + ((found.physical - kFrames) >> 12));
        expected_ += found.fault ? 'F' : store ? 'S' : frame;
    }

    void change() {
        const u64 slot = kLevel3 + 8 * pick(6);
        u64 descriptor = (kFrames + (pick(4) << 12)) | kPage | kAf;
        descriptor |= (pick(4) ? kNg : 0) | (pick(2) ? kEl0 : 0) | (pick(3) ? 0 : kReadOnly);
        if (pick(6) == 0)
            descriptor = 0;
        memory_.words[slot] = descriptor;
        program_ << "ldr x0, =" << slot << "\n ldr x1, =" << descriptor
                 << "\n str x1, [x0]\n dsb ishst\n isb\n";
    }

    void switch_space() {
        regime_.ttbr0 = kLevel1 | ((1 + pick(3)) << 48);
        program_ << "ldr x0, =" << regime_.ttbr0 << "\n msr ttbr0_el1, x0\n isb\n";
    }

    void invalidate() {
        static constexpr struct {
            const char* name;
            TlbiScope scope;
        } kTlbis[] = {{"vae1", TlbiScope::Va},
                      {"vale1is", TlbiScope::Va},
                      {"vaae1is", TlbiScope::VaAllAsids},
                      {"vaale1", TlbiScope::VaAllAsids},
                      {"aside1", TlbiScope::Asid},
                      {"vmalle1", TlbiScope::All}};
        const u64 which = pick(20) == 0 ? 5 : pick(5);
        const u64 operand = ((1 + pick(3)) << 48) | ((some_page() >> 12) & low_mask(44));
        program_ << "ldr x0, =" << operand << "\n tlbi " << kTlbis[which].name
                 << (which == 5 ? "" : ", x0") << "\n dsb ish\n isb\n";
        if (tlb_.invalidate(kTlbis[which].scope, operand, 0xffff))
            tlb_.soft_flushed();
    }

    std::mt19937_64 random_;
    u64 base_;
    FakeTableMemory memory_;
    TranslationRegime regime_;
    Tlb tlb_;
    std::ostringstream program_;
    std::string expected_;
};

const std::string kStart = R"(
    adr x0, vectors
    msr vbar_el1, x0
    mmu_on
    msr ttbr1_el1, x0               // the same tables in the upper half
    mov x0, #0x40400000
    msr ttbr0_el1, x0
    msr ttbr1_el1, x0
    ldr x0, =)" + std::to_string(kTcr) +
                           R"(
    msr tcr_el1, x0
    isb
    tlbi vmalle1
    dsb ish
    isb
    ldr x0, =0x40500000
    mov w1, #'a'
1:  strb w1, [x0], #0x80
    add x0, x0, #0xf80
    add w1, w1, #1
    cmp w1, #'e'
    b.ne 1b
)";

// A refused access is left out, and w5 says so.
const std::string kEnd = R"(
    power_off
handler:
    mov w5, #'F'
    mrs x0, elr_el1
    add x0, x0, #4
    msr elr_el1, x0
    eret
    .ltorg
    vectors
)";

} // namespace

TEST_CASE("memory: random programs see the TLB that the model describes", "[emu][cpu]") {
    const u64 base = GENERATE(kLower, kUpper);
    const u64 seed = GENERATE(1u, 2u, 3u, 4u, 5u, 6u);
    CAPTURE(base, seed);
    const Twins twins(seed, base);
    TestMachine machine(kStart + twins.program() + kEnd);
    const RunResult result = machine.run();
    INFO(result.detail);
    CHECK(result.reason == RunEndReason::PowerOff);
    CHECK(machine.console() == twins.expected());
}
