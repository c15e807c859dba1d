// One level of cache: sets, ways, lines, replacement. It holds no data, only
// which lines are present and dirty; contents always come from RAM.
#pragma once

#include "base/types.hpp"

#include <vector>

namespace forkscope::timing {

enum class Replacement : u8 { Lru, TreePlru, Random };

struct CacheGeometry {
    u64 size = 0;  // bytes: ways * line * a power of two
    u32 ways = 1;  // at most kMaxWays
    u32 line = 64; // bytes, a power of two
    Replacement replacement = Replacement::Lru;
    bool write_allocate = true; // a store that misses brings the line in
    bool write_back = true;     // a store marks the line dirty instead of going on
    u32 latency = 0;            // cycles that a hit here takes beyond the level above

    [[nodiscard]] u64 sets() const { return size / (u64{ways} * line); }
};
inline constexpr u32 kMaxWays = 64;

struct CacheOutcome {
    bool hit = false;
    bool evicted_dirty = false; // `evicted` must be written to the level below
    u64 evicted = 0;            // line number
};

// Physically indexed and tagged. A "line number" is a physical address divided
// by the line size.
class Cache {
public:
    explicit Cache(const CacheGeometry& geometry, u64 seed = 1);

    // Looks the line up, brings it in as the geometry says, and counts.
    CacheOutcome access(u64 line, bool write) {
        if (access_again(line, write)) [[likely]]
            return {.hit = true};
        ++state_.accesses;
        return look_up(line, write);
    }
    // The same if nothing but the count changes by it: the line is the one used
    // last in its set. False: nothing has been done.
    bool access_again(u64 line, bool write) {
        const u64 recent = state_.recent[line & set_mask_];
        if ((recent | static_cast<u64>(!write)) != ((line + 1) << 1 | 1))
            return false;
        ++state_.accesses;
        return true;
    }

    // Writes a line that the level above gave up; counts as no access.
    CacheOutcome write_back(u64 line);

    void invalidate_all();

    [[nodiscard]] u64 line_of(u64 physical) const { return physical >> line_shift_; }
    [[nodiscard]] const CacheGeometry& geometry() const { return geometry_; }

    struct State {
        std::vector<u64> ways;   // (line + 1) << 1 | dirty; 0: empty. Sets in a row.
        std::vector<u64> recent; // by set, the line used last: (line + 1) << 1 | dirty
        std::vector<u64> tree;   // a set's PLRU bits
        u64 random = 1;
        u64 accesses = 0;
        u64 misses = 0;
    };
    [[nodiscard]] const State& state() const { return state_; }

private:
    [[nodiscard]] u64* set_of(u64 line) {
        return state_.ways.data() + (line & set_mask_) * geometry_.ways;
    }
    CacheOutcome look_up(u64 line, bool write);
    void use(u64* way, u32 index);
    void touch(u64* way, u32 index);
    u32 victim(u64* way);
    CacheOutcome fill(u64* way, u64 line, bool dirty);
    [[nodiscard]] u64& tree_of(const u64* way);

    CacheGeometry geometry_;
    u64 set_mask_;
    u32 line_shift_;
    u32 ways_shift_; // of a power of two; PLRU only
    State state_;
};

} // namespace forkscope::timing
