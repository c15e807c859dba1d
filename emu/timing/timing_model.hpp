// A timing model: everything that cycle timing takes from a JSON file under
// configs/timing/. Latencies are in cycles, sizes in bytes.
#pragma once

#include "base/result.hpp"
#include "timing/branch_predictor.hpp"
#include "timing/cache.hpp"
#include "timing/pipeline.hpp"

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace forkscope::timing {

struct TlbTiming {
    u32 micro_entries = 16; // of each micro-TLB (instruction, data), fully associative
    u32 entries = 1024;     // of the unified TLB
    u32 ways = 4;
    u32 latency = 2;             // a hit in the unified TLB
    u32 walk_cache_entries = 64; // upper-level descriptors kept
    u32 walk_step = 1;           // cycles a level takes beyond its descriptor's read
    u32 invalidate = 8;          // a TLBI
};

struct CostTiming {
    u32 exception_entry = 12;
    u32 exception_return = 8;
    u32 device_access = 40;
    u32 barrier = 4;
    u32 dram = 120;       // a line from memory, beyond L2
    u32 store_buffer = 4; // stores that may be on their way to L2 at once
};

struct TimingModel {
    std::string name; // the file's, for messages and statistics
    PipelineModel pipeline;
    CacheGeometry l1i, l1d, l2;
    TlbTiming tlb;
    BranchModel branch;
    CostTiming costs;
};

// Reads a model file. Errors, one line each:
// `FILE: /json/pointer: expected ..., found ...`.
Result<TimingModel> read_timing_model(const std::filesystem::path& file);

// Applies one cache's settings, from a model file or from a run's config
// (`timing.l1d`), over `geometry`. `where` names file and pointer for messages.
Result<void> apply_cache(const nlohmann::json& json, const std::string& where,
                         CacheGeometry& geometry);

} // namespace forkscope::timing
