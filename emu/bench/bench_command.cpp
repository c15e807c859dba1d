#include "bench/bench_command.hpp"

#include "base/process.hpp"
#include "bench/report.hpp"
#include "cli/timing_setup.hpp"
#include "verify/qemu_cache.hpp"

#include <array>
#include <fstream>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <stdlib.h>
#include <thread>
#include <utility>
#include <vector>

namespace forkscope {

namespace fs = std::filesystem;

namespace {

constexpr const char* kRam = "256M";
constexpr const char* kQemu = "qemu-system-aarch64";
constexpr double kMostSeconds = 300; // for one run; something hangs beyond it

struct Workload {
    const char* name;
    const char* about;
    const char* append;
};

constexpr std::array kWorkloads{
    Workload{"boot", "boot to init, whose job is /bin/true; power off", "job=/bin/true"},
    Workload{"compute", "boot, sort and checksum, power off", "job=/bin/bench-compute"},
    Workload{"fork", "boot, 2,000 x (fork, child touches 16 pages and exits, wait), power off",
             "job=/bin/bench-fork"},
    Workload{"fork64", "boot, 2,000 x (fork, exit, wait) with 64 pages resident, power off",
             "job=/bin/bench-cow -- 2000"},
};

constexpr Workload kForkCosts{"cow", "what one fork costs, in cycles", "job=/bin/bench-cow"};

// A directory that goes away with all that is in it.
class ScratchDirectory {
public:
    static Result<ScratchDirectory> create() {
        std::string pattern = (fs::temp_directory_path() / "forkscope-bench-XXXXXX").string();
        if (mkdtemp(pattern.data()) == nullptr) {
            return Error{pattern + ": can't be made", ExitStatus::Internal};
        }
        return ScratchDirectory(pattern);
    }
    ~ScratchDirectory() {
        std::error_code ignored;
        if (!path_.empty()) {
            fs::remove_all(path_, ignored);
        }
    }
    ScratchDirectory(ScratchDirectory&& other) noexcept : path_(std::exchange(other.path_, {})) {}
    ScratchDirectory& operator=(ScratchDirectory&&) = delete;

