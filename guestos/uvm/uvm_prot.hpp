// Protections, inheritance and advice: the small vocabulary of uvm(9).
#pragma once

#include "sys/flags.hpp"
#include "sys/types.hpp"

enum vm_prot_t : u8 {
    VM_PROT_NONE = 0,
    VM_PROT_READ = 1,
    VM_PROT_WRITE = 2,
    VM_PROT_EXECUTE = 4,
    VM_PROT_ALL = 7,
};
template <> inline constexpr bool is_flags<vm_prot_t> = true;
inline constexpr vm_prot_t VM_PROT_RW = VM_PROT_READ | VM_PROT_WRITE;
inline constexpr vm_prot_t VM_PROT_RX = VM_PROT_READ | VM_PROT_EXECUTE;

// What fork makes of a map entry: minherit(2). Values as MAP_INHERIT_*.
enum vm_inherit_t : u8 {
    VM_INHERIT_SHARE = 0,
    VM_INHERIT_COPY = 1,
    VM_INHERIT_NONE = 2,
    VM_INHERIT_DONATE_COPY = 3, // not supported
    VM_INHERIT_ZERO = 4,
};

// madvise(2). Values as MADV_*.
enum uvm_advice_t : u8 {
    UVM_ADV_NORMAL = 0,
    UVM_ADV_RANDOM = 1,
    UVM_ADV_SEQUENTIAL = 2,
    UVM_ADV_WILLNEED = 3,
};
