// The leak check. Two moments are compared at which a process has no children:
// everything in the system but the process's own memory must be as it was.
//
// Its own memory may change meanwhile, and so does what follows from it. So an
// amap or anon that only this process refers to is not counted, nor are its
// translation tables and map entries. Contents of files stay in memory after
// they have been read, the process table stays large, kernel tables are never
// given back: they are taken out of the frames.
#include "sys/leakcheck.hpp"

#include "machine/param.hpp"
#include "sys/kmem.hpp"
#include "sys/pool.hpp"
#include "sys/proc.hpp"
#include "sys/sdt.hpp"
#include "sys/systm.hpp"
#include "uvm/uvm_extern.hpp"

namespace {

enum Item : unsigned { Frames, Anons, Amaps, Spaces, Tables, Uareas, Entries, Kmem, Processes };
constexpr unsigned kItems = 9;
constexpr const char* kItemNames[kItems] = {
    "frames",  "anons",       "amaps",         "address spaces", "translation tables",
    "U-areas", "map entries", "kernel blocks", "processes",
};
constexpr unsigned kMaxPools = 64;

struct snapshot {
    i64 item[kItems];
    unsigned npools;
    const pool* which[kMaxPools];
    i64 out[kMaxPools]; // items of the pool in use
    i64 pool_pages;
};
snapshot remembered[2]; // by LeakCheck
bool armed;             // init has one
bool asked, known;      // the boot option, and whether it has been looked for

// Pools whose items stay: places of files' contents, users that have been seen,
// gaps in the kernel's address space.
constexpr const char* kStay[] = {"radixnode", "uidinfo", "kvarange"};
// Pools whose items follow from the items above.
constexpr const char* kFollow[] = {"anonpl", "amappl", "vmmpepl", "pvpl", "mutex"};

template <unsigned N> bool among(const char* const (&names)[N], const pool& pp) {
    for (const char* name : names) {
        if (strcmp(pp.pr_wchan, name) == 0) {
            return true;
        }
    }
    return false;
}

bool counted(const pool& pp) {
    return !among(kStay, pp) && !among(kFollow, pp) && strncmp(pp.pr_wchan, "kmem-", 5) != 0;
}

void take_pools(snapshot& s) {
    s.npools = 0;
    s.pool_pages = 0;
    pool_foreach(
        [](const pool& pp, void* arg) {
            auto& snap = *static_cast<snapshot*>(arg);
            snap.pool_pages += pp.pr_npages;
            if (counted(pp) && snap.npools < kMaxPools) {
                snap.which[snap.npools] = &pp;
                snap.out[snap.npools++] = pp.pr_nout;
            }
        },
        &s);
}

// Takes out what only this process refers to. => its map is locked
void take_out_own(snapshot& s, const vm_map* map) {
    s.item[Entries] -= map->nentries;
    for (const vm_map_entry& entry : map->entries) {
        const vm_amap* amap = entry.aref.ar_amap;
        if (amap == nullptr || amap->am_ref != 1) {
            continue;
        }
        s.item[Amaps]--;
        s.item[Kmem]--; // its arrays
        s.item[Frames] -= static_cast<i64>(amap_array_pages(amap));
        for (u32 i = 0; i < amap->am_nused; i++) {
            s.item[Anons] -= amap->am_anon[amap->am_slots[i]]->an_ref == 1;
        }
    }
}

void take(snapshot& s, proc* p) {
    vm_map* map = &p->p_vmspace->vm_map_;
    const uvm_leak_counts counts = uvm_leak_snapshot();
    const pmap_counts pc = pmap_get_counts();
    take_pools(s);
    s.item[Anons] = static_cast<i64>(counts.anons);
    s.item[Amaps] = static_cast<i64>(counts.amaps);
    s.item[Spaces] = static_cast<i64>(counts.spaces);
    s.item[Tables] = static_cast<i64>(counts.tablepages);
    s.item[Uareas] = static_cast<i64>(counts.uareas);
    s.item[Entries] = static_cast<i64>(counts.map_entries);
    s.item[Kmem] = static_cast<i64>(kmem_blocks);
    s.item[Processes] = nprocs.load();
    s.item[Frames] = static_cast<i64>(counts.frames_used - uvmexp.objpages - pc.kerneltables -
                                      counts.tablepages - counts.anons -
                                      counts.uareas * atop(USPACE) - proc_table_pages()) -
                     s.pool_pages;
    vm_map_lock_read(map);
    take_out_own(s, map);
    vm_map_unlock_read(map);
    s.item[Tables] -= static_cast<i64>(pmap_table_count(map->pmap));
}

// => returns 1 if there is a difference
unsigned tell(const char* name, i64 now, i64 then) {
    if (now == then) {
        return 0;
    }
    kprintf("leak check: %s: %ld before, %ld after\n", name, then, now);
    return 1;
}

i64 out_of(const snapshot& s, const char* name) {
    for (unsigned i = 0; i < s.npools; i++) {
        if (strcmp(s.which[i]->pr_wchan, name) == 0) {
            return s.out[i];
        }
    }
    return 0;
}

struct pool_use {
    i64 pages;
    i64 bytes; // of objects in use
};

bool leakcheck_asked() {
    if (!known) {
        known = true;
        asked = boot_option("leakcheck");
    }
    return asked;
}

} // namespace

