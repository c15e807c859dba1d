#include "machine/loader.hpp"
#include "support/elf_file.hpp"
#include "support/temporary_folder.hpp"
#include "support/paths.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <cstring>

using namespace forkscope;
using test::ElfFile;

namespace {

constexpr u64 kRam = u64{64} << 20;

template <class T> void put(std::vector<u8>& bytes, std::size_t offset, T value) {
    std::memcpy(bytes.data() + offset, &value, sizeof value);
}

// An arm64 Image of `file_size` bytes.
std::vector<u8> arm64_image(std::size_t file_size, u64 text_offset, u64 image_size, u64 flags = 2) {
    std::vector<u8> image(file_size);
    put<u32>(image, 0, 0x1400'0010); // b +64
    put<u64>(image, 8, text_offset);
    put<u64>(image, 16, image_size);
    put<u64>(image, 24, flags);
    put<u32>(image, 56, 0x644d'5241);
    return image;
}

ElfFile kernel_elf() {
    ElfFile elf;
    elf.entry = 0xffff'ff80'0020'0010;
    elf.segments = {{PT_LOAD, 0xffff'ff80'0020'0000, 0x4020'0000, std::string(32, 'c'), 0},
                    {PT_LOAD, 0xffff'ff80'0030'0000, 0x4030'0000, "data", 4096}};
    return elf;
}

ElfFile program_elf() {
    ElfFile elf;
    elf.entry = 0x40'0000;
    elf.segments = {{PT_LOAD, 0x40'0000, 0x40'0000, std::string(16, 'p'), 0}};
    return elf;
}

std::string refusal(const std::vector<u8>& file, u64 ram = kRam) {
    const Result<KernelImage> image = load_kernel("k", file, ram);
    REQUIRE_FALSE(image.ok());
    CHECK(image.error().status == ExitStatus::Usage);
    return image.error().message;
}

} // namespace

TEST_CASE("loader: an arm64 Image lies at a 2 MiB boundary plus its text offset",
          "[emu][machine][loader]") {
    const Result<KernelImage> image =
        load_kernel("k", arm64_image(8192, 0x8'0000, 0x10'0000), kRam);
    REQUIRE(image.ok());
    CHECK(image->format == ImageFormat::Arm64Image);
    REQUIRE(image->segments.size() == 1);
    CHECK(image->segments[0].address == 0x4008'0000);
    CHECK(image->segments[0].bytes.size() == 8192);
    CHECK(image->segments[0].size == 0x10'0000);
    CHECK(image->entry == 0x4008'0000);
    CHECK(image->end() == 0x4018'0000);
}

TEST_CASE("loader: an Image with text offset 0 leaves RAM's first 2 MiB free",
          "[emu][machine][loader]") {
    const Result<KernelImage> image = load_kernel("k", arm64_image(8192, 0, 0x10'0000), kRam);
    REQUIRE(image.ok());
    CHECK(image->entry == 0x4020'0000);
}

TEST_CASE("loader: an Image from before image_size counts as its file and lies at 0x80000",
          "[emu][machine][loader]") {
    const Result<KernelImage> image = load_kernel("k", arm64_image(8192, 0, 0), kRam);
    REQUIRE(image.ok());
    CHECK(image->entry == 0x4008'0000);
    CHECK(image->segments[0].size == 8192);
}

TEST_CASE("loader: Images that this machine can't run are refused", "[emu][machine][loader]") {
    CHECK(refusal(arm64_image(8192, 0, 0x10'0000, 1)) ==
          "k: kernel image is big-endian; this machine is little-endian");
    CHECK(refusal(arm64_image(8192, 0, 0x10'0000, 2 << 1)) ==
          "k: kernel image wants 16 KiB pages; this machine has 4 KiB pages only");
    CHECK(refusal(arm64_image(8192, 0, kRam)) ==
          "k: kernel image is too large for RAM: 67,108,864 bytes at 0x40200000, RAM ends at "
          "0x44000000");
    CHECK(refusal(arm64_image(8192, kRam, 8192)) ==
          "k: kernel image is too large for RAM: text offset 0x4000000 in 64 MiB");
    CHECK(refusal(arm64_image(8192, ~u64{0}, 8192)).starts_with("k: kernel image is too large"));
    CHECK(refusal(arm64_image(8192, 0x8'0000, ~u64{0}))
              .starts_with("k: kernel image is too large for RAM: 18,446,744,073,709,551,615"));
}

TEST_CASE("loader: an Image that says how long its file is can't be cut short unseen",
          "[emu][machine][loader]") {
    std::vector<u8> image = arm64_image(8192, 0, 0x10'0000);
    put<u64>(image, 32, 8192);
    std::memcpy(image.data() + 40, "FKSCSIZE", 8);
    CHECK(load_kernel("k", image, kRam).ok());
    image.resize(8191);
    CHECK(refusal(image) ==
          "k: kernel image is truncated: 8,192 bytes expected, 8,191 in the file");
    image.resize(64);
    CHECK(refusal(image) == "k: kernel image is truncated: 8,192 bytes expected, 64 in the file");
}

TEST_CASE("loader: an Image that is a PE file too is measured by its sections",
          "[emu][machine][loader]") {
    std::vector<u8> image = arm64_image(8192, 0, 0x10'0000);
    put<u16>(image, 0, 0x5a4d);
    put<u32>(image, 60, 64);
    put<u32>(image, 64, 0x4550);
    put<u16>(image, 68, 0xaa64);
    put<u16>(image, 70, 1);          // one section
    put<u16>(image, 84, 16);         // optional header
    put<u32>(image, 104 + 16, 4096); // its size in the file
    put<u32>(image, 104 + 20, 4096); // its place
    CHECK(load_kernel("k", image, kRam).ok());

    std::vector<u8> cut(image.begin(), image.begin() + 8000);
    CHECK(refusal(cut) == "k: kernel image is truncated: 8,192 bytes expected, 8,000 in the file");
    cut.resize(110);
    CHECK(refusal(cut).starts_with("k: kernel image is truncated"));
    cut.resize(70);
    CHECK(refusal(cut).starts_with("k: kernel image is truncated"));

    put<u16>(image, 68, 0x8664);
    CHECK(refusal(image) == "k: kernel image is not for AArch64: PE machine 0x8664");
}

TEST_CASE("loader: an ELF kernel lies where p_paddr says and starts at its physical entry",
          "[emu][machine][loader]") {
    const Result<KernelImage> image = load_kernel("k", kernel_elf().bytes(), kRam);
    REQUIRE(image.ok());
    CHECK(image->format == ImageFormat::Elf64);
    REQUIRE(image->segments.size() == 2);
    CHECK(image->segments[0].address == 0x4020'0000);
    CHECK(image->segments[0].bytes == std::vector<u8>(32, 'c'));
    CHECK(image->segments[1].address == 0x4030'0000);
    CHECK(image->segments[1].size == 4096);
    CHECK(image->entry == 0x4020'0010);
    CHECK(image->end() == 0x4030'1000);
}

TEST_CASE("loader: an entry point that is physical already is kept", "[emu][machine][loader]") {
    ElfFile elf = kernel_elf();
    elf.entry = 0x4020'0008;
    const Result<KernelImage> image = load_kernel("k", elf.bytes(), kRam);
    REQUIRE(image.ok());
    CHECK(image->entry == 0x4020'0008);
}

TEST_CASE("loader: a position-independent ELF kernel is moved into RAM in one piece",
          "[emu][machine][loader]") {
    ElfFile elf = kernel_elf();
    elf.type = ET_DYN;
    elf.entry = 0xffff'8000'0801'0004;
    elf.segments = {{PT_LOAD, 0xffff'8000'0801'0000, 0xffff'8000'0801'0000, "code....", 0},
                    {PT_LOAD, 0xffff'8000'0820'0000, 0xffff'8000'0820'0000, "data", 64}};
    const Result<KernelImage> image = load_kernel("k", elf.bytes(), kRam);
    REQUIRE(image.ok());
    CHECK(image->segments[0].address == 0x4021'0000);
    CHECK(image->segments[1].address == 0x4040'0000);
    CHECK(image->entry == 0x4021'0004);
}

TEST_CASE("loader: ELF files that are no kernel for this machine are refused",
          "[emu][machine][loader]") {
    ElfFile elf = kernel_elf();
    std::string expected;
    SECTION("another machine") {
        elf.machine = EM_X86_64;
        expected = "k: kernel image is for x86-64, not AArch64";
    }
    SECTION("32 bits") {
        elf.elf_class = ELFCLASS32;
        expected = "k: kernel image is a 32-bit ELF file, not ELF64";
    }
    SECTION("big endian") {
        elf.data = ELFDATA2MSB;
        expected = "k: kernel image is not little-endian AArch64";
    }
    SECTION("an object file") {
        elf.type = ET_REL;
        expected = "k: kernel image is an object file or a core dump, not linked to run";
    }
    SECTION("a dynamic program") {
        elf.segments.push_back({PT_INTERP, 0, 0, std::string("/lib/ld.so\0", 11), 0});
        expected = "k: kernel image is a dynamic program that wants /lib/ld.so, not a kernel";
    }
    SECTION("nothing to load") {
        elf.segments.clear();
        expected = "k: kernel image has nothing to load";
    }
    SECTION("outside RAM") {
        elf.segments[0].paddr = 0x1000;
        expected = "k: kernel image wants 0x1000, which is not RAM (0x40000000 to 0x44000000)";
    }
    SECTION("too large") {
        elf.segments[1].memory_size = kRam;
        expected = "k: kernel image is too large for RAM: 67,108,864 bytes at 0x40300000, RAM ends "
                   "at 0x44000000";
    }
    SECTION("overlapping segments") {
        elf.segments[1].paddr = 0x4020'0010;
        expected = "k: kernel image is damaged: two segments overlap at 0x40200010";
    }
    SECTION("an entry point in no segment") {
        elf.entry = 0x12;
        expected = "k: kernel image starts at 0x12, which none of its segments holds";
    }
    CHECK(refusal(elf.bytes()) == expected);
}

TEST_CASE("loader: an ELF kernel cut off anywhere is truncated", "[emu][machine][loader]") {
    const std::vector<u8> whole = kernel_elf().bytes();
    for (std::size_t size = 4; size < whole.size(); ++size) {
        INFO(size);
        CHECK(refusal({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)})
                  .starts_with("k: kernel image is truncated"));
    }
}

TEST_CASE("loader: anything else is a flat binary at RAM's base + 0x80000",
          "[emu][machine][loader]") {
    const Result<KernelImage> image = load_kernel("k", {0x1f, 0x20, 0x03, 0xd5}, kRam);
    REQUIRE(image.ok());
    CHECK(image->format == ImageFormat::Flat);
    CHECK(image->segments[0].address == 0x4008'0000);
    CHECK(image->entry == 0x4008'0000);

    CHECK(refusal({}) == "k: kernel image is truncated: 0 bytes, less than one instruction");
    CHECK(refusal({1, 2, 3}) == "k: kernel image is truncated: 3 bytes, less than one instruction");
    CHECK(refusal({0x1f, 0x8b, 8, 0}) ==
          "k: kernel image is compressed by gzip; decompress it first");
    CHECK(refusal({'M', 'Z', 0, 0}) ==
          "k: kernel image is not AArch64: a PE file without the arm64 Image header");
    CHECK(refusal(std::vector<u8>(kRam - 0x8'0000 + 4, 1))
              .starts_with("k: kernel image is too large for RAM"));
}

TEST_CASE("loader: a program is static, AArch64 and whole", "[emu][machine][loader]") {
    CHECK(check_program("p", program_elf().bytes()).ok());

    ElfFile elf = program_elf();
    std::string expected;
    SECTION("dynamic") {
        elf.segments.push_back(
            {PT_INTERP, 0, 0, std::string("/lib/ld-linux-aarch64.so.1\0", 27), 0});
        expected = "p: program is dynamic (it wants /lib/ld-linux-aarch64.so.1); link it with "
                   "-static, or compile it by build/guest-cc";
    }
    SECTION("position-independent") {
        elf.type = ET_DYN;
        expected = "p: program is a shared library or position-independent; link it with -static "
                   "-no-pie, or compile it by build/guest-cc";
    }
    SECTION("another machine") {
        elf.machine = EM_RISCV;
        expected = "p: program is for RISC-V, not AArch64";
    }
    SECTION("an object file") {
        elf.type = ET_REL;
        expected = "p: program is an object file or a core dump, not a linked program";
    }
    const Result<void> checked = check_program("p", elf.bytes());
    if (expected.empty()) {
        return;
    }
    REQUIRE_FALSE(checked.ok());
    CHECK(checked.error().message == expected);
}

TEST_CASE("loader: a script, an empty file and a cut-off program are no programs",
          "[emu][machine][loader]") {
    const auto message = [](const std::string& text) {
        const std::vector<u8> file(text.begin(), text.end());
        const Result<void> checked = check_program("p", file);
        REQUIRE_FALSE(checked.ok());
        return checked.error().message;
    };
    CHECK(message("#!/bin/sh\n") == "p: program is not an ELF file");
    CHECK(message("") == "p: program is truncated: 0 bytes, less than an ELF header");
    const std::vector<u8> whole = program_elf().bytes();
    CHECK(message({whole.begin(), whole.end() - 1}) ==
          "p: program is truncated: segment 0 ends beyond the end of the file");
}

TEST_CASE("loader: a missing file, a folder and a file larger than RAM are named",
          "[emu][machine][loader]") {
    const test::TemporaryFolder folder;
    const std::string name = folder.path().string();
    CHECK(read_file(folder.path() / "none", kRam).error().message == name + "/none: no such file");
    CHECK(read_file(folder.path(), kRam).error().message == name + ": not a regular file");
    const auto large = folder.write("large", "x");
    std::filesystem::resize_file(large, u64{1} << 40);
    CHECK(read_file(large, kRam).error().message ==
          name + "/large: too large for RAM: 1,024 GiB in 64 MiB");
}

TEST_CASE("loader: kernel, initrd and device tree share RAM without touching",
          "[emu][machine][loader]") {
    const u64 ram = u64{GENERATE(8, 32, 64, 256, 2048)} << 20;
    CAPTURE(ram);
    const test::TemporaryFolder folder;
    const std::vector<u8> image = arm64_image(8192, 0, 0x10'0000);
    const std::vector<u8> archive = make_job_archive(program_elf().bytes(), {"x"});
    Config config;
    config.machine.ram = ram;
    config.machine.kernel = folder.write("k.img", {image.begin(), image.end()});
    config.machine.initrd = folder.write("i.cpio", {archive.begin(), archive.end()});
    const Result<BootPlan> plan = plan_boot(config);
    REQUIRE(plan.ok());
    CHECK(plan->ram_bytes == ram);
    CHECK(plan->entry == 0x4020'0000);
    CHECK(plan->device_tree % 8 == 0);
    REQUIRE(plan->segments.size() == 3);
    u64 end = kRamBase;
    for (const Segment& segment : plan->segments) {
        CHECK(segment.address >= end);
        CHECK(segment.bytes.size() <= segment.size);
        end = segment.address + segment.size;
    }
    CHECK(end <= kRamBase + ram);
    CHECK(plan->segments[1].bytes == archive);
    CHECK(plan->segments[2].address == plan->device_tree);
}

TEST_CASE("loader: what does not fit into RAM together is refused", "[emu][machine][loader]") {
    const test::TemporaryFolder folder;
    const std::vector<u8> image = arm64_image(8192, 0, u64{14} << 20);
    Config config;
    config.machine.ram = u64{16} << 20;
    config.machine.kernel = folder.write("k.img", {image.begin(), image.end()});
    const Result<BootPlan> plan = plan_boot(config);
    REQUIRE_FALSE(plan.ok());
    CHECK(plan.error().message ==
          config.machine.kernel.string() +
              ": kernel, initrd (0 bytes) and device tree don't fit into 16 MiB of RAM");
}

TEST_CASE("loader: the bundled kernel is whole, as Image and as ELF, and says its length",
          "[emu][machine][loader]") {
    const std::filesystem::path folder = FORKSCOPE_BUILD_DIR "/guest";
    if (!std::filesystem::exists(folder / "guestos.img")) {
        SKIP("the guest is not built");
    }
    std::vector<u8> file = test::bytes_of_file(folder / "guestos.img");
    const Result<KernelImage> image = load_kernel("k", file, kRam);
    const Result<KernelImage> elf =
        load_kernel("k", test::bytes_of_file(folder / "guestos.elf"), kRam);
    REQUIRE(image.ok());
    REQUIRE(elf.ok());
    CHECK(image->entry == elf->entry);
    CHECK(image->end() >= elf->end());
    file.pop_back();
    CHECK(refusal(file).starts_with("k: kernel image is truncated: "));
}
