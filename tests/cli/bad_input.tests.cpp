#include "support/elf_file.hpp"
#include "support/program.hpp"
#include "support/tiny_guest.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cstdlib>
#include <sys/wait.h>

using namespace forkscope;
using test::ElfFile;
using test::Outcome;
using test::run_program;
using test::TemporaryFolder;
using test::TinyGuest;

namespace {

std::string as_text(const std::vector<u8>& bytes) {
    return {bytes.begin(), bytes.end()};
}

std::string program(u16 machine, u16 type, bool dynamic) {
    ElfFile elf;
    elf.machine = machine;
    elf.type = type;
    elf.entry = 0x40'0000;
    elf.segments = {{PT_LOAD, 0x40'0000, 0x40'0000, std::string(64, '\0'), 0}};
    if (dynamic) {
        elf.segments.push_back({PT_INTERP, 0, 0, std::string("/lib/ld.so\0", 11), 0});
    }
    return as_text(elf.bytes());
}

// A folder with a good guest and many bad things.
struct Shelf {
    TemporaryFolder folder;

    Shelf() {
        folder.write("good.bin", TinyGuest().power_off().bytes());
        folder.write("good.json", R"({"machine":{"kernel":"good.bin","initrd":""}})");
        folder.write("unknown.json", R"({"machine":{"ramm":"64M"}})");
        folder.write("type.json", R"({"limits":{"cycles":"many"}})");
        folder.write("size.json", R"({"machine":{"ram":"3M"}})");
        folder.write("syntax.json", R"({"machine":)");
        folder.write("cycle.json", R"({"timing":{"mode":"cycles"}})");
        folder.write("cache.json", R"({"timing":{"mode":"cycle","l1d":{"size":1000}},
                                       "machine":{"kernel":"good.bin","initrd":""}})");
        folder.write("model.json", R"({"pipeline":{"issue_width":0}})");
        folder.write("lost.json", R"({"machine":{"kernel":"none.img","initrd":""}})");
        folder.write("x86.elf", program(EM_X86_64, ET_EXEC, false));
        folder.write("cut.elf", program(EM_AARCH64, ET_EXEC, false).substr(0, 140));
        folder.write("dynamic", program(EM_AARCH64, ET_DYN, true));
        folder.write("riscv", program(EM_RISCV, ET_EXEC, false));
        folder.write("script", "#!/bin/sh\necho hello\n");
        folder.write("text.cpio", "no archive at all");
        folder.write("cut.cpio", "070701000");
        const auto large = folder.write("large.img", "x");
        std::filesystem::resize_file(large, u64{300} << 20);
    }

    [[nodiscard]] std::vector<std::string> names() const {
        std::vector<std::string> result;
        for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
            result.push_back(entry.path().filename());
        }
        std::sort(result.begin(), result.end());
        return result;
    }
};

struct Case {
    std::vector<std::string> arguments;
    std::string message; // what stderr begins with
};

