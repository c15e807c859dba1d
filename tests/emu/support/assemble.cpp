#include "emu/support/assemble.hpp"

#include <catch2/catch_test_macros.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>

#include <unistd.h>

namespace forkscope::test {

namespace {

std::string contents(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<u8> build(const std::string& source, u64 base) {
    char name[] = "/tmp/forkscope-test-XXXXXX";
    REQUIRE(mkdtemp(name) != nullptr);
    const std::filesystem::path folder = name;
    std::ofstream(folder / "a.S") << ".text\n.globl _start\n_start:\n" << source << "\n";
    std::ostringstream command;
    command << "cd " << name << " && { aarch64-linux-gnu-gcc -c -march=armv8-a+crc+crypto+lse"
            << " a.S -o a.o && aarch64-linux-gnu-ld -n --no-warn-rwx-segments -Ttext=0x" << std::hex
            << base << " a.o -o a.elf && aarch64-linux-gnu-objcopy -O binary a.elf a.bin; }"
            << " 2>errors";
    const int status = std::system(command.str().c_str());
    INFO(contents(folder / "errors"));
    REQUIRE(status == 0);
    const std::string bytes = contents(folder / "a.bin");
    std::filesystem::remove_all(folder);
    return {bytes.begin(), bytes.end()};
}

} // namespace

std::vector<u8> assemble(const std::string& source, u64 base) {
    static std::map<std::pair<std::string, u64>, std::vector<u8>> built;
    const auto [entry, is_new] = built.try_emplace({source, base});
    if (is_new)
        entry->second = build(source, base);
    return entry->second;
}

} // namespace forkscope::test
