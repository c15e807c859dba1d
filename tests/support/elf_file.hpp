// ELF64 files made up for tests.
#pragma once

#include "base/types.hpp"

#include <cstring>
#include <elf.h>
#include <string>
#include <vector>

namespace forkscope::test {

struct ElfSegment {
    u32 type = PT_LOAD;
    u64 vaddr = 0;
    u64 paddr = 0;
    std::string content;
    u64 memory_size = 0; // content's size if 0
};

struct ElfFile {
    u16 type = ET_EXEC;
    u16 machine = EM_AARCH64;
    u8 elf_class = ELFCLASS64;
    u8 data = ELFDATA2LSB;
    u64 entry = 0;
    std::vector<ElfSegment> segments;

    [[nodiscard]] std::vector<u8> bytes() const {
        Elf64_Ehdr header{};
        std::memcpy(header.e_ident, ELFMAG, SELFMAG);
        header.e_ident[EI_CLASS] = elf_class;
        header.e_ident[EI_DATA] = data;
        header.e_ident[EI_VERSION] = EV_CURRENT;
        header.e_type = type;
        header.e_machine = machine;
        header.e_entry = entry;
        header.e_phoff = sizeof header;
        header.e_phentsize = sizeof(Elf64_Phdr);
        header.e_phnum = static_cast<u16>(segments.size());

        std::vector<u8> file;
        append(file, &header, sizeof header);
        u64 offset = sizeof header + segments.size() * sizeof(Elf64_Phdr);
        for (const ElfSegment& segment : segments) {
            Elf64_Phdr entry_header{};
            entry_header.p_type = segment.type;
            entry_header.p_offset = offset;
            entry_header.p_vaddr = segment.vaddr;
            entry_header.p_paddr = segment.paddr;
            entry_header.p_filesz = segment.content.size();
            entry_header.p_memsz =
                segment.memory_size != 0 ? segment.memory_size : segment.content.size();
            append(file, &entry_header, sizeof entry_header);
            offset += segment.content.size();
        }
        for (const ElfSegment& segment : segments) {
            append(file, segment.content.data(), segment.content.size());
        }
        return file;
    }

private:
    static void append(std::vector<u8>& file, const void* data_, std::size_t size) {
        const auto* bytes = static_cast<const u8*>(data_);
        file.insert(file.end(), bytes, bytes + size);
    }
};

} // namespace forkscope::test
