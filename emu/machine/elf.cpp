// ELF64 kernels and programs. System V ABI, "Object Files"; ELF for the Arm
// 64-bit Architecture.
#include "base/text.hpp"
#include "machine/bytes.hpp"
#include "machine/loader.hpp"

#include <algorithm>
#include <elf.h>
#include <optional>

namespace forkscope {

namespace {

constexpr u64 kBlock = u64{2} << 20;

// An ELF file whose headers are whole.
struct Elf {
    std::span<const u8> file;
    Elf64_Ehdr header;
    std::vector<Elf64_Phdr> segments; // all kinds
};

std::string machine_name(u16 machine) {
    switch (machine) {
    case EM_X86_64:
        return "x86-64";
    case EM_386:
        return "x86";
    case EM_ARM:
        return "32-bit Arm";
    case EM_RISCV:
        return "RISC-V";
    case EM_PPC64:
        return "PowerPC";
    default:
        return "machine number " + std::to_string(machine);
    }
}

// Why the file can't be for this machine, or "".
std::string foreign(std::span<const u8> file) {
    if (std::memcmp(file.data(), ELFMAG, SELFMAG) != 0) {
        return "is not an ELF file";
    }
    const auto machine = load_at<u16>(file, offsetof(Elf64_Ehdr, e_machine));
    if (file[EI_DATA] != ELFDATA2LSB) {
        return "is not little-endian AArch64";
    }
    if (machine != EM_AARCH64) {
        return "is for " + machine_name(machine) + ", not AArch64";
    }
    if (file[EI_CLASS] != ELFCLASS64) {
        return "is a 32-bit ELF file, not ELF64";
    }
    return "";
}

// `what` begins the message: "kernel.elf: kernel image".
Result<Elf> parse(const std::string& what, std::span<const u8> file) {
    constexpr std::size_t kMagicEnd = SELFMAG;
    if (file.size() >= kMagicEnd && std::memcmp(file.data(), ELFMAG, kMagicEnd) != 0) {
        return Error{what + " is not an ELF file"};
    }
    if (file.size() < sizeof(Elf64_Ehdr)) {
        return Error{what + " is truncated: " + byte_size(file.size()) +
                     ", less than an ELF header"};
    }
    if (const std::string reason = foreign(file); !reason.empty()) {
        return Error{what + " " + reason};
    }
    Elf elf{file, load_at<Elf64_Ehdr>(file, 0), {}};
    if (elf.header.e_phnum != 0 && elf.header.e_phentsize != sizeof(Elf64_Phdr)) {
        return Error{what + " has program headers of " + byte_size(elf.header.e_phentsize) +
                     "; 56 expected"};
    }
    if (!holds(file, elf.header.e_phoff, u64{elf.header.e_phnum} * sizeof(Elf64_Phdr))) {
        return Error{what + " is truncated: its program headers lie beyond the end of the file"};
    }
    for (u64 i = 0; i < elf.header.e_phnum; ++i) {
        const auto segment = load_at<Elf64_Phdr>(file, elf.header.e_phoff + i * sizeof(Elf64_Phdr));
        if (segment.p_type == PT_LOAD && !holds(file, segment.p_offset, segment.p_filesz)) {
            return Error{what + " is truncated: segment " + std::to_string(i) +
                         " ends beyond the end of the file"};
        }
        if (segment.p_type == PT_LOAD && segment.p_filesz > segment.p_memsz) {
            return Error{what + " is damaged: segment " + std::to_string(i) +
                         " has more bytes in the file than in memory"};
        }
        elf.segments.push_back(segment);
    }
    return elf;
}

// The dynamic linker that the file asks for.
std::optional<std::string> interpreter(const Elf& elf) {
    for (const Elf64_Phdr& segment : elf.segments) {
        if (segment.p_type != PT_INTERP) {
            continue;
        }
        std::string path;
        if (holds(elf.file, segment.p_offset, segment.p_filesz)) {
            for (u64 i = 0; i < segment.p_filesz; ++i) {
                const char c = static_cast<char>(elf.file[segment.p_offset + i]);
                if (c < ' ' || c > '~') {
                    break;
                }
                path += c;
            }
        }
        return path;
    }
    return std::nullopt;
}

std::vector<Elf64_Phdr> loadable(const Elf& elf) {
    std::vector<Elf64_Phdr> result;
    for (const Elf64_Phdr& segment : elf.segments) {
        if (segment.p_type == PT_LOAD && segment.p_memsz != 0) {
            result.push_back(segment);
        }
    }
    std::sort(result.begin(), result.end(),
              [](const auto& a, const auto& b) { return a.p_paddr < b.p_paddr; });
    return result;
}

bool in_ram(u64 address, u64 ram_bytes) {
    return address >= kRamBase && address - kRamBase < ram_bytes;
}

// What is added to every p_paddr: nothing, but for a position-independent image
// whose addresses are elsewhere, which keeps its place within 2 MiB.
u64 displacement(const Elf& elf, u64 lowest, u64 ram_bytes) {
    if (elf.header.e_type != ET_DYN || in_ram(lowest, ram_bytes)) {
        return 0;
    }
    return kRamBase + kBlock + lowest % kBlock - lowest;
}

// The entry point is a virtual address where segments have one.
std::optional<u64> physical_entry(const Elf& elf, const std::vector<Elf64_Phdr>& segments) {
    for (const Elf64_Phdr& segment : segments) {
        if (elf.header.e_entry - segment.p_vaddr < segment.p_memsz) {
            return elf.header.e_entry - segment.p_vaddr + segment.p_paddr;
        }
    }
    for (const Elf64_Phdr& segment : segments) {
        if (elf.header.e_entry - segment.p_paddr < segment.p_memsz) {
            return elf.header.e_entry;
        }
    }
    return std::nullopt;
}

Result<Segment> place(const std::string& what, const Elf& elf, const Elf64_Phdr& segment,
                      u64 address, u64 ram_bytes) {
    if (!in_ram(address, ram_bytes)) {
        return Error{what + " wants " + hex(address) + ", which is not RAM (" + hex(kRamBase) +
                     " to " + hex(kRamBase + ram_bytes) + ")"};
    }
    if (segment.p_memsz > ram_bytes - (address - kRamBase)) {
        return Error{what + " is too large for RAM: " + grouped(segment.p_memsz) + " bytes at " +
                     hex(address) + ", RAM ends at " + hex(kRamBase + ram_bytes)};
    }
    const auto bytes = elf.file.subspan(segment.p_offset, segment.p_filesz);
    return Segment{address, {bytes.begin(), bytes.end()}, segment.p_memsz};
}

} // namespace

Result<KernelImage> load_elf_kernel(const std::string& name, std::span<const u8> file,
                                    u64 ram_bytes) {
    const std::string what = name + ": kernel image";
    const Result<Elf> elf = parse(what, file);
    if (!elf) {
        return elf.error();
    }
    if (elf->header.e_type != ET_EXEC && elf->header.e_type != ET_DYN) {
        return Error{what + " is an object file or a core dump, not linked to run"};
    }
    if (const auto linker = interpreter(*elf)) {
        return Error{what + " is a dynamic program that wants " + *linker + ", not a kernel"};
    }
    const std::vector<Elf64_Phdr> segments = loadable(*elf);
    if (segments.empty()) {
        return Error{what + " has nothing to load"};
    }
    const u64 moved = displacement(*elf, segments.front().p_paddr, ram_bytes);
    KernelImage image;
    image.format = ImageFormat::Elf64;
    for (const Elf64_Phdr& segment : segments) {
        const u64 address = segment.p_paddr + moved;
        if (!image.segments.empty() && address < image.end()) {
            return Error{what + " is damaged: two segments overlap at " + hex(address)};
        }
        Result<Segment> placed = place(what, *elf, segment, address, ram_bytes);
        if (!placed) {
            return placed.error();
        }
        image.segments.push_back(std::move(*placed));
    }
    const auto entry = physical_entry(*elf, segments);
    if (!entry) {
        return Error{what + " starts at " + hex(elf->header.e_entry) +
                     ", which none of its segments holds"};
    }
    image.entry = *entry + moved;
    return image;
}

Result<void> check_program(const std::string& name, std::span<const u8> file) {
    const std::string what = name + ": program";
    const Result<Elf> elf = parse(what, file);
    if (!elf) {
        return elf.error();
    }
    if (const auto linker = interpreter(*elf)) {
        return Error{what + " is dynamic (it wants " + *linker +
                     "); link it with -static, or compile it by build/guest-cc"};
    }
    if (elf->header.e_type == ET_DYN) {
        return Error{what + " is a shared library or position-independent; link it with -static " +
                     "-no-pie, or compile it by build/guest-cc"};
    }
    if (elf->header.e_type != ET_EXEC) {
        return Error{what + " is an object file or a core dump, not a linked program"};
    }
    if (loadable(*elf).empty()) {
        return Error{what + " has nothing to load"};
    }
    return {};
}

} // namespace forkscope
