#include "bare.hpp"

namespace bare {

void put(char c) {
    write32(kUart, static_cast<u8>(c));
}

void print(const char* text) {
    while (*text != '\0') {
        put(*text++);
    }
}

void print_hex(u64 value) {
    unsigned shift = 60;
    while (shift > 0 && (value >> shift) == 0) {
        shift -= 4;
    }
    for (;; shift -= 4) {
        put("0123456789abcdef"[value >> shift & 0xf]);
        if (shift == 0) {
            return;
        }
    }
}

void line(const char* name, u64 value) {
    print(name);
    put(' ');
    print_hex(value);
    put('\n');
}

void line(const char* name, u64 index, u64 value) {
    print(name);
    put(' ');
    print_hex(index);
    put(' ');
    print_hex(value);
    put('\n');
}

void section(const char* name) {
    print("== ");
    print(name);
    put('\n');
}

} // namespace bare
