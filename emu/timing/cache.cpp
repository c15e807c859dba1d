#include "timing/cache.hpp"

#include <algorithm>
#include <bit>

namespace forkscope::timing {

Cache::Cache(const CacheGeometry& geometry, u64 seed)
    : geometry_(geometry), set_mask_(geometry.sets() - 1),
      line_shift_(static_cast<u32>(std::countr_zero(geometry.line))),
      ways_shift_(static_cast<u32>(std::countr_zero(std::bit_ceil(geometry.ways)))) {
    state_.ways.resize(geometry.sets() * geometry.ways);
    state_.recent.resize(geometry.sets());
    if (geometry.replacement == Replacement::TreePlru)
        state_.tree.resize(geometry.sets());
    state_.random = seed | 1;
}

u64& Cache::tree_of(const u64* way) {
    return state_.tree[static_cast<std::size_t>(way - state_.ways.data()) >> ways_shift_];
}

CacheOutcome Cache::look_up(u64 line, bool write) {
    u64* way = set_of(line);
    const bool dirty = write && geometry_.write_back;
    for (u32 i = 0; i < geometry_.ways; ++i) {
        if ((way[i] >> 1) != line + 1)
            continue;
        way[i] |= static_cast<u64>(dirty);
        use(way, i);
        return {.hit = true};
    }
    ++state_.misses;
    if (write && !geometry_.write_allocate)
        return {};
    return fill(way, line, dirty);
}

// Way `index` is the one used last in its set. Where stores mark nothing it counts
// as dirty there: the next one changes nothing either.
void Cache::use(u64* way, u32 index) {
    const u64 line = (way[index] >> 1) - 1;
    state_.recent[line & set_mask_] = way[index] | static_cast<u64>(!geometry_.write_back);
    touch(way, index);
}

CacheOutcome Cache::write_back(u64 line) {
    u64* way = set_of(line);
    for (u32 i = 0; i < geometry_.ways; ++i) {
        if ((way[i] >> 1) == line + 1) {
            way[i] |= 1;
            return {.hit = true};
        }
    }
    return fill(way, line, true);
}

CacheOutcome Cache::fill(u64* way, u64 line, bool dirty) {
    const u32 index = victim(way);
    const u64 old = way[index];
    way[index] = (line + 1) << 1 | static_cast<u64>(dirty);
    use(way, index);
    if (old == 0)
        return {};
    return {.evicted_dirty = (old & 1) != 0, .evicted = (old >> 1) - 1};
}

// Marks way `index` as the most recently used.
void Cache::touch(u64* way, u32 index) {
    if (geometry_.replacement == Replacement::Lru) {
        const u64 used = way[index];
        for (; index > 0; --index)
            way[index] = way[index - 1];
        way[0] = used;
        return;
    }
    if (geometry_.replacement != Replacement::TreePlru)
        return;
    // Nodes are numbered from 1 as in a heap; a set bit says "the victim is right".
    u64& tree = tree_of(way);
    for (u32 node = index + geometry_.ways; node > 1; node >>= 1) {
        const u64 bit = u64{1} << (node >> 1);
        tree = (node & 1) != 0 ? tree & ~bit : tree | bit;
    }
}

u32 Cache::victim(u64* way) {
    if (geometry_.replacement == Replacement::Lru)
        return geometry_.ways - 1;
    for (u32 i = 0; i < geometry_.ways; ++i)
        if (way[i] == 0)
            return i;
    if (geometry_.replacement == Replacement::Random) {
        u64& r = state_.random; // xorshift64: Marsaglia, "Xorshift RNGs", 2003
        r ^= r << 13;
        r ^= r >> 7;
        r ^= r << 17;
        return static_cast<u32>(r % geometry_.ways);
    }
    u32 node = 1;
    const u64 tree = tree_of(way);
    while (node < geometry_.ways)
        node = node << 1 | static_cast<u32>(tree >> node & 1);
    return node - geometry_.ways;
}

void Cache::invalidate_all() {
    std::fill(state_.ways.begin(), state_.ways.end(), 0);
    std::fill(state_.recent.begin(), state_.recent.end(), 0);
    std::fill(state_.tree.begin(), state_.tree.end(), 0);
}

} // namespace forkscope::timing
