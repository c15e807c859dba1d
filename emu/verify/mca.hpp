// Holds the pipeline model against llvm-mca: the same basic blocks, the same
// number of iterations, total cycles side by side.
#pragma once

#include "base/result.hpp"
#include "timing/pipeline.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace forkscope::verify {

struct McaBlock {
    std::string origin; // "generated 17", "guestos.elf 0xffffff8040081234"
    std::vector<u32> words;
};

// Blocks of 3 to 14 instructions drawn from common ones, with few registers so
// that they depend on each other. The same seed gives the same blocks.
std::vector<McaBlock> generated_blocks(unsigned count, u64 seed);

// Basic blocks of 3 to 40 instructions cut from the executable sections of an
// AArch64 ELF file, spread evenly over it, `most` at the most. System
// instructions, calls and exclusives end a block and are left out.
Result<std::vector<McaBlock>> compiled_blocks(const std::filesystem::path& elf, unsigned most);

struct McaRow {
    const McaBlock* block = nullptr;
    u64 mca = 0; // cycles of kMcaIterations iterations
    u64 ours = 0;
};
inline constexpr unsigned kMcaIterations = 100;

struct McaComparison {
    std::string judge; // llvm-mca's version line
    std::vector<McaRow> rows;

    [[nodiscard]] std::size_t equal() const;        // same cycles an iteration
    [[nodiscard]] std::size_t within_tenth() const; // off by 10 % or less
};

// Runs llvm-mca (from PATH) once over all blocks. Errors: it is not installed,
// or it refuses a block.
Result<McaComparison> compare_with_mca(const std::vector<McaBlock>& blocks,
                                       const timing::PipelineModel& model);

} // namespace forkscope::verify