void leakcheck_begin(LeakCheck who, proc* p) {
    take(remembered[static_cast<unsigned>(who)], p);
}

unsigned leakcheck_end(LeakCheck who, proc* p) {
    static snapshot now;
    const snapshot& before = remembered[static_cast<unsigned>(who)];
    take(now, p);
    unsigned leaks = 0;
    for (unsigned i = 0; i < kItems; i++) {
        leaks += tell(kItemNames[i], now.item[i], before.item[i]);
    }
    for (unsigned i = 0; i < before.npools; i++) {
        leaks += tell(before.which[i]->pr_wchan, now.out[i], before.out[i]);
    }
    const auto more = [&](Item item) {
        return static_cast<u64>(now.item[item] - before.item[item]);
    };
    sdt_probe(abi::ProbeId::Invariant, more(Frames), more(Anons), more(Amaps), more(Spaces),
              static_cast<u64>(out_of(now, "file") - out_of(before, "file")));
    return leaks;
}

// Init's own translation tables, which it has as it begins and no longer as it
// ends, count as free. How many pages a pool has is a matter of how its objects lie
// in them, so the bytes in use count, but for objects that stay.
void frame_count(unsigned moment) {
    static pool_use at_boot;
    (void)uvm_leak_snapshot(); // empties caches
    pool_use use{};
    pool_foreach(
        [](const pool& pp, void* arg) {
            auto* sum = static_cast<pool_use*>(arg);
            sum->pages += pp.pr_npages;
            sum->bytes += among(kStay, pp) ? 0 : i64{pp.pr_nout} * pp.pr_size;
        },
        &use);
    u64 tables = 0;
    if (moment == 0) {
        at_boot = use;
        tables = pmap_table_count(curlwp->l_proc->p_vmspace->vm_map_.pmap);
    }
    const i64 grown = (use.bytes - at_boot.bytes) / static_cast<i64>(PAGE_SIZE);
    const i64 free = static_cast<i64>(uvmexp.free + uvmexp.objpages + proc_table_pages() +
                                      pmap_get_counts().kerneltables + tables) +
                     use.pages - at_boot.pages - grown;
    sdt_probe(abi::ProbeId::FrameCount, uvmexp.npages, static_cast<u64>(free), moment);
}

void leakcheck_fork(proc* parent) {
    if (predict_false(leakcheck_asked()) && parent == initproc && parent->p_children.empty()) {
        leakcheck_begin(LeakCheck::Init, parent);
        armed = true;
    }
}

void leakcheck_reaped(proc* parent) {
    if (predict_false(armed) && parent == initproc && parent->p_children.empty()) {
        armed = false;
        if (leakcheck_end(LeakCheck::Init, parent) == 0) {
            kprintf("leak check: nothing is left\n");
        }
    }
}
