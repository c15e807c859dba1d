// ELF-64 for AArch64, as far as static programs need it. Checks only: knows
// nothing of maps or vnodes, so that tests can drive it. kern/exec_elf64.cpp
#pragma once

#include "sys/types.hpp"
#include "uvm/uvm_prot.hpp"

// Headers of a file: of a program, or of a core.
struct Elf64_Ehdr {
    u8 e_ident[16];
    u16 e_type;
    u16 e_machine;
    u32 e_version;
    u64 e_entry;
    u64 e_phoff;
    u64 e_shoff;
    u32 e_flags;
    u16 e_ehsize;
    u16 e_phentsize;
    u16 e_phnum;
    u16 e_shentsize;
    u16 e_shnum;
    u16 e_shstrndx;
};
static_assert(sizeof(Elf64_Ehdr) == 64);

struct Elf64_Phdr {
    u32 p_type;
    u32 p_flags;
    u64 p_offset;
    u64 p_vaddr;
    u64 p_paddr;
    u64 p_filesz;
    u64 p_memsz;
    u64 p_align;
};
static_assert(sizeof(Elf64_Phdr) == 56);

inline constexpr u8 kElfIdent[] = {0x7f, 'E', 'L', 'F', 2 /* 64 bits */, 1 /* little endian */, 1};
inline constexpr u16 EM_AARCH64 = 183;
inline constexpr u32 PT_LOAD = 1;
inline constexpr u32 PF_X = 1, PF_W = 2, PF_R = 4;

inline constexpr size_t kExecHeaderSize = 4096; // of a program's first bytes that are looked at
inline constexpr unsigned kExecMaxSegments = 8;

// A part of the program to be mapped.
struct exec_segment {
    vaddr_t start;  // first byte
    vsize_t filesz; // bytes that come from the file
    vsize_t memsz;  // bytes in memory: the rest is zero
    off_t offset;   // of the first byte, in the file; start and offset agree modulo a page
    vm_prot_t prot;
};

struct exec_image {
    exec_segment segments[kExecMaxSegments]; // ascending, no page in two of them
    unsigned nsegments;
    vaddr_t entry;
    vaddr_t phdr; // where the program headers are in memory, 0 if nowhere
    u16 phnum;
};

// => `header` holds the first `len` bytes of a file of `filesize` bytes
// => ENOEXEC: not a static AArch64 program, or damaged
[[nodiscard]] Errno elf64_parse(const u8* header, size_t len, off_t filesize, exec_image* image);

// The interpreter of a script and its one argument (empty if none), from a first
// line "#!interpreter argument". ENOEXEC: not a script, or the line is too long.
struct exec_script {
    char interpreter[256];
    char argument[256];
};
[[nodiscard]] Errno script_parse(const u8* header, size_t len, exec_script* script);
