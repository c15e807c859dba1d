// Kernel memory by size: kmem(9). kern/subr_kmem.cpp
#pragma once

#include "sys/types.hpp"

enum KmemFlags : unsigned {
    KM_SLEEP = 1,   // may sleep until there is memory: never returns null
    KM_NOSLEEP = 2, // null if there is no memory
};

// => not from interrupts
// => the size given to kmem_free is the size asked for
[[nodiscard]] void* kmem_alloc(size_t size, KmemFlags flags);
[[nodiscard]] void* kmem_zalloc(size_t size, KmemFlags flags);
void kmem_free(void* p, size_t size);

// A copy of a string; `*size` (may be null) gets what kmem_free needs.
[[nodiscard]] char* kmem_strdupsize(const char* s, size_t* size, KmemFlags flags);
void kmem_strfree(char* s);

// Larger blocks are whole pages.
inline constexpr size_t KMEM_MAXPOOLED = 2016;
void kmem_init();
extern u64 kmem_blocks; // in use

// Typed shorthands: zeroed memory for `n` objects without constructors.
template <typename T> [[nodiscard]] T* kmem_new(KmemFlags flags, size_t n = 1) {
    return static_cast<T*>(kmem_zalloc(n * sizeof(T), flags));
}
template <typename T> void kmem_delete(T* p, size_t n = 1) {
    kmem_free(p, n * sizeof(T));
}
