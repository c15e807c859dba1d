// String functions beyond those that the compiler itself may call.

#include "sys/param.hpp"
#include "sys/systm.hpp"

size_t kstrnlen(const char* s, size_t n) {
    size_t i = 0;
    while (i < n && s[i] != '\0') {
        ++i;
    }
    return i;
}

size_t kstrlcpy(char* dst, const char* src, size_t size) {
    const size_t len = strlen(src);
    if (size > 0) {
        const size_t n = min(len, size - 1);
        memcpy(dst, src, n);
        dst[n] = '\0';
    }
    return len;
}

const char* kstrchr(const char* s, int c) {
    for (; *s != '\0'; ++s) {
        if (*s == c) {
            return s;
        }
    }
    return c == '\0' ? s : nullptr;
}
