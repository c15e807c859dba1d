#include "host/host.hpp"

#include "sys/kmem.hpp"
#include "sys/pool.hpp"

#include <catch2/catch_test_macros.hpp>

#include <set>

TEST_CASE("pool: items are distinct, aligned and come back", "[guestos][kern]") {
    host::Kernel kernel;
    pool pp;
    pool_init(&pp, 100, 32, "test", IPL_NONE);
    std::set<void*> items;
    for (int i = 0; i < 200; ++i) {
        void* item = pool_get(&pp, PR_WAITOK);
        CHECK(reinterpret_cast<uintptr_t>(item) % 32 == 0);
        CHECK(items.insert(item).second);
        memset(item, 0xff, 100);
    }
    CHECK(pp.pr_nout == 200);
    for (void* item : items) {
        pool_put(&pp, item);
    }
    CHECK(pp.pr_npages == 7); // 31 items a page
    CHECK(pool_reclaim(&pp) == 7);
    CHECK(pp.pr_npages == 0);
    pool_destroy(&pp);
}

TEST_CASE("pool_cache: objects keep their constructed state", "[guestos][kern]") {
    host::Kernel kernel;
    static int made, unmade;
    made = unmade = 0;
    const auto ctor = [](void*, void* obj, PoolFlags) {
        ++made;
        *static_cast<int*>(obj) = 42;
        return EOK;
    };
    const auto dtor = [](void*, void*) { ++unmade; };
    pool_cache pc;
    pool_cache_bootstrap(&pc, sizeof(int) * 4, 0, "ctor", IPL_NONE, ctor, dtor);
    auto* obj = pool_cache_get<int>(&pc, PR_WAITOK);
    CHECK(*obj == 42);
    pool_cache_put(&pc, obj);
    CHECK(pool_cache_get<int>(&pc, PR_WAITOK) == obj);
    CHECK(made == 1);
    pool_cache_put(&pc, obj);
    pool_cache_invalidate(&pc);
    CHECK(unmade == 1);
}

TEST_CASE("pool: an item of another pool is noticed", "[guestos][kern]") {
    host::Kernel kernel;
    pool a, b;
    pool_init(&a, 64, 0, "a", IPL_NONE);
    pool_init(&b, 64, 0, "b", IPL_NONE);
    void* item = pool_get(&a, PR_WAITOK);
    CHECK_THROWS_AS(pool_put(&b, item), host::Panic);
}

TEST_CASE("kmem: every size from 1 to 10000 bytes can be had and given back", "[guestos][kern]") {
    host::Kernel kernel;
    const u64 before = kernel.frames_used();
    for (size_t size = 1; size <= 10000; size += 37) {
        auto* p = static_cast<u8*>(kmem_zalloc(size, KM_SLEEP));
        CHECK(p[0] == 0);
        CHECK(p[size - 1] == 0);
        memset(p, 0xff, size);
        kmem_free(p, size);
    }
    CHECK(kernel.frames_used() == before);
}
