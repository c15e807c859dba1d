// Machine-dependent sizes of AArch64 with a 4 KiB granule and 39-bit ranges.
#pragma once

#include "sys/types.hpp"

inline constexpr unsigned PAGE_SHIFT = 12;

// Kernel stack and what lies with it: see uvm_glue.cpp.
inline constexpr vsize_t USPACE = 16 * 1024;       // stack, trap frame and pcb, bytes
inline constexpr vsize_t UAREA_ALIGN = 2 * USPACE; // lower half is the guard

// User space: the range of TTBR0_EL1 with T0SZ = 25.
inline constexpr vaddr_t VM_MIN_ADDRESS = 0x1000;
inline constexpr vaddr_t VM_MAXUSER_ADDRESS = 0x80'0000'0000;
inline constexpr vaddr_t USRSTACK = VM_MAXUSER_ADDRESS;
inline constexpr vsize_t MAXSSIZ = 64 << 20; // most that a stack may grow to, bytes
inline constexpr vsize_t DFLSSIZ = 8 << 20;  // soft limit of the stack, bytes
inline constexpr vsize_t MAXDSIZ = u64{64} << 30;

// Kernel space: the range of TTBR1_EL1 with T1SZ = 25.
//   0xffffff80'00000000  RAM, by blocks: virtual = physical + this (256 GiB)
//   0xffffffc0'00000000  the kernel's image
//   0xffffffd0'00000000  kernel_map: U-areas and large allocations
//   0xffffffe0'00000000  devices
inline constexpr vaddr_t AARCH64_DIRECTMAP_START = 0xffffff80'00000000;
inline constexpr vaddr_t AARCH64_DIRECTMAP_END = 0xffffffc0'00000000;
inline constexpr vaddr_t KERNEL_BASE = 0xffffffc0'00000000;
inline constexpr vaddr_t VM_MIN_KERNEL_ADDRESS = 0xffffffd0'00000000;
inline constexpr vaddr_t VM_MAX_KERNEL_ADDRESS = 0xffffffe0'00000000;
inline constexpr vaddr_t VM_KERNEL_IO_ADDRESS = 0xffffffe0'00000000;
