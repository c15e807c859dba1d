// Services that every part of the kernel uses: printing, panic, assertions,
// memory and strings, copying from and to user space, boot parameters.
#pragma once

#include "sys/cdefs.hpp"
#include "sys/types.hpp"

#include <source_location>
#include <stdarg.h>

struct lwp;
struct vmspace;

// --- console output: subr_prf.cpp ------------------------------------------
// Formats: %d %i %u %x %X %o %c %s %p %% with flags - + 0 # space, width,
// precision and the sizes hh h l ll z t j.

// Writes to the console and into the message buffer.
[[gnu::format(printf, 1, 2)]] void kprintf(const char* fmt, ...);
void kvprintf(const char* fmt, va_list ap);
// At most `size` bytes with the NUL; returns the length it would have had.
[[gnu::format(printf, 3, 4)]] int ksnprintf(char* buf, size_t size, const char* fmt, ...);
int kvsnprintf(char* buf, size_t size, const char* fmt, va_list ap);

// Prints `panic: ...`, registers and a backtrace, fires the Panic probe and
// turns the machine off. Only for corruption.
[[noreturn, gnu::format(printf, 1, 2)]] void panic(const char* fmt, ...);
[[noreturn]] void vpanic(const char* fmt, va_list ap);
extern const char* panicstr; // not null once a panic has begun

// --- assertions ------------------------------------------------------------
[[noreturn, gnu::cold]] void kern_assert_failed(const std::source_location& where);

// Panics with the place if the condition does not hold.
[[gnu::always_inline]] inline void
KASSERT(bool condition, const std::source_location& where = std::source_location::current()) {
    if (predict_false(!condition)) {
        kern_assert_failed(where);
    }
}

// --- user space: copyin.S, copy.cpp; copy(9) -------------------------------
// => all of them may sleep: the user's page may have to be made first
// => EFAULT if any byte is outside user space or not accessible
Errno copyin(const void* uaddr, void* kaddr, size_t len);
Errno copyout(const void* kaddr, void* uaddr, size_t len);
// Copy a string with its NUL, at most `len` bytes; `*done` (may be null) gets
// the number copied, NUL included. ENAMETOOLONG if there was no NUL.
Errno copyinstr(const void* uaddr, void* kaddr, size_t len, size_t* done);
Errno copyoutstr(const void* kaddr, void* uaddr, size_t len, size_t* done);

template <typename T> [[nodiscard]] Errno copyin(const void* uaddr, T& value) {
    return copyin(uaddr, &value, sizeof(T));
}
template <typename T> [[nodiscard]] Errno copyout(const T& value, void* uaddr) {
    return copyout(&value, uaddr, sizeof(T));
}

// --- memory and strings: lib/string.cpp ------------------------------------
extern "C" {
void* memcpy(void* __restrict dst, const void* __restrict src, size_t n) noexcept;
void* memmove(void* dst, const void* src, size_t n) noexcept;
void* memset(void* dst, int c, size_t n) noexcept;
int memcmp(const void* a, const void* b, size_t n) noexcept;
size_t strlen(const char* s) noexcept;
int strcmp(const char* a, const char* b) noexcept;
int strncmp(const char* a, const char* b, size_t n) noexcept;
}
// As strnlen(3), strlcpy(3), strchr(3); under names that hosts do not have.
size_t kstrnlen(const char* s, size_t n);
size_t kstrlcpy(char* dst, const char* src, size_t size);
const char* kstrchr(const char* s, int c);

// --- boot parameters: init_main.cpp, arch/aarch64/machdep.cpp --------------
struct bootinfo {
    const char* bi_bootargs; // the command line, NUL-terminated
    const u8* bi_initrd;     // where the initial RAM disk lies; stays there
    size_t bi_initrd_size;   // bytes, 0 if there is none
    psize_t bi_memsize;      // RAM, bytes
    char bi_model[32];       // the device tree's compatible of the root
};
extern bootinfo boot;

// Is the word on the command line? With `value`, also `word=...`: `*value`
// then points into the command line, ended by a space or the NUL.
bool boot_option(const char* word, const char** value = nullptr);

// The last act: power off, restart or wait for ever. cpu_reboot(9)
enum class RebootHow { PowerOff, Restart, Halt };
[[noreturn]] void cpu_reboot(RebootHow how);
void cpu_backtrace(); // prints the callers of the caller

extern bool cold; // true until configuration is over: nothing may sleep
