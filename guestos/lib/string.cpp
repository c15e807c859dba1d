// Memory and strings. The kernel's code is made without FP registers, so
// copies go through pairs of general ones.

#include "sys/param.hpp"
#include "sys/systm.hpp"

namespace {

// Eight bytes at any address, as the hardware loads them.
struct [[gnu::packed, gnu::may_alias]] word {
    u64 v;
};

word* at(void* p) {
    return static_cast<word*>(p);
}
const word* at(const void* p) {
    return static_cast<const word*>(p);
}

void copy_forward(u8* d, const u8* s, size_t n) {
    for (; n >= 32; n -= 32, d += 32, s += 32) {
        const u64 a = at(s)->v, b = at(s + 8)->v, c = at(s + 16)->v, e = at(s + 24)->v;
        at(d)->v = a;
        at(d + 8)->v = b;
        at(d + 16)->v = c;
        at(d + 24)->v = e;
    }
    for (; n >= 8; n -= 8, d += 8, s += 8) {
        at(d)->v = at(s)->v;
    }
    for (; n > 0; --n) {
        *d++ = *s++;
    }
}

void copy_backward(u8* d, const u8* s, size_t n) {
    for (; n >= 8; n -= 8) {
        at(d + n - 8)->v = at(s + n - 8)->v;
    }
    for (; n > 0; --n) {
        d[n - 1] = s[n - 1];
    }
}

} // namespace

extern "C" {

void* memcpy(void* __restrict dst, const void* __restrict src, size_t n) noexcept {
    copy_forward(static_cast<u8*>(dst), static_cast<const u8*>(src), n);
    return dst;
}

void* memmove(void* dst, const void* src, size_t n) noexcept {
    u8* d = static_cast<u8*>(dst);
    const u8* s = static_cast<const u8*>(src);
    if (d <= s || d >= s + n) {
        copy_forward(d, s, n);
    } else {
        copy_backward(d, s, n);
    }
    return dst;
}

void* memset(void* dst, int c, size_t n) noexcept {
    u8* d = static_cast<u8*>(dst);
    const u64 pattern = static_cast<u8>(c) * u64{0x0101010101010101};
    for (; n >= 32; n -= 32, d += 32) {
        at(d)->v = pattern;
        at(d + 8)->v = pattern;
        at(d + 16)->v = pattern;
        at(d + 24)->v = pattern;
    }
    for (; n >= 8; n -= 8, d += 8) {
        at(d)->v = pattern;
    }
    for (; n > 0; --n) {
        *d++ = static_cast<u8>(c);
    }
    return dst;
}

int memcmp(const void* a, const void* b, size_t n) noexcept {
    const u8* p = static_cast<const u8*>(a);
    const u8* q = static_cast<const u8*>(b);
    for (; n > 0; --n, ++p, ++q) {
        if (*p != *q) {
            return *p - *q;
        }
    }
    return 0;
}

size_t strlen(const char* s) noexcept {
    size_t n = 0;
    while (s[n] != '\0') {
        ++n;
    }
    return n;
}

int strcmp(const char* a, const char* b) noexcept {
    while (*a != '\0' && *a == *b) {
        ++a;
        ++b;
    }
    return static_cast<u8>(*a) - static_cast<u8>(*b);
}

int strncmp(const char* a, const char* b, size_t n) noexcept {
    for (; n > 0; --n, ++a, ++b) {
        if (*a != *b || *a == '\0') {
            return static_cast<u8>(*a) - static_cast<u8>(*b);
        }
    }
    return 0;
}

} // extern "C"
