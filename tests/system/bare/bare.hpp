// What the freestanding test images share: printing on the UART, register
// access, exceptions. An image defines bare_main and bare_on_exception. Both
// forkscope and QEMU's virt machine run them; what they print is compared.
#pragma once

#include <stdint.h>

using u8 = uint8_t;
using u32 = uint32_t;
using u64 = uint64_t;

namespace bare {

// The interrupted registers, as start.S lays them out.
struct Frame {
    u64 x[31];
    u64 elr;
    u64 spsr;
    u64 sp_el0;
    u64 reserved[2];
};
static_assert(sizeof(Frame) == 288);

inline constexpr u64 kUart = 0x0900'0000;

inline u32 read32(u64 address) {
    return *reinterpret_cast<volatile u32*>(address);
}
inline void write32(u64 address, u32 value) {
    *reinterpret_cast<volatile u32*>(address) = value;
}
inline u8 read8(u64 address) {
    return *reinterpret_cast<volatile u8*>(address);
}
inline void write8(u64 address, u8 value) {
    *reinterpret_cast<volatile u8*>(address) = value;
}

void put(char c);
void print(const char* text);
void print_hex(u64 value); // without 0x and leading zeros

// One line: "name value".
void line(const char* name, u64 value);
// One line: "name index value".
void line(const char* name, u64 index, u64 value);
// A heading.
void section(const char* name);

} // namespace bare

// System register access: MRS and MSR need the name at compile time.
#define BARE_READ(name)                                                                            \
    ({                                                                                             \
        u64 bare_value;                                                                            \
        asm volatile("mrs %0, " #name : "=r"(bare_value)::"memory");                               \
        bare_value;                                                                                \
    })
#define BARE_WRITE(name, value) asm volatile("msr " #name ", %0\n isb" ::"r"(u64{value}) : "memory")

extern "C" {
// The image's own.
void bare_main();
// `vector` is the table's entry: 0 to 15, in the architecture's order.
void bare_on_exception(bare::Frame& frame, u64 vector);

[[noreturn]] void bare_power_off();
}
