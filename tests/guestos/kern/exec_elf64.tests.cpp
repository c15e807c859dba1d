#include "sys/exec_elf.hpp"
#include "sys/param.hpp"

#include <catch2/catch_test_macros.hpp>

#include <cstring>
#include <vector>

namespace {

struct Segment {
    u32 type, flags;
    u64 offset, vaddr, filesz, memsz;
};

constexpr u32 kLoad = 1, kInterp = 3;
constexpr u32 kRead = 4, kWrite = 2, kExec = 1;

// A program as the linker would make it, with fields to spoil.
struct Program {
    u16 type = 2;
    u16 machine = 183;
    u64 entry = 0x400100;
    u64 phoff = 64;
    u16 phentsize = 56;
    std::vector<Segment> segments{{kLoad, kRead | kExec, 0, 0x400000, 0x1800, 0x1800},
                                  {kLoad, kRead | kWrite, 0x1800, 0x402800, 0x100, 0x900}};
    off_t filesize = 0x1900;
    std::vector<u8> header;

    template <typename T> void put(size_t at, T value) {
        if (header.size() < at + sizeof(T)) {
            header.resize(at + sizeof(T));
        }
        std::memcpy(&header[at], &value, sizeof(T));
    }
    void build() {
        header = {0x7f, 'E', 'L', 'F', 2, 1, 1};
        put(16, type);
        put(18, machine);
        put(24, entry);
        put(32, phoff);
        put(54, phentsize);
        put(56, u16(segments.size()));
        put<u64>(56 + 8 - 8 + 0, 0);
        put(56, u16(segments.size()));
        header.resize(64);
        for (size_t i = 0; i < segments.size(); i++) {
            const size_t at = 64 + i * 56;
            put(at, segments[i].type);
            put(at + 4, segments[i].flags);
            put(at + 8, segments[i].offset);
            put(at + 16, segments[i].vaddr);
            put(at + 32, segments[i].filesz);
            put(at + 40, segments[i].memsz);
            put<u64>(at + 48, 4096);
        }
    }
    Errno parse(exec_image* image) {
        build();
        return elf64_parse(header.data(), header.size(), filesize, image);
    }
    Errno parse() {
        exec_image image;
        return parse(&image);
    }
};

template <typename Spoil> Errno spoiled(Spoil spoil) {
    Program p;
    spoil(p);
    return p.parse();
}

} // namespace

TEST_CASE("elf: a static program has its segments, entry and headers", "[guestos][kern][exec]") {
    Program p;
    exec_image image;
    REQUIRE(p.parse(&image) == EOK);
    REQUIRE(image.nsegments == 2);
    CHECK(image.segments[0].prot == VM_PROT_RX);
    CHECK(image.segments[1].prot == VM_PROT_RW);
    CHECK(image.segments[1].start == 0x402800);
    CHECK(image.segments[1].memsz == 0x900);
    CHECK(image.entry == 0x400100);
    CHECK(image.phdr == 0x400040);
    CHECK(image.phnum == 2);
}

TEST_CASE("elf: what is not a static AArch64 program is ENOEXEC", "[guestos][kern][exec]") {
    CHECK(spoiled([](Program& p) { p.type = 3; }) == ENOEXEC);    // ET_DYN
    CHECK(spoiled([](Program& p) { p.type = 1; }) == ENOEXEC);    // ET_REL
    CHECK(spoiled([](Program& p) { p.machine = 62; }) == ENOEXEC); // x86-64
    CHECK(spoiled([](Program& p) { p.phentsize = 32; }) == ENOEXEC);
    CHECK(spoiled([](Program& p) { p.segments.push_back({kInterp, kRead, 0, 0, 1, 1}); }) ==
          ENOEXEC);
    CHECK(spoiled([](Program& p) { p.segments.clear(); }) == ENOEXEC);
    exec_image image;
    CHECK(elf64_parse(nullptr, 0, 0, &image) == ENOEXEC);
    const u8 text[] = "just some text that is long enough to hold a header of 64 bytes";
    CHECK(elf64_parse(text, sizeof(text), sizeof(text), &image) == ENOEXEC);
}

TEST_CASE("elf: a file that was cut is ENOEXEC", "[guestos][kern][exec]") {
    Program p;
    p.build();
    exec_image image;
    for (size_t len = 0; len < p.header.size(); len++) {
        const std::vector<u8> cut(p.header.begin(), p.header.begin() + long(len));
        CHECK(elf64_parse(cut.data(), cut.size(), p.filesize, &image) == ENOEXEC);
    }
    CHECK(spoiled([](Program& q) { q.filesize = 0x18ff; }) == ENOEXEC);
}

