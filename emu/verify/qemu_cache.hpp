// Holds the data cache against QEMU's contrib/plugins/cache.c: the same image,
// the same geometry and LRU, accesses and misses side by side.
#pragma once

#include "base/result.hpp"
#include "timing/timing_model.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace forkscope::verify {

struct CacheCount {
    u64 accesses = 0;
    u64 misses = 0;
    bool operator==(const CacheCount&) const = default;
};

// A data cache to compare, replacement LRU.
struct CacheShape {
    u64 size;
    u32 ways;
    u32 line;
};

// Runs the bare-metal image on our machine, with `model` but for its L1D.
Result<CacheCount> our_data_cache(const std::filesystem::path& image, timing::TimingModel model,
                                  const CacheShape& shape);

// Runs it under qemu-system-aarch64 (from PATH) with the plugin at `plugin`.
Result<CacheCount> qemu_data_cache(const std::filesystem::path& image,
                                   const std::filesystem::path& plugin, const CacheShape& shape);

// Where the plugin is, in `folder`; built there first if it is not, from the
// source package of Debian's QEMU, by `script`.
Result<std::filesystem::path> cache_plugin(const std::filesystem::path& script,
                                           const std::filesystem::path& folder);

} // namespace forkscope::verify
