// Map entries: making, finding, splitting. The entries of a map stand in a list
// in order of address and in a search tree: a treap, whose shape follows from
// priorities that come from a fixed sequence, so that equal runs stay equal.

#include "sys/pool.hpp"
#include "sys/systm.hpp"
#include "uvm/uvm_map.hpp"

namespace {

pool_cache uvm_map_entry_cache;
u64 nentries;

// xorshift32; Marsaglia, Xorshift RNGs, 2003.
u32 next_priority(vm_map* map) {
    u32 x = map->seed;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    return map->seed = x;
}

// Divides the tree `t` into what lies below `key` and the rest.
void tree_split(vm_map_entry* t, vaddr_t key, vm_map_entry** below, vm_map_entry** rest) {
    while (t != nullptr) {
        if (t->start < key) {
            *below = t;
            below = &t->right;
            t = t->right;
        } else {
            *rest = t;
            rest = &t->left;
            t = t->left;
        }
    }
    *below = nullptr;
    *rest = nullptr;
}

// Joins two trees, all of `a` below all of `b`.
vm_map_entry* tree_join(vm_map_entry* a, vm_map_entry* b) {
    vm_map_entry* joined = nullptr;
    vm_map_entry** link = &joined;
    while (a != nullptr && b != nullptr) {
        if (a->priority > b->priority) {
            *link = a;
            link = &a->right;
            a = a->right;
        } else {
            *link = b;
            link = &b->left;
            b = b->left;
        }
    }
    *link = a != nullptr ? a : b;
    return joined;
}

// The pointer in the tree that leads to the place of `key`, where a subtree of
// lower priority than `priority` begins, or an entry that starts at `key`.
vm_map_entry** tree_place(vm_map* map, vaddr_t key, u32 priority) {
    vm_map_entry** link = &map->root;
    while (*link != nullptr && (*link)->priority >= priority && (*link)->start != key) {
        link = key < (*link)->start ? &(*link)->left : &(*link)->right;
    }
    return link;
}

} // namespace

void uvm_map_init() {
    pool_cache_bootstrap(&uvm_map_entry_cache, sizeof(vm_map_entry), 8, "vmmpepl", IPL_NONE);
    uvm_space_init();
}

vm_map_entry* uvm_mapent_alloc() {
    ++nentries;
    return pool_cache_get<vm_map_entry>(&uvm_map_entry_cache, PR_WAITOK | PR_ZERO);
}

vm_map_entry* uvm_mapent_clone(const vm_map_entry* entry) {
    ++nentries;
    auto* copy = pool_cache_get<vm_map_entry>(&uvm_map_entry_cache, PR_WAITOK);
    *copy = *entry;
    return copy;
}

void uvm_mapent_free(vm_map_entry* entry) {
    --nentries;
    pool_cache_put(&uvm_map_entry_cache, entry);
}

u64 uvm_mapent_count() {
    return nentries;
}

// => `after_where` is the entry before it in the list, nullptr: it is the first
void uvm_map_entry_link(vm_map* map, vm_map_entry* after_where, vm_map_entry* entry) {
    if (after_where == nullptr) {
        map->entries.insert_head(entry);
    } else {
        map->entries.insert_after(after_where, entry);
    }
    entry->priority = next_priority(map);
    vm_map_entry** link = tree_place(map, entry->start, entry->priority);
    vm_map_entry* subtree = *link;
    *link = entry;
    tree_split(subtree, entry->start, &entry->left, &entry->right);
    ++map->nentries;
    map->size += entry->end - entry->start;
    ++map->timestamp;
}

void uvm_map_entry_unlink(vm_map* map, vm_map_entry* entry) {
    if (map->hint == entry) {
        map->hint = nullptr;
    }
    map->entries.remove(entry);
    vm_map_entry** link = tree_place(map, entry->start, 0);
    KASSERT(*link == entry);
    *link = tree_join(entry->left, entry->right);
    --map->nentries;
    map->size -= entry->end - entry->start;
    ++map->timestamp;
}

bool uvm_map_lookup_entry(vm_map* map, vaddr_t va, vm_map_entry** entry) {
    vm_map_entry* hint = map->hint;
    if (hint != nullptr && va >= hint->start && va < hint->end) {
        *entry = hint;
        return true;
    }
    vm_map_entry* before = nullptr;
    for (vm_map_entry* e = map->root; e != nullptr;) {
        if (va < e->start) {
            e = e->left;
        } else {
            before = e;
            if (va < e->end) {
                break;
            }
            e = e->right;
        }
    }
    *entry = before;
    if (before == nullptr || va >= before->end) {
        return false;
    }
    map->hint = before;
    return true;
}

// Gives `upper`, a copy of `lower`, its own references and its place from
// `below` bytes on.
static void split_references(vm_map_entry* lower, vm_map_entry* upper, vsize_t below) {
    if (upper->uobj != nullptr) {
        upper->offset += static_cast<voff_t>(below);
        upper->uobj->pgops->pgo_reference(upper->uobj);
    }
    if (upper->aref.ar_amap != nullptr) {
        amap_splitref(&lower->aref, &upper->aref, below);
    }
}

void uvm_map_clip_end(vm_map* map, vm_map_entry* entry, vaddr_t end) {
    if (end >= entry->end) {
        return;
    }
    KASSERT(end > entry->start);
    vm_map_entry* upper = uvm_mapent_clone(entry);
    split_references(entry, upper, end - entry->start);
    map->size -= entry->end - end; // comes back with the link
    upper->start = end;
    entry->end = end;
    uvm_map_entry_link(map, entry, upper);
}

// The entry stays the upper part: who works through a range goes on with it.
// Its place in the tree is right as before, since nothing lies between.
void uvm_map_clip_start(vm_map* map, vm_map_entry* entry, vaddr_t start) {
    if (start <= entry->start) {
        return;
    }
    KASSERT(start < entry->end);
    vm_map_entry* lower = uvm_mapent_clone(entry);
    split_references(lower, entry, start - entry->start);
    map->size -= start - entry->start;
    lower->end = start;
    entry->start = start;
    uvm_map_entry_link(map, map->entries.prev(entry), lower);
}
