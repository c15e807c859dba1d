#include "cli/verify_command.hpp"

#include "cli/bundle.hpp"
#include "cli/timing_setup.hpp"
#include "verify/mca.hpp"
#include "verify/qemu_cache.hpp"

#include <algorithm>
#include <cstdio>
#include <vector>

namespace forkscope {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kMostShown = 10; // blocks that differ, by name

// What a comparison came to; false if a goal is missed.
using Outcome = Result<bool>;

// --- The pipeline against llvm-mca

struct BlockSet {
    std::string name;
    std::vector<verify::McaBlock> blocks;
};

// Blocks made up, of the kernel and of the guest's programs.
Result<std::vector<BlockSet>> block_sets(const VerifyOptions& options) {
    std::vector<BlockSet> sets;
    sets.push_back({"generated", verify::generated_blocks(options.generated, 1)});
    const fs::path guest = bundle_folder();
    auto kernel = verify::compiled_blocks(guest / "guestos.elf", options.compiled);
    if (!kernel) {
        return kernel.error();
    }
    sets.push_back({"guestos.elf", std::move(*kernel)});
    for (const char* program : {"sh", "selftest", "bench-compute"}) {
        auto blocks = verify::compiled_blocks(guest / "programs" / program, options.compiled / 2);
        if (!blocks) {
            return blocks.error();
        }
        sets.push_back({program, std::move(*blocks)});
    }
    return sets;
}

double worst(const verify::McaComparison& comparison) {
    double most = 0;
    for (const verify::McaRow& row : comparison.rows) {
        const double off = static_cast<double>(row.ours) / static_cast<double>(row.mca) - 1;
        most = std::max(most, off < 0 ? -off : off);
    }
    return most;
}

void print_differing(const verify::McaComparison& comparison) {
    std::size_t shown = 0;
    for (const verify::McaRow& row : comparison.rows) {
        const u64 difference = std::max(row.mca, row.ours) - std::min(row.mca, row.ours);
        if (difference * 10 > row.mca && shown++ < kMostShown) {
            std::printf("    %s: %.2f cycles an iteration, llvm-mca %.2f\n",
                        row.block->origin.c_str(),
                        static_cast<double>(row.ours) / verify::kMcaIterations,
                        static_cast<double>(row.mca) / verify::kMcaIterations);
        }
    }
}

// Goal: 90 % equal, none off by more than 10 %.
Outcome compare_pipeline(const VerifyOptions& options) {
    const auto model = timing::read_timing_model(timing_models() / "mca-compat.json");
    if (!model) {
        return model.error();
    }
    const auto sets = block_sets(options);
    if (!sets) {
        return sets.error();
    }
    std::printf("Pipeline: mca-compat.json against llvm-mca -mcpu=cortex-a55, %u iterations\n\n"
                "  %-16s %8s %8s %8s %12s %8s\n",
                verify::kMcaIterations, "blocks from", "blocks", "equal", "equal, %", "within 10 %",
                "worst");
    bool good = true;
    std::string judge;
    for (const BlockSet& set : *sets) {
        const auto comparison = verify::compare_with_mca(set.blocks, model->pipeline);
        if (!comparison) {
            return comparison.error();
        }
        judge = comparison->judge;
        const std::size_t all = comparison->rows.size();
        std::printf("  %-16s %8zu %8zu %8.1f %12zu %7.1f%%\n", set.name.c_str(), all,
                    comparison->equal(),
                    100 * static_cast<double>(comparison->equal()) / static_cast<double>(all),
                    comparison->within_tenth(), 100 * worst(*comparison));
        print_differing(*comparison);
        good = good && comparison->equal() * 10 >= all * 9 && comparison->within_tenth() == all;
    }
    std::printf("\n  judge: %s; goal: 90 %% equal, none off by more than 10 %%: %s\n\n",
                judge.c_str(), good ? "met" : "MISSED");
    return good;
}

// --- The data cache against QEMU's plugin

constexpr verify::CacheShape kShapes[] = {
    {32768, 4, 64}, {32768, 8, 64}, {16384, 2, 64}, {4096, 1, 64}, {65536, 16, 64}, {8192, 4, 32},
};

// Goal: accesses and misses are equal.
Outcome compare_cache() {
    const auto model = timing::read_timing_model(timing_models() / "cortex-a55.json");
    if (!model) {
        return model.error();
    }
    const fs::path folder = bundle_folder().parent_path() / "verify";
    const fs::path image = folder / "cache-workload.elf";
    const auto plugin = verify::cache_plugin(plugin_script(), folder);
    if (!plugin) {
        return plugin.error();
    }
    std::printf("Data cache: L1D, LRU, against QEMU's contrib/plugins/cache.c on %s\n\n"
                "  %8s %5s %5s %12s %12s %12s %12s\n",
                image.filename().c_str(), "size", "ways", "line", "accesses", "QEMU's", "misses",
                "QEMU's");
    bool good = true;
    for (const verify::CacheShape& shape : kShapes) {
        const auto ours = verify::our_data_cache(image, *model, shape);
        if (!ours) {
            return ours.error();
        }
        const auto theirs = verify::qemu_data_cache(image, *plugin, shape);
        if (!theirs) {
            return theirs.error();
        }
        std::printf("  %8llu %5u %5u %12llu %12llu %12llu %12llu\n",
                    static_cast<unsigned long long>(shape.size), shape.ways, shape.line,
                    static_cast<unsigned long long>(ours->accesses),
                    static_cast<unsigned long long>(theirs->accesses),
                    static_cast<unsigned long long>(ours->misses),
                    static_cast<unsigned long long>(theirs->misses));
        good = good && *ours == *theirs && ours->accesses != 0;
    }
    std::printf("\n  goal: equal: %s\n\n", good ? "met" : "MISSED");
    return good;
}

} // namespace

Result<ExitStatus> verify_command(const VerifyOptions& options) {
    const Outcome pipeline = compare_pipeline(options);
    if (!pipeline) {
        return pipeline.error();
    }
    const Outcome cache = compare_cache();
    if (!cache) {
        return cache.error();
    }
    std::printf("The timing is cycle-level, validated by parts, not cycle-accurate:\n"
                "docs/accuracy.md tells what was compared and what was not.\n");
    return *pipeline && *cache ? ExitStatus::Success : ExitStatus::GuestFailure;
}

} // namespace forkscope
