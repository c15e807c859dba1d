// Kernel memory by size: a cache for each of a row of sizes, and whole pages
// for what is larger.

#include "sys/kmem.hpp"

#include "sys/inject.hpp"
#include "sys/pool.hpp"
#include "sys/systm.hpp"
#include "uvm/uvm_extern.hpp"

u64 kmem_blocks;

namespace {

// Each size wastes little of a page: 4032 bytes are left beside the header.
constexpr u16 kSizes[] = {16,  32,  48,  64,  80,  96,  112, 128,  160,  192, 224,
                          256, 320, 384, 448, 576, 672, 800, 1008, 1344, 2016};
constexpr size_t kQuantum = 16;

pool_cache caches[__arraycount(kSizes)];
char names[__arraycount(kSizes)][12];
u8 class_of[KMEM_MAXPOOLED / kQuantum + 1]; // by size in quanta, rounded up

pool_cache_t cache_for(size_t size) {
    return &caches[class_of[(size + kQuantum - 1) / kQuantum]];
}

void* alloc_pages(size_t size, KmemFlags flags, bool zero) {
    const bool can_sleep = flags == KM_SLEEP;
    if (size > PAGE_SIZE) {
        return reinterpret_cast<void*>(uvm_km_alloc(round_page(size), 0, zero, can_sleep));
    }
    for (;;) {
        void* p = uvm_kpage_alloc(zero ? UVM_PGA_USERESERVE | UVM_PGA_ZERO : UVM_PGA_USERESERVE);
        if (p != nullptr || !can_sleep) {
            return p;
        }
        uvm_wait("kmem");
    }
}

PoolFlags pool_flags(KmemFlags flags) {
    return flags == KM_SLEEP ? PR_WAITOK : PR_NOWAIT;
}

} // namespace

void kmem_init() {
    unsigned quantum = 0;
    for (unsigned i = 0; i < __arraycount(kSizes); ++i) {
        ksnprintf(names[i], sizeof(names[i]), "kmem-%u", kSizes[i]);
        pool_cache_bootstrap(&caches[i], kSizes[i], 16, names[i], IPL_NONE);
        for (; quantum * kQuantum <= kSizes[i]; ++quantum) {
            class_of[quantum] = static_cast<u8>(i);
        }
    }
}

namespace {

void* alloc(size_t size, KmemFlags flags, bool zero) {
    KASSERT(size > 0);
    if (inject(Inject::Kmem)) {
        if (flags != KM_SLEEP) {
            return nullptr;
        }
        uvm_wait("kmem");
    }
    void* p = size <= KMEM_MAXPOOLED ? pool_cache_get(cache_for(size), pool_flags(flags))
                                     : alloc_pages(size, flags, zero);
    kmem_blocks += p != nullptr;
    return p;
}

} // namespace

void* kmem_alloc(size_t size, KmemFlags flags) {
    return alloc(size, flags, false);
}

void* kmem_zalloc(size_t size, KmemFlags flags) {
    void* p = alloc(size, flags, true);
    if (p != nullptr && size <= KMEM_MAXPOOLED) {
        memset(p, 0, size);
    }
    return p;
}

void kmem_free(void* p, size_t size) {
    KASSERT(p != nullptr && size > 0);
    --kmem_blocks;
    if (size <= KMEM_MAXPOOLED) {
        pool_cache_put(cache_for(size), p);
    } else if (size <= PAGE_SIZE) {
        uvm_kpage_free(p);
    } else {
        uvm_km_free(reinterpret_cast<vaddr_t>(p), round_page(size));
    }
}

char* kmem_strdupsize(const char* s, size_t* size, KmemFlags flags) {
    const size_t len = strlen(s) + 1;
    auto* copy = static_cast<char*>(kmem_alloc(len, flags));
    if (copy != nullptr) {
        memcpy(copy, s, len);
        if (size != nullptr) {
            *size = len;
        }
    }
    return copy;
}

void kmem_strfree(char* s) {
    if (s != nullptr) {
        kmem_free(s, strlen(s) + 1);
    }
}
