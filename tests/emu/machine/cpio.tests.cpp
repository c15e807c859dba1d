#include "machine/loader.hpp"
#include "support/elf_file.hpp"
#include "support/temporary_folder.hpp"

#include <catch2/catch_test_macros.hpp>

#include <cstdlib>

using namespace forkscope;

namespace {

std::vector<u8> archive() {
    const std::vector<u8> program = {'p', 'r', 'o', 'g', '!'};
    return make_job_archive(program, {"prog", "-n", "two words"});
}

std::string refusal(const std::vector<u8>& file, bool may_be_compressed = true) {
    const Result<void> checked = check_initrd("i", file, may_be_compressed);
    REQUIRE_FALSE(checked.ok());
    return checked.error().message;
}

std::vector<u8> operator+(std::vector<u8> a, const std::vector<u8>& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

} // namespace

TEST_CASE("cpio: the job's archive is what cpio itself reads", "[emu][machine][cpio]") {
    if (std::system("cpio --version >/dev/null 2>&1") != 0) {
        SKIP("cpio is not installed");
    }
    const test::TemporaryFolder folder;
    const std::vector<u8> bytes = archive();
    folder.write("a.cpio", {bytes.begin(), bytes.end()});
    const std::string in = "cd " + folder.path().string() + " && ";
    REQUIRE(std::system((in + "cpio -i --quiet < a.cpio").c_str()) == 0);
    CHECK(test::text_of_file(folder.path() / "job/program") == "prog!");
    CHECK(test::text_of_file(folder.path() / "job/argv") ==
          std::string("/job/prog\0-n\0two words\0", 23));
    CHECK(std::filesystem::read_symlink(folder.path() / "job/prog") == "program");
    using std::filesystem::perms;
    CHECK(std::filesystem::status(folder.path() / "job/program").permissions() == perms(0755));
}

TEST_CASE("cpio: a program that has one of the job's names needs no link", "[emu][machine][cpio]") {
    const auto text = [](const std::string& name) {
        const std::vector<u8> bytes = make_job_archive({}, {name});
        return std::string(bytes.begin(), bytes.end());
    };
    for (const std::string name : {"program", "argv"}) {
        CHECK(text(name).find("/job/program") != std::string::npos);
        CHECK(text(name) == text("program"));
    }
    CHECK(text("x").find("/job/x") != std::string::npos);
}

TEST_CASE("cpio: archives may follow each other at multiples of 4", "[emu][machine][cpio]") {
    CHECK(check_initrd("i", archive(), true).ok());
    CHECK(check_initrd("i", archive() + archive(), false).ok());
    CHECK(check_initrd("i", archive() + std::vector<u8>(512, 0) + archive(), true).ok());
    CHECK(refusal(archive() + std::vector<u8>(2, 0) + archive())
              .starts_with("i: initrd is damaged: an archive begins at byte "));
}

TEST_CASE("cpio: an archive that is cut off anywhere is truncated", "[emu][machine][cpio]") {
    const std::vector<u8> whole = archive();
    for (std::size_t size = 6; size + 4 < whole.size(); ++size) {
        INFO(size);
        CHECK(refusal({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)})
                  .starts_with("i: initrd is truncated: the member at byte "));
    }
}

TEST_CASE("cpio: other files are refused", "[emu][machine][cpio]") {
    CHECK(refusal({}) == "i: initrd is empty");
    CHECK(refusal({'h', 'e', 'l', 'l', 'o', '\n'}) == "i: initrd is not a newc cpio archive");
    CHECK(refusal({'0', '7', '0', '7', '0', '7'}) == "i: initrd is not a newc cpio archive");
    CHECK(refusal(archive() + std::vector<u8>{'x', 'y', 'z', 'w'})
              .starts_with("i: initrd is damaged: no newc header at byte "));
    std::vector<u8> damaged = archive();
    damaged[6 + 8 * 6] = '?'; // the first member's file size
    CHECK(refusal(damaged) == "i: initrd is damaged: no newc header at byte 0");
}

TEST_CASE("cpio: a compressed archive is the kernel's affair, but nothing can be added to it",
          "[emu][machine][cpio]") {
    const std::vector<u8> gzip = {0x1f, 0x8b, 8, 0, 1, 2, 3};
    CHECK(check_initrd("i", gzip, true).ok());
    CHECK(check_initrd("i", archive() + gzip, true).ok());
    CHECK(refusal(gzip, false) ==
          "i: initrd is compressed; a program can only be added to a plain newc archive");
}

TEST_CASE("cpio: a program is put after the initrd's own archive", "[emu][machine][cpio]") {
    test::ElfFile elf;
    elf.entry = 0x40'0000;
    elf.segments = {{PT_LOAD, 0x40'0000, 0x40'0000, std::string(17, 'p'), 0}};
    const std::vector<u8> program = elf.bytes();
    const std::vector<u8> initrd = archive();
    const test::TemporaryFolder folder;
    Config config;
    config.machine.kernel = folder.write("k.bin", "\x1f\x20\x03\xd5");
    config.machine.initrd = folder.write("i.cpio", {initrd.begin(), initrd.end()});
    config.machine.program = folder.write("hello", {program.begin(), program.end()});
    config.machine.args = {"a", "b c"};
    const Result<BootPlan> plan = plan_boot(config);
    REQUIRE(plan.ok());
    CHECK(plan->segments[1].bytes == initrd + make_job_archive(program, {"hello", "a", "b c"}));
    CHECK(check_initrd("i", plan->segments[1].bytes, false).ok());
}
