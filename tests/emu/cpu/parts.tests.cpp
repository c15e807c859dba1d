// The CPU's small parts, each by itself.
#include "cpu/code_frames.hpp"
#include "cpu/fault_watch.hpp"
#include "cpu/psci.hpp"
#include "cpu/system_registers.hpp"
#include "emu/support/assemble.hpp"

#include <catch2/catch_test_macros.hpp>

#include <cstring>
#include <set>
#include <string>

using namespace forkscope;
using namespace forkscope::test;

namespace {

u32 word_of(const std::string& instruction) {
    const std::vector<u8> bytes = assemble(instruction + "\n");
    u32 word = 0;
    std::memcpy(&word, bytes.data(), sizeof word);
    return word;
}

} // namespace

TEST_CASE("fp: tells FP and SIMD instructions from others", "[emu][cpu]") {
    for (const char* instruction :
         {"fadd d0, d1, d2", "ldr q0, [x1]", "str s0, [x1, #4]", "stp d0, d1, [sp, #-16]!",
          "mov v0.d[0], x1", "fmov x0, d1", "fcvtzs w0, s1", "ld1 {v0.16b}, [x1]", "aese v0.16b, v1.16b",
          "fcsel d0, d1, d2, eq", "mrs x0, fpcr", "msr fpsr, x0", "ldr d0, 1f\n1: nop",
          "fmadd s0, s1, s2, s3", "pmull v0.1q, v1.1d, v2.1d"}) {
        INFO(instruction);
        CHECK(is_fp_instruction(word_of(instruction)));
    }
    for (const char* instruction :
         {"add x0, x1, x2", "ldr x0, [x1]", "stp x0, x1, [sp, #-16]!", "ldxr x0, [x1]", "b .",
          "mrs x0, nzcv", "crc32x w0, w1, x2", "cas x0, x1, [x2]", "madd x0, x1, x2, x3", "svc #0",
          "adrp x0, .", "ldr x0, 1f\n1: nop", "prfm pldl1keep, [x0]", "movk x0, #1, lsl #48"}) {
        INFO(instruction);
        CHECK_FALSE(is_fp_instruction(word_of(instruction)));
    }
}

TEST_CASE("system registers: no two rows have one name or one encoding", "[emu][cpu]") {
    std::set<SystemEncoding> encodings;
    std::set<std::string_view> names;
    for (const SystemRegister& row : SystemRegisterTable::rows()) {
        INFO(row.name);
        CHECK(encodings.insert(row.encoding).second);
        CHECK(names.insert(row.name).second);
        CHECK(SystemRegisterTable::find(row.encoding) == &row);
        CHECK(row.access != 0);
    }
    CHECK(encodings.size() < 255);
}

TEST_CASE("system registers: the rows are what the assembler means by their names",
          "[emu][cpu]") {
    for (const SystemRegister& row : SystemRegisterTable::rows()) {
        const std::string name(row.name);
        const bool is_instruction = row.encoding >> 14 == 1;
        const bool writable = (row.access & SystemRegister::kWriteEl1) != 0;
        std::string text = (writable ? "msr " + name + ", x3" : "mrs x3, " + name);
        if (is_instruction) {
            const bool by_register = name.find("ALLU") == std::string::npos &&
                                     name.find("VMALL") == std::string::npos;
            text = by_register ? name + ", x3" : name;
        }
        INFO(text);
        const auto decoded = SystemInstruction::decode(word_of(text));
        REQUIRE(decoded);
        CHECK(decoded->encoding == row.encoding);
    }
}

TEST_CASE("system registers: the engine executes the native ones itself", "[emu][cpu]") {
    for (const char* instruction :
         {"mrs x0, tpidr_el1", "msr tpidr_el0, x0", "mrs x0, esr_el1", "msr elr_el1, x0",
          "mrs x0, spsr_el1", "msr spsr_el1, x0", "dc zva, x0", "msr daifset, #2", "isb", "wfi",
          "mrs x0, daif", "msr daif, x0", "nop", "add x0, x1, x2"}) {
        INFO(instruction);
        CHECK_FALSE(needs_stand_in(word_of(instruction)));
    }
    for (const char* instruction :
         {"mrs x0, cntvct_el0", "msr ttbr0_el1, x0", "mrs x0, midr_el1", "tlbi vae1, x0",
          "at s1e1r, x0", "ic ivau, x0", "mrs x0, pmccntr_el0", "msr mdscr_el1, x0",
          "mrs x0, s3_0_c15_c0_0", "sysl x0, #0, c7, c1, #0", "mrs x0, sctlr_el1",
          "msr cntfrq_el0, x0"}) {
        INFO(instruction);
        CHECK(needs_stand_in(word_of(instruction)));
    }
}

TEST_CASE("fault watch: gives a page's descriptor back once, to its own space", "[emu][cpu]") {
    FaultWatch watch;
    CHECK_FALSE(watch.take(0x4000, 1));
    watch.add(0x4123, 1, 0xabc);
    CHECK_FALSE(watch.take(0x4000, 2));
    CHECK_FALSE(watch.take(0x4000 + (u64{1} << 24), 1));
    CHECK(watch.take(0x4fff, 1) == 0xabc);
    CHECK_FALSE(watch.take(0x4fff, 1));
    watch.add(0x4000, 1, 1);
    watch.add(0x4000, 1, 2); // the latest fault counts
    CHECK(watch.take(0x4000, 1) == 2);
}

TEST_CASE("psci: answers as DEN 0022C has it for one CPU", "[emu][cpu]") {
    CHECK(psci_call(0x84000000, 0, 0, 0, 0).x0 == 0x10000);
    CHECK(psci_call(0x84000008, 0, 0, 0, 0).request == PowerRequest::PowerOff);
    CHECK(psci_call(0x84000009, 0, 0, 0, 0).request == PowerRequest::Reset);
    CHECK(psci_call(0x84000002, 0, 0, 0, 0).request == PowerRequest::CpuOff);
    CHECK(psci_call(0xc4000003, 0, 0x40080000, 0, 0).x0 == u64(-4)); // ALREADY_ON
    CHECK(psci_call(0xc4000003, 1, 0x40080000, 0, 0).x0 == u64(-2)); // no such CPU
    CHECK(psci_call(0xc4000004, 0, 0, 0, 0).x0 == 0);                // ON
    CHECK(psci_call(0xc4000004, 1, 0, 0, 0).x0 == u64(-2));
    CHECK(psci_call(0x8400000a, 0x84000008, 0, 0, 0).x0 == 0);
    CHECK(psci_call(0x8400000a, 0x84000006, 0, 0, 0).x0 == u64(-1));
    CHECK(psci_call(0x84000006, 0, 0, 0, 0).x0 == u64(-1));
    CHECK(psci_call(0x12345678, 0, 0, 0, 0).x0 == u64(-1));
}