    [[nodiscard]] fs::path operator/(const char* name) const { return path_ / name; }

private:
    explicit ScratchDirectory(fs::path path) : path_(std::move(path)) {}
    fs::path path_;
};

std::string contents(const fs::path& file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

std::string first_line(const fs::path& file) {
    std::string line;
    std::ifstream stream(file);
    std::getline(stream, line);
    return line;
}

std::string host_description() {
    std::string model = "unknown CPU";
    std::ifstream cpuinfo("/proc/cpuinfo");
    for (std::string line; std::getline(cpuinfo, line);) {
        if (line.starts_with("model name")) {
            model = line.substr(line.find(':') + 2);
            break;
        }
    }
    return model + ", " + std::to_string(std::thread::hardware_concurrency()) + " CPUs";
}

// The two engines, given the same images.
class Bench {
public:
    explicit Bench(ScratchDirectory scratch)
        : scratch_(std::move(scratch)), program_(fs::read_symlink("/proc/self/exe")),
          kernel_(program_.parent_path() / "guest/guestos.img"),
          initrd_(program_.parent_path() / "guest/initrd.cpio") {}

    Result<BenchReport> run(const BenchOptions& options);

private:
    using Words = std::vector<std::string>;

    [[nodiscard]] Words our_words(const Workload& workload, const Words& more) const;
    [[nodiscard]] Words qemu_words(const Workload& workload) const;
    Result<double> timed(const Words& words, const char* output) const;
    Result<void> warm_up(const Workload& workload, WorkloadResult& result) const;
    Result<WorkloadResult> measure(const Workload& workload, unsigned runs) const;
    Result<CycleResult> measure_cycle(const Workload& workload, unsigned runs) const;
    Result<void> add_sample(Samples& samples, const Words& words, const char* output) const;
    void find_qemu();

    ScratchDirectory scratch_;
    fs::path program_;
    fs::path kernel_;
    fs::path initrd_;
    std::string qemu_version_; // empty: not installed
};

Bench::Words Bench::our_words(const Workload& workload, const Words& more) const {
    Words words{program_,
                "run",
                "--headless",
                "--kernel",
                kernel_,
                "--initrd",
                initrd_,
                "--append",
                workload.append,
                "--set",
                std::string("machine.ram=") + kRam};
    words.insert(words.end(), more.begin(), more.end());
    return words;
}

Bench::Words Bench::qemu_words(const Workload& workload) const {
    return {kQemu,          "-M",         "virt,gic-version=2",
            "-cpu",         "cortex-a57", "-m",
            kRam,           "-nographic", "-nic",
            "none",         "-kernel",    kernel_,
            "-initrd",      initrd_,      "-append",
            workload.append};
}

void Bench::find_qemu() {
    const fs::path output = scratch_ / "version";
    auto run = run_process({kQemu, "--version"}, output, kMostSeconds);
    if (run.ok() && run->status == 0) {
        qemu_version_ = first_line(output) + ", -M virt,gic-version=2 -cpu cortex-a57";
    }
}

// The run's wall time, if it ended well.
Result<double> Bench::timed(const Words& words, const char* output) const {
    const fs::path file = scratch_ / output;
    auto run = run_process(words, file, kMostSeconds);
    if (!run.ok()) {
        return run.error();
    }
    if (run->timed_out || run->status != 0) {
        std::string line;
        for (const std::string& word : words) {
            line += word + " ";
        }
        const std::string how =
            run->timed_out ? "did not end" : "status " + std::to_string(run->status);
        return Error{line + ": " + how + "; it said: " + first_line(file),
                     ExitStatus::GuestFailure};
    }
    return run->seconds;
}

// One untimed run on each engine: file caches warm, instructions counted, and
// the guest seen to do the same on both.
Result<void> Bench::warm_up(const Workload& workload, WorkloadResult& result) const {
    const fs::path console = scratch_ / "console";
    const fs::path stats = scratch_ / "stats";
    if (const auto run =
            timed(our_words(workload, {"--console", console, "--stats", stats}), "ours");
        !run.ok()) {
        return run.error();
    }
    result.instructions = nlohmann::json::parse(contents(stats)).at("instructions").get<u64>();
    if (qemu_version_.empty()) {
        return {};
    }
    if (const auto run = timed(qemu_words(workload), "qemu"); !run.ok()) {
        return run.error();
    }
    if (contents(console) != contents(scratch_ / "qemu")) {
        return Error{std::string(workload.name) +
                         ": the guest's console is not the same on both engines",
                     ExitStatus::GuestFailure};
    }
    return {};
}

Result<WorkloadResult> Bench::measure(const Workload& workload, unsigned runs) const {
    WorkloadResult result{workload.name, workload.about, workload.append, 0, {}, {}};
    if (const auto warm = warm_up(workload, result); !warm.ok()) {
        return warm.error();
    }
    for (unsigned turn = 0; turn < runs; ++turn) {
        const auto ours = timed(our_words(workload, {}), "ours");
        if (!ours.ok()) {
            return ours.error();
        }
        result.ours.add(*ours);
        if (qemu_version_.empty()) {
            continue;
        }
        const auto qemu = timed(qemu_words(workload), "qemu");
        if (!qemu.ok()) {
            return qemu.error();
        }
        result.qemu.add(*qemu);
    }
    return result;
}

Result<void> Bench::add_sample(Samples& samples, const Words& words, const char* output) const {
    const auto seconds = timed(words, output);
    if (!seconds.ok()) {
        return seconds.error();
    }
    samples.add(*seconds);
    return {};
}

// Functional, cycle, cycle with trace and QEMU with its cache plugin, in turns.
Result<CycleResult> Bench::measure_cycle(const Workload& workload, unsigned runs) const {
    CycleResult result;
    const auto plugin =
        qemu_version_.empty()
            ? Result<fs::path>(Error{std::string(kQemu) + " is not installed"})
            : verify::cache_plugin(plugin_script(), program_.parent_path() / "verify");
    Words with_plugin = qemu_words(workload);
    if (plugin.ok()) {
        const std::string report = scratch_ / "plugin";
        with_plugin.insert(with_plugin.end(), {"-plugin", plugin->string() + ",evict=lru", "-d",
                                               "plugin", "-D", report});
    } else {
        result.why_not = plugin.error().message;
    }
    const fs::path stats = scratch_ / "stats", trace = scratch_ / "trace";
    const Words cycle = our_words(workload, {"--timing", "cycle"});
    for (unsigned turn = 0; turn < runs; ++turn) {
        for (const auto& [samples, words, output] :
             {std::tuple(&result.functional, our_words(workload, {"--stats", stats}), "ours"),
              std::tuple(&result.cycle, cycle, "ours"),
              std::tuple(&result.traced,
                         our_words(workload, {"--timing", "cycle", "--trace", trace}), "ours")}) {
            if (const auto added = add_sample(*samples, words, output); !added.ok()) {
                return added.error();
            }
        }
        if (plugin.ok()) {
            if (const auto added = add_sample(result.qemu_cache, with_plugin, "qemu");
                !added.ok()) {
                return added.error();
            }
        }
    }
    result.instructions = nlohmann::json::parse(contents(stats)).at("instructions").get<u64>();
    return result;
}

Result<BenchReport> Bench::run(const BenchOptions& options) {
    const unsigned runs = options.runs;
    find_qemu();
    BenchReport report{host_description(), qemu_version_, kRam, {}, {}, {}};
    for (const Workload& workload : kWorkloads) {
        auto result = measure(workload, runs);
        if (!result.ok()) {
            return result.error();
        }
        report.workloads.push_back(std::move(*result));
    }
    const fs::path console = scratch_ / "console";
    if (const auto run = timed(our_words(kForkCosts, {"--console", console}), "ours"); !run.ok()) {
        return run.error();
    }
    report.forks = fork_costs(contents(console));
    if (options.cycle) {
        auto cycle = measure_cycle(kWorkloads[1], runs);
        if (!cycle.ok()) {
            return cycle.error();
        }
        report.cycle = std::move(*cycle);
    }
    return report;
}

// Runs every workload once untimed and some times timed, forkscope and QEMU
// taking turns.
Result<BenchReport> run_bench(const BenchOptions& options) {
    auto scratch = ScratchDirectory::create();
    if (!scratch.ok()) {
        return scratch.error();
    }
    return Bench(std::move(*scratch)).run(options);
}

// Measures and writes down.
Result<void> measure_and_report(const BenchOptions& options) {
    if (options.json && !fs::is_directory(fs::absolute(*options.json).parent_path())) {
        return Error{options.json->string() + ": its directory does not exist"};
    }
    const auto report = run_bench(options);
    if (!report.ok()) {
        return report.error();
    }
    std::cout << bench_table(*report);
    if (options.json) {
        std::ofstream file(*options.json);
        file << bench_json(*report);
        if (!file.flush()) {
            return Error{options.json->string() + ": can't be written"};
        }
    }
    return {};
}

} // namespace

int bench_command(const BenchOptions& options) {
    const auto done = measure_and_report(options);
    if (!done.ok()) {
        std::cerr << done.error().message << '\n';
        return static_cast<int>(done.error().status);
    }
    return 0;
}

} // namespace forkscope
