#include "config/config.hpp"
#include "machine/loader.hpp"
#include "support/elf_file.hpp"
#include "support/temporary_folder.hpp"

#include <catch2/catch_test_macros.hpp>

#include <cstring>
#include <random>

using namespace forkscope;

namespace {

constexpr u64 kRam = u64{64} << 20;
constexpr int kRounds = 20'000;

std::vector<u8> elf() {
    test::ElfFile file;
    file.entry = 0x4020'0000;
    file.segments = {{PT_LOAD, 0x4020'0000, 0x4020'0000, std::string(40, 'c'), 64},
                     {PT_INTERP, 0, 0, "/lib/x", 0},
                     {PT_LOAD, 0x4030'0000, 0x4030'0000, "data", 4096}};
    return file.bytes();
}

std::vector<u8> image() {
    std::vector<u8> file(400);
    std::memcpy(file.data(), "MZ", 2);
    std::memcpy(file.data() + 40, "FKSCSIZE", 8);
    std::memcpy(file.data() + 56, "ARM\x64@\0\0\0PE\0\0\x64\xaa\2", 15);
    return file;
}

// A few bytes changed to what is likely to hurt, and sometimes a cut.
std::vector<u8> damaged(std::vector<u8> file, std::mt19937_64& random) {
    constexpr u64 kNasty[] = {0, 1, 7, 0x7f, 0x80, 0xff, 0xffff'ffff, ~u64{0}, ~u64{0} >> 1, 4096};
    for (u64 changes = 1 + random() % 3; changes > 0; --changes) {
        const u64 value = random() % 2 == 0 ? random() : kNasty[random() % std::size(kNasty)];
        const std::size_t size = std::size_t{1} << random() % 4;
        const std::size_t offset = random() % (file.size() - size);
        std::memcpy(file.data() + offset, &value, size);
    }
    if (random() % 4 == 0) {
        file.resize(random() % file.size());
    }
    return file;
}

} // namespace

TEST_CASE("loader: a damaged kernel image is refused or lies wholly inside RAM",
          "[emu][machine][loader][fuzz]") {
    std::mt19937_64 random(1);
    for (int round = 0; round < kRounds; ++round) {
        const std::vector<u8> file = damaged(round % 2 == 0 ? elf() : image(), random);
        const Result<KernelImage> kernel = load_kernel("k", file, kRam);
        if (!kernel) {
            if (kernel.error().message.empty()) {
                FAIL("an error without a message");
            }
            continue;
        }
        u64 end = kRamBase;
        for (const Segment& segment : kernel->segments) {
            const bool good = segment.address >= end && segment.bytes.size() <= segment.size &&
                              segment.size <= kRam - (segment.address - kRamBase);
            if (!good) {
                FAIL("round " << round << " puts a segment at " << segment.address);
            }
            end = segment.address + segment.size;
        }
    }
    SUCCEED();
}

TEST_CASE("loader: damaged programs and archives are judged without harm",
          "[emu][machine][loader][fuzz]") {
    std::mt19937_64 random(2);
    const std::vector<u8> archive = make_job_archive(elf(), {"a", "b"});
    int refused = 0;
    for (int round = 0; round < kRounds; ++round) {
        refused += check_program("p", damaged(elf(), random)).ok() ? 0 : 1;
        refused += check_initrd("i", damaged(archive, random), true).ok() ? 0 : 1;
    }
    CHECK(refused > kRounds / 2);
}

TEST_CASE("config: a damaged file is refused or gives a sane configuration",
          "[emu][config][fuzz]") {
    const std::string good = R"({"machine":{"ram":"64M","cpu_hz":1000000000,"append":"a b",)"
                             R"("args":["x"]},"limits":{"cycles":2e9,"seconds":0.5},"seed":7})";
    const test::TemporaryFolder folder;
    std::mt19937_64 random(3);
    for (int round = 0; round < 2000; ++round) {
        std::string text = good;
        for (u64 changes = 1 + random() % 3; changes > 0; --changes) {
            text[random() % text.size()] = static_cast<char>(random());
        }
        const Result<Config> config = read_config(folder.write("c.json", text), {});
        const bool sane = !config ? config.error().message.find('\n') == std::string::npos
                                  : config->machine.ram >= u64{4} << 20 && config->last_cycle() > 0;
        if (!sane) {
            FAIL(text);
        }
    }
    SUCCEED();
}
