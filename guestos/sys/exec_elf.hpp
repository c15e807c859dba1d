// ELF-64 for AArch64, as far as static programs need it. Checks only: knows
// nothing of maps or vnodes, so that tests can drive it. kern/exec_elf64.cpp
#pragma once

#include "sys/types.hpp"
#include "uvm/uvm_prot.hpp"

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