const std::vector<Case>& bad_runs() {
    static const std::vector<Case> cases = {
        // Configs.
        {{"unknown.json"}, "unknown.json: /machine/ramm: expected one of ram, "},
        {{"type.json"},
         "type.json: /limits/cycles: expected a whole number above 0, found \"many\"\n"},
        {{"size.json"}, "size.json: /machine/ram: expected a size from 4M to 16G "},
        {{"syntax.json"}, "syntax.json: /: expected JSON, found "},
        {{"cycle.json"}, "cycle.json: /timing/mode: expected \"functional\" "},
        {{"cache.json"},
         "cache.json: /timing/l1d/size: expected ways (4) times line (64) times a power of two, "
         "found 1000\n"},
        {{"good.json", "--set", "timing.l2.ways=3"},
         "good.json: /timing/l2/size: expected ways (3) "},
        {{"good.json", "--set", "timing.l1i.latency=-1"},
         "--set timing.l1i.latency=-1: /timing/l1i/latency: expected a whole number "},
        {{"good.json", "--set", "timing.model=none"},
         "good.json: /timing/model: expected the path of a timing model or one of cortex-a55, "},
        {{"good.json", "--timing", "cycle", "--set", "timing.model=mca-compat"},
         std::string(FORKSCOPE_SOURCE_DIR) +
             "/configs/timing/mca-compat.json: /l1i: expected a cache, found none"},
        {{"good.json", "--describe", "good.json"},
         "good.json: read by the run, it can't be its --describe too\n"},
        {{"good.json", "--solve", "good.bin"},
         "good.bin: read by the run, it can't be its --solve too\n"},
        {{"good.json", "--set", "timing.model=model.json"},
         "model.json: /pipeline/issue_width: expected a whole number from 1 to 8, found 0\n"},
        {{"none.json"}, "none.json: no such file\n"},
        {{"lost.json"},
         "lost.json: /machine/kernel: expected the path of a kernel image, found \"none.img\": no "
         "such file\n"},
        {{"."}, ".: not a regular file\n"},
        // Overrides and flags that stand for them.
        {{"good.json", "--set", "machine.ram=12Q"},
         "--set machine.ram=12Q: /machine/ram: expected "},
        {{"good.json", "--set", "machine.rma=64M"}, "--set machine.rma=64M: /machine/rma: "},
        {{"good.json", "--set", "machine.ram"},
         "forkscope: --set machine.ram: expected KEY.PATH=VALUE\n"},
        {{"good.json", "--set", "inject.frames=1"},
         "--set inject.frames=1: /inject/frames: expected one of uarea, "},
        {{"good.json", "--timing", "exact"}, "--timing exact: /timing/mode: expected "},
        {{"good.json", "--max-cycles", "ten"}, "--max-cycles ten: /limits/cycles: expected "},
        {{"good.json", "--max-seconds", "0"}, "--max-seconds 0: /limits/seconds: expected "},
        {{"good.json", "--append", "a\nb"}, "--append a?b: /machine/append: expected "},
        // Images, RAM disks, programs.
        {{"good.json", "--kernel", "none.img"}, "none.img: no such file\n"},
        {{"good.json", "--kernel", "x86.elf"},
         "x86.elf: kernel image is for x86-64, not AArch64\n"},
        {{"good.json", "--kernel", "cut.elf"}, "cut.elf: kernel image is truncated: "},
        {{"good.json", "--kernel", "large.img"},
         "large.img: too large for RAM: 300 MiB in 256 MiB\n"},
        {{"good.json", "--kernel", "/dev/zero"}, "/dev/zero: not a regular file\n"},
        {{"good.json", "--initrd", "none.cpio"}, "none.cpio: no such file\n"},
        {{"good.json", "--initrd", "text.cpio"}, "text.cpio: initrd is not a newc cpio archive\n"},
        {{"good.json", "--initrd", "cut.cpio"}, "cut.cpio: initrd is truncated: "},
        {{"good.json", "--program", "none"}, "none: no such file\n"},
        {{"good.json", "--program", "dynamic"},
         "dynamic: program is dynamic (it wants /lib/ld.so); "},
        {{"good.json", "--program", "riscv"}, "riscv: program is for RISC-V, not AArch64\n"},
        {{"good.json", "--program", "script"}, "script: program is not an ELF file\n"},
        {{"good.json", "--program", "cut.elf"}, "cut.elf: program is truncated: "},
        // Usage.
        {{"good.json", "--kernle", "x"},
         "forkscope run: unknown flag --kernle (did you mean \"--kernel\"?)\n"},
        {{"good.json", "--zzz"}, "forkscope run: unknown flag --zzz\n"},
        {{"good.json", "other.json"}, "forkscope run: unexpected argument other.json\n"},
        {{"good.json", "--kernel"}, "forkscope run: --kernel: a value is missing\n"},
        {{"good.json", "--append", "a", "--append", "b"},
         "forkscope run: --append: given more than once\n"},
        {{"good.json", "--", "x"}, "forkscope run: arguments after -- are a program's: "},
        {{"good.json", "--ui", "--headless"},
         "forkscope run: --ui and --headless: only one of them\n"},
        {{"good.json", "--ui", "--screenshot", "p.png"},
         "forkscope run: --ui and --screenshot: only one of them\n"},
        {{"good.json", "--at-cycle", "5"},
         "forkscope run: --at-cycle: of what? give --screenshot F or --describe F too\n"},
        {{"good.json", "--ui", "--describe", "d", "--at-cycle", "5"},
         "forkscope run: --ui and --at-cycle: only one of them\n"},
        {{"good.json", "--answers", "a.json", "--describe", "d", "--at-cycle", "5"},
         "forkscope run: --at-cycle and --answers: only one of them\n"},
        {{"good.json", "--screenshot", "p.png", "--solve", "s.json"},
         "forkscope run: --screenshot and --solve: only one of them\n"},
        {{"good.json", "--screenshot", "p.png", "--at-cycle", "5x"},
         "forkscope run: --at-cycle 5x: expected a whole number\n"},
        // Output files.
        {{"good.json", "--describe", "none/there"},
         "none/there: cannot be written: No such file or directory\n"},
        {{"good.json", "--describe", "."}, ".: cannot be written: Is a directory\n"},
        {{"good.json", "--describe", "new-stats"},
         "new-stats: given for both --stats and --describe\n"},
    };
    return cases;
}

} // namespace