TEST_CASE("elf: segments that can't be mapped are ENOEXEC", "[guestos][kern][exec]") {
    CHECK(spoiled([](Program& p) { p.segments[0].vaddr = 0; }) == ENOEXEC);
    CHECK(spoiled([](Program& p) { p.segments[1].vaddr = 0x402801; }) == ENOEXEC);
    CHECK(spoiled([](Program& p) { p.segments[1].memsz = 0xff; }) == ENOEXEC);
    CHECK(spoiled([](Program& p) { p.segments[1].vaddr = 0x401800; }) == ENOEXEC); // overlap
    CHECK(spoiled([](Program& p) { std::swap(p.segments[0], p.segments[1]); }) == ENOEXEC);
    CHECK(spoiled([](Program& p) { p.segments[1].vaddr = 0xffff'ff80'0000'0800; }) == ENOEXEC);
    CHECK(spoiled([](Program& p) { p.segments[1].vaddr = VM_MAXUSER_ADDRESS - 0x800; }) ==
          ENOEXEC);
    CHECK(spoiled([](Program& p) { p.segments[1].memsz = ~u64{0} - 0x402000; }) == ENOEXEC);
    CHECK(spoiled([](Program& p) { p.segments[1].offset = ~u64{0} - 0x7ff; }) == ENOEXEC);
    CHECK(spoiled([](Program& p) { p.segments[1].filesz = ~u64{0}; }) == ENOEXEC);
    CHECK(spoiled([](Program& p) { p.segments[1].flags = kRead; }) == ENOEXEC);
    CHECK(spoiled([](Program& p) {
              const Segment s = p.segments[1];
              for (u64 i = 1; i < 9; i++) {
                  p.segments.push_back({s.type, s.flags, s.offset, s.vaddr + i * 0x2000, 16, 16});
              }
          }) == ENOEXEC);
}

TEST_CASE("elf: the entry must be an instruction of the program", "[guestos][kern][exec]") {
    CHECK(spoiled([](Program& p) { p.entry = 0x402800; }) == ENOEXEC); // not executable
    CHECK(spoiled([](Program& p) { p.entry = 0; }) == ENOEXEC);
    CHECK(spoiled([](Program& p) { p.entry = 0x400102; }) == ENOEXEC);
    CHECK(spoiled([](Program& p) { p.entry = 0x4017fc; }) == EOK);
}

TEST_CASE("elf: an empty segment counts for nothing, bss alone is one", "[guestos][kern][exec]") {
    Program p;
    p.segments.push_back({kLoad, kRead | kWrite, 0, 0, 0, 0});
    p.segments.push_back({kLoad, kRead | kWrite, 0, 0x500000, 0, 0x3000});
    exec_image image;
    REQUIRE(p.parse(&image) == EOK);
    CHECK(image.nsegments == 3);
    CHECK(image.segments[2].filesz == 0);
}

TEST_CASE("elf: no damage makes it read past the end", "[guestos][kern][exec]") {
    Program p;
    p.build();
    unsigned random = 1;
    for (int i = 0; i < 20000; i++) {
        std::vector<u8> damaged = p.header;
        for (int n = 0; n < 3; n++) {
            random = random * 1103515245 + 12345;
            damaged[(random >> 8) % damaged.size()] = static_cast<u8>(random >> 24);
        }
        exec_image image;
        if (elf64_parse(damaged.data(), damaged.size(), p.filesize, &image) == EOK) {
            for (unsigned s = 0; s < image.nsegments; s++) {
                REQUIRE(image.segments[s].start + image.segments[s].memsz <= VM_MAXUSER_ADDRESS);
                REQUIRE(u64(image.segments[s].offset) + image.segments[s].filesz <=
                        u64(p.filesize));
            }
        }
    }
}

namespace {

Errno script(const std::string& text, exec_script* s) {
    const std::vector<u8> exact(text.begin(), text.end());
    return script_parse(exact.data(), exact.size(), s);
}

} // namespace

TEST_CASE("script: interpreter and one argument", "[guestos][kern][exec]") {
    exec_script s;
    REQUIRE(script("#!/bin/sh\necho", &s) == EOK);
    CHECK(std::string(s.interpreter) == "/bin/sh");
    CHECK(std::string(s.argument).empty());
    REQUIRE(script("#!  /bin/awk \t -f and more \n", &s) == EOK);
    CHECK(std::string(s.interpreter) == "/bin/awk");
    CHECK(std::string(s.argument) == "-f and more");
}

TEST_CASE("script: without an interpreter or an end of line it is none", "[guestos][kern][exec]") {
    exec_script s;
    CHECK(script("#!\n", &s) == ENOEXEC);
    CHECK(script("#!   \n", &s) == ENOEXEC);
    CHECK(script("#!/bin/sh", &s) == ENOEXEC);
    CHECK(script("# !/bin/sh\n", &s) == ENOEXEC);
    CHECK(script("#", &s) == ENOEXEC);
    CHECK(script("#!/" + std::string(300, 'x') + "\n", &s) == ENOEXEC);
    CHECK(script("#!/bin/sh " + std::string(300, 'x') + "\n", &s) == ENOEXEC);
}
