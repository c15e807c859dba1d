// Access to device registers of 32 bits.
#pragma once

#include "sys/types.hpp"

// A block of registers at a virtual address; offsets in bytes.
struct mmio {
    vaddr_t base = 0;

    template <typename Register> [[nodiscard]] u32 read(Register reg) const {
        return *at(static_cast<u32>(reg));
    }
    template <typename Register> void write(Register reg, u32 value) const {
        *at(static_cast<u32>(reg)) = value;
    }

private:
    [[nodiscard]] volatile u32* at(u32 offset) const {
        return reinterpret_cast<volatile u32*>(base + offset);
    }
};
