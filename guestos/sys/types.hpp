// Integer types of the kernel.
#pragma once

#include "abi/errno.hpp"
#include "abi/types.hpp"

#include <stddef.h>
#include <stdint.h>

using u8 = uint8_t;
using u16 = uint16_t;
using u32 = uint32_t;
using u64 = uint64_t;
using i8 = int8_t;
using i16 = int16_t;
using i32 = int32_t;
using i64 = int64_t;
using ssize_t = long;

using vaddr_t = u64;    // virtual address, bytes
using vsize_t = u64;    // extent in virtual memory, bytes
using paddr_t = u64;    // physical address, bytes
using psize_t = u64;    // extent in physical memory, bytes
using voff_t = i64;     // offset in a memory object, bytes
using register_t = i64; // a system call's result; signed as on hosts that have the name

using abi::clockid_t;
using abi::dev_t;
using abi::gid_t;
using abi::id_t;
using abi::ino_t;
using abi::lwpid_t;
using abi::mode_t;
using abi::off_t;
using abi::pid_t;
using abi::time_t;
using abi::uid_t;
