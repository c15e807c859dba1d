// Basic blocks cut out of compiled programs.
#include "verify/mca.hpp"

#include <algorithm>
#include <cstring>
#include <elf.h>
#include <fstream>
#include <iterator>
#include <sstream>

namespace forkscope::verify {

namespace {

constexpr std::size_t kShortest = 3;
constexpr std::size_t kLongest = 40;

// Arm ARM DDI 0487, C4.1.65: unconditional and conditional branches.
bool is_branch(u32 w) {
    return (w & 0x7c000000) == 0x14000000 || // B, BL
           (w & 0xff000010) == 0x54000000 || // B.cond
           (w & 0x7c000000) == 0x34000000 || // CBZ, CBNZ, TBZ, TBNZ
           (w & 0xfe000000) == 0xd6000000;   // BR, BLR, RET, ERET
}

// What llvm-mca does not model, or models as a call or a full barrier.
bool is_excluded(u32 w) {
    return (w & 0xfc000000) == 0x94000000 || // BL
           (w & 0xfffffc1f) == 0xd63f0000 || // BLR
           (w & 0xff000000) == 0xd4000000 || // SVC, HVC, BRK, ...
           (w & 0xffc00000) == 0xd5000000 || // system
           (w & 0xfffffc1f) == 0xd69f0000 || // ERET
           (w & 0x3f000000) == 0x08000000 || // exclusives, ordered
           (w & 0x3b000000) == 0x18000000 || // literals
           (w & 0xffc00000) == 0xf9800000 || // PRFM
           (w >> 16) == 0;                   // UDF
}

struct Code {
    u64 address;
    std::vector<u32> words;
};

Result<std::vector<Code>> executable_sections(const std::filesystem::path& elf) {
    std::ifstream in(elf, std::ios::binary);
    const std::string file((std::istreambuf_iterator<char>(in)), {});
    Elf64_Ehdr header;
    if (file.size() < sizeof header)
        return Error{elf.string() + ": expected an ELF file"};
    std::memcpy(&header, file.data(), sizeof header);
    if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_machine != EM_AARCH64)
        return Error{elf.string() + ": expected an AArch64 ELF file"};
    std::vector<Code> sections;
    for (unsigned i = 0; i < header.e_shnum; ++i) {
        Elf64_Shdr s;
        const u64 at = header.e_shoff + u64{i} * sizeof s;
        if (at > file.size() || file.size() - at < sizeof s)
            return Error{elf.string() + ": the section headers are cut off"};
        std::memcpy(&s, file.data() + at, sizeof s);
        if (s.sh_type != SHT_PROGBITS || (s.sh_flags & SHF_EXECINSTR) == 0)
            continue;
        if (s.sh_offset > file.size() || file.size() - s.sh_offset < s.sh_size)
            return Error{elf.string() + ": a section is cut off"};
        Code code{s.sh_addr, std::vector<u32>(s.sh_size / 4)};
        std::memcpy(code.words.data(), file.data() + s.sh_offset, code.words.size() * 4);
        sections.push_back(std::move(code));
    }
    return sections;
}

std::string origin(const std::filesystem::path& elf, u64 address) {
    std::ostringstream text;
    text << elf.filename().string() << " 0x" << std::hex << address;
    return text.str();
}

void cut(const Code& code, const std::filesystem::path& elf, std::vector<McaBlock>& blocks) {
    McaBlock block;
    const auto finish = [&](u64 next) {
        if (block.words.size() >= kShortest && block.words.size() <= kLongest) {
            block.origin = origin(elf, next - 4 * block.words.size());
            blocks.push_back(block);
        }
        block.words.clear();
    };
    for (std::size_t i = 0; i < code.words.size(); ++i) {
        const u32 word = code.words[i];
        const u64 address = code.address + 4 * i;
        if (is_excluded(word)) {
            finish(address);
            continue;
        }
        block.words.push_back(word);
        if (is_branch(word))
            finish(address + 4);
    }
    finish(code.address + 4 * code.words.size());
}

} // namespace

Result<std::vector<McaBlock>> compiled_blocks(const std::filesystem::path& elf, unsigned most) {
    auto sections = executable_sections(elf);
    if (!sections)
        return sections.error();
    std::vector<McaBlock> all;
    for (const Code& code : *sections)
        cut(code, elf, all);
    std::vector<McaBlock> chosen;
    const std::size_t step = std::max<std::size_t>(1, all.size() / std::max(1u, most));
    for (std::size_t i = 0; i < all.size() && chosen.size() < most; i += step)
        chosen.push_back(std::move(all[i]));
    return chosen;
}

} // namespace forkscope::verify