TEST_CASE("bad input: one line that says what and where, status 2, nothing created",
          "[cli][bad-input]") {
    const Shelf shelf;
    const auto before = shelf.names();
    for (const Case& bad : bad_runs()) {
        std::vector<std::string> arguments = {"run",       "--stats",   "new-stats",  "--trace",
                                              "new-trace", "--console", "new-console"};
        arguments.insert(arguments.end(), bad.arguments.begin(), bad.arguments.end());
        std::string command;
        for (const std::string& argument : arguments) {
            command += argument + " ";
        }
        CAPTURE(command);
        const Outcome outcome = run_program(shelf.folder, arguments);
        CHECK(outcome.status == 2);
        CHECK(outcome.out.empty());
        CHECK(outcome.err.substr(0, bad.message.size()) == bad.message);
        CHECK(outcome.err.find('\n') == outcome.err.size() - 1);
        CHECK(shelf.names() == before);
    }
}

TEST_CASE("bad input: output files that were there keep their content if the run does not start",
          "[cli][bad-input]") {
    const Shelf shelf;
    const auto old = shelf.folder.write("old", "precious");
    const Outcome outcome =
        run_program(shelf.folder, {"run", "good.json", "--stats", "old", "--trace", "none/there"});
    CHECK(outcome.status == 2);
    CHECK(test::text_of_file(old) == "precious");
}

TEST_CASE("bad input: commands that are not there", "[cli][bad-input]") {
    const TemporaryFolder folder;
    const auto message = [&](const std::vector<std::string>& arguments) {
        const Outcome outcome = run_program(folder, arguments);
        CHECK(outcome.status == 2);
        CHECK(outcome.out.empty());
        return outcome.err;
    };
    CHECK(message({}) ==
          "forkscope: which command? run, check, bench or verify; forkscope --help tells more\n");
    CHECK(message({"rum"}) == "forkscope: unknown command rum (did you mean \"run\"?); forkscope "
                              "--help tells what there is\n");
    CHECK(message({"--kernel", "x"}) ==
          "forkscope: unknown flag --kernel; forkscope --help tells what there is\n");
    for (const char* later : {"batch", "trace"}) {
        CHECK(message({later, "x"}) ==
              "forkscope: " + std::string(later) + ": not in this version\n");
    }
    CHECK(message({"check"}) == "forkscope check: which config? forkscope check CONFIG.json\n");
    CHECK(message({"bench", "--rnus", "3"}) ==
          "forkscope bench: unknown flag --rnus (did you mean \"--runs\"?)\n");
}

TEST_CASE("help: every command tells its flags and the version", "[cli]") {
    const TemporaryFolder folder;
    const Outcome overview = run_program(folder, {"--help"});
    CHECK(overview.status == 0);
    CHECK(overview.err.empty());
    for (const char* command : {"run", "check", "bench"}) {
        CHECK(overview.out.find(std::string("  ") + command + " ") != std::string::npos);
        const Outcome help = run_program(folder, {command, "--help"});
        CHECK(help.status == 0);
        CHECK(help.out.find(std::string("Usage: forkscope ") + command) != std::string::npos);
        CHECK(run_program(folder, {command, "--version"}).out ==
              run_program(folder, {"--version"}).out);
    }
    CHECK(run_program(folder, {"--version"}).out.starts_with("forkscope 0."));
}

TEST_CASE("check: says that a config is good, or what is wrong with it or its files", "[cli]") {
    const Shelf shelf;
    const auto before = shelf.names();
    const Outcome good = run_program(shelf.folder, {"check", "good.json"});
    CHECK(good.status == 0);
    CHECK(good.out == "good.json: good\n");
    CHECK(good.err.empty());
    const Outcome bad = run_program(shelf.folder, {"check", "unknown.json"});
    CHECK(bad.status == 2);
    CHECK(bad.err.starts_with("unknown.json: /machine/ramm: expected one of "));
    const Outcome lost = run_program(shelf.folder, {"check", "lost.json"});
    CHECK(lost.status == 2);
    CHECK(lost.err.starts_with("lost.json: /machine/kernel: expected the path "));
    // What the file names does not matter if something else is asked for.
    CHECK(run_program(shelf.folder, {"check", "lost.json", "--set", "machine.kernel=good.bin"})
              .status == 0);
    CHECK(run_program(shelf.folder, {"check", "good.json", "--set", "machine.ram=1"}).status == 2);
    CHECK(shelf.names() == before);
}

TEST_CASE("cli: standard output that can't be written is an error, a reader that left is not",
          "[cli]") {
    const std::string program = std::string(FORKSCOPE_BUILD_DIR) + "/forkscope --help ";
    CHECK(WEXITSTATUS(std::system((program + ">/dev/full 2>/dev/null").c_str())) == 2);
    CHECK(WEXITSTATUS(std::system((program + "| true").c_str())) == 0);
    CHECK(WEXITSTATUS(std::system((program + ">/dev/null").c_str())) == 0);
}
