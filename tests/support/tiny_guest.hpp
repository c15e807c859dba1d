// Guests of a few instructions, as flat binaries for `--kernel`.
#pragma once

#include "abi/probe.hpp"
#include "base/types.hpp"

#include <string>
#include <string_view>

namespace forkscope::test {

// Adds instructions one after another. x1 is the UART from the start on.
class TinyGuest {
public:
    TinyGuest() { movz(1, 0x0900, 1); } // movz x1, #0x900, lsl #16

    TinyGuest& print(std::string_view text) {
        for (const char c : text) {
            movz(3, static_cast<u8>(c), 0); // movz x3, #c
            store32(3, 1, 0);               // str w3, [x1]
        }
        return *this;
    }

    // Rings the probe device with a record at RAM + 1 MiB that has one argument.
    TinyGuest& probe(abi::ProbeId id, u16 argument) {
        movz(5, 0x4010, 1);                       // movz x5, #0x4010, lsl #16
        movz(6, static_cast<u16>(id), 0);         // movz x6, #id
        store32(6, 5, 0);                         // str w6, [x5]
        movz(6, 1, 0);                            // movz x6, #1
        store32(6, 5, 4);                         // str w6, [x5, #4]
        movz(6, argument, 0);                     // movz x6, #argument
        word(0xf900'0000 | 1 << 10 | 5 << 5 | 6); // str x6, [x5, #8]
        movz(7, 0x0b00, 1);                       // movz x7, #0xb00, lsl #16
        movz(6, 0x4000, 0);                       // movz x6, #0x4000
        word(0xf2a0'0000 | 0x100 << 5 | 6);       // movk x6, #0x100, lsl #16
        store32(6, 7, 8);                         // str w6, [x7, #8]
        return *this;
    }

    // PSCI SYSTEM_OFF. Arm DEN 0022, 5.1.9.
    TinyGuest& power_off() {
        movz(0, 0x0008, 0);               // movz x0, #0x8
        word(0xf2a0'0000 | 0x8400u << 5); // movk x0, #0x8400, lsl #16
        return word(0xd400'0002);         // hvc #0
    }

    TinyGuest& branch() { return word(0x1400'0001); } // b .+4: a block ends here
    TinyGuest& spin() { return word(0x1400'0000); }   // b .
    TinyGuest& wait() { return word(0xd503'207f); }   // wfi

    // Sends back what it receives, and powers off after a Ctrl-D.
    TinyGuest& echo() {
        movz(3, 0x301, 0);                        // movz x3, #0x301
        store32(3, 1, 0x30);                      // str w3, [x1, #0x30]   UARTCR: enable
        word(0xb940'0000 | 6 << 10 | 1 << 5 | 3); // ldr w3, [x1, #0x18]   UARTFR
        word(0x3727'ffe3);                        // tbnz w3, #4, .-4      RXFE
        word(0xb940'0000 | 1 << 5 | 4);           // ldr w4, [x1]
        store32(4, 1, 0);                         // str w4, [x1]
        word(0x7100'109f);                        // cmp w4, #4
        word(0x54ff'ff61);                        // b.ne .-20
        return power_off();
    }

    [[nodiscard]] const std::string& bytes() const { return bytes_; }

private:
    TinyGuest& word(u32 instruction) {
        for (int shift = 0; shift < 32; shift += 8) {
            bytes_ += static_cast<char>(instruction >> shift);
        }
        return *this;
    }
    void movz(u32 rd, u16 value, u32 half) {
        word(0xd280'0000 | half << 21 | u32{value} << 5 | rd);
    }
    void store32(u32 rt, u32 rn, u32 offset) {
        word(0xb900'0000 | offset / 4 << 10 | rn << 5 | rt);
    }

    std::string bytes_;
};

} // namespace forkscope::test
