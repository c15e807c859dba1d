#include "verify/mca.hpp"

#include "base/scratch.hpp"

#include <capstone/capstone.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <memory>
#include <regex>
#include <sstream>

namespace forkscope::verify {

namespace {

// Assembler text of a word; addresses become `.`, which is the same to timing.
std::string assembly(csh engine, u32 word) {
    cs_insn* insn = nullptr;
    if (cs_disasm(engine, reinterpret_cast<const uint8_t*>(&word), 4, 0, 1, &insn) != 1)
        return {};
    std::string text = std::string(insn->mnemonic) + " " + insn->op_str;
    const bool address = cs_insn_group(engine, insn, ARM64_GRP_JUMP) || insn->id == ARM64_INS_ADR ||
                         insn->id == ARM64_INS_ADRP;
    if (const auto hash = text.rfind('#'); address && hash != std::string::npos)
        text = text.substr(0, hash) + ".";
    cs_free(insn, 1);
    return text;
}

Result<void> write_regions(const std::vector<McaBlock>& blocks, const std::filesystem::path& file) {
    csh engine = 0;
    cs_open(CS_ARCH_ARM64, CS_MODE_LITTLE_ENDIAN, &engine);
    cs_option(engine, CS_OPT_DETAIL, CS_OPT_ON);
    std::ofstream out(file);
    std::string refused;
    for (const McaBlock& block : blocks) {
        out << "# LLVM-MCA-BEGIN\n";
        for (u32 word : block.words) {
            const std::string text = assembly(engine, word);
            if (text.empty())
                refused = block.origin;
            out << text << '\n';
        }
        out << "# LLVM-MCA-END\n";
    }
    cs_close(&engine);
    if (!refused.empty())
        return Error{refused + ": a word that Capstone does not disassemble"};
    return {};
}

std::string output_of(const std::string& command) {
    std::string text;
    std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "r"), ::pclose);
    std::array<char, 4096> buffer;
    while (pipe) {
        const std::size_t n = std::fread(buffer.data(), 1, buffer.size(), pipe.get());
        if (n == 0)
            break;
        text.append(buffer.data(), n);
    }
    return text;
}

std::vector<u64> total_cycles(const std::string& report) {
    static const std::regex line("Total Cycles: +([0-9]+)");
    std::vector<u64> cycles;
    for (std::sregex_iterator it(report.begin(), report.end(), line), end; it != end; ++it)
        cycles.push_back(std::stoull((*it)[1]));
    return cycles;
}

u64 our_cycles(const McaBlock& block, const timing::TimingDecoder& decoder,
               const timing::PipelineModel& model) {
    std::vector<timing::TimedInstruction> instructions;
    for (u32 word : block.words)
        instructions.push_back(decoder.decode(word, 0));
    timing::Pipeline pipeline(model);
    for (unsigned i = 0; i < kMcaIterations; ++i)
        for (const timing::TimedInstruction& t : instructions)
            pipeline.issue(t);
    return pipeline.total_cycles();
}

std::string first_error(const std::string& report) {
    std::istringstream lines(report);
    for (std::string line; std::getline(lines, line);)
        if (line.find("error:") != std::string::npos)
            return line;
    return "no report";
}

} // namespace

std::size_t McaComparison::equal() const {
    return static_cast<std::size_t>(std::count_if(rows.begin(), rows.end(), [](const McaRow& r) {
        return (r.mca + kMcaIterations / 2) / kMcaIterations ==
               (r.ours + kMcaIterations / 2) / kMcaIterations;
    }));
}

std::size_t McaComparison::within_tenth() const {
    return static_cast<std::size_t>(std::count_if(rows.begin(), rows.end(), [](const McaRow& r) {
        const u64 difference = std::max(r.mca, r.ours) - std::min(r.mca, r.ours);
        return difference * 10 <= r.mca;
    }));
}

Result<McaComparison> compare_with_mca(const std::vector<McaBlock>& blocks,
                                       const timing::PipelineModel& model) {
    const std::string version = output_of("llvm-mca --version 2>/dev/null");
    if (version.empty())
        return Error{"llvm-mca: not found; install Debian's package llvm"};
    const ScratchFolder scratch;
    const std::filesystem::path input = scratch.path() / "blocks.s";
    if (auto written = write_regions(blocks, input); !written)
        return written.error();
    const std::string report =
        output_of("llvm-mca -march=aarch64 -mcpu=cortex-a55 -mattr=+crc -instruction-info=0 "
                  "-resource-pressure=0 -iterations=" +
                  std::to_string(kMcaIterations) + " '" + input.string() + "' 2>&1");
    const std::vector<u64> cycles = total_cycles(report);
    if (cycles.size() != blocks.size())
        return Error{"llvm-mca: " + first_error(report), ExitStatus::Internal};
    McaComparison comparison;
    static const std::regex number("LLVM version [0-9.]+");
    std::smatch match;
    if (std::regex_search(version, match, number))
        comparison.judge = "llvm-mca, " + match[0].str();
    const timing::TimingDecoder decoder;
    for (std::size_t i = 0; i < blocks.size(); ++i)
        comparison.rows.push_back({&blocks[i], cycles[i], our_cycles(blocks[i], decoder, model)});
    return comparison;
}

} // namespace forkscope::verify
