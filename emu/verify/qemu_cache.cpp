#include "verify/qemu_cache.hpp"

#include "base/process.hpp"
#include "base/scratch.hpp"
#include "machine/loader.hpp"
#include "machine/machine.hpp"

#include <fstream>
#include <sstream>

namespace forkscope::verify {

namespace fs = std::filesystem;

namespace {

constexpr const char* kRam = "128M";
constexpr u64 kRamBytes = u64{128} << 20;
constexpr double kMostSeconds = 120;
constexpr double kMostBuildSeconds = 600;
constexpr Cycle kMostCycles = 1'000'000'000;

// Keeps what cycle timing counted of L1D.
struct DataCacheSink final : EventSink {
    void on_event(const Event& event) override {
        if (event.kind == static_cast<u16>(EventKind::TimingTotal) &&
            event.arg[0] == static_cast<u64>(TimingUnit::L1d))
            count = {event.arg[1], event.arg[2]};
    }
    CacheCount count;
};

std::string first_line(const fs::path& file) {
    std::ifstream in(file);
    std::string line;
    std::getline(in, line);
    return line;
}

} // namespace

Result<CacheCount> our_data_cache(const fs::path& image, timing::TimingModel model,
                                  const CacheShape& shape) {
    Config config;
    config.machine.kernel = image;
    config.machine.initrd = fs::path();
    config.machine.ram = kRamBytes;
    const Result<BootPlan> plan = plan_boot(config);
    if (!plan)
        return plan.error();
    model.l1d = {.size = shape.size, .ways = shape.ways, .line = shape.line};
    DataCacheSink sink;
    MachineSettings settings;
    settings.events = &sink;
    settings.timing = std::move(model);
    const Result<std::unique_ptr<Machine>> machine = Machine::create(*plan, settings);
    if (!machine)
        return machine.error();
    const RunResult result = (*machine)->run({.last_cycle = kMostCycles});
    (*machine)->finish();
    if (result.reason != RunEndReason::PowerOff)
        return Error{image.string() + ": does not power off", ExitStatus::Internal};
    return sink.count;
}

Result<CacheCount> qemu_data_cache(const fs::path& image, const fs::path& plugin,
                                   const CacheShape& shape) {
    const ScratchFolder scratch;
    const fs::path report = scratch.path() / "report", output = scratch.path() / "output";
    const std::string with = plugin.string() + ",evict=lru,dblksize=" + std::to_string(shape.line) +
                             ",dassoc=" + std::to_string(shape.ways) +
                             ",dcachesize=" + std::to_string(shape.size);
    const auto run = run_process({"qemu-system-aarch64",
                                  "-M",
                                  "virt,gic-version=2",
                                  "-cpu",
                                  "cortex-a57",
                                  "-m",
                                  kRam,
                                  "-display",
                                  "none",
                                  "-monitor",
                                  "none",
                                  "-serial",
                                  "null",
                                  "-nic",
                                  "none",
                                  "-no-reboot",
                                  "-kernel",
                                  image.string(),
                                  "-plugin",
                                  with,
                                  "-d",
                                  "plugin",
                                  "-D",
                                  report.string()},
                                 output, kMostSeconds);
    if (!run)
        return run.error();
    std::ifstream in(report);
    std::string line;
    std::getline(in, line); // headings
    u64 core = 0;
    CacheCount count;
    if (run->status != 0 || run->timed_out || !(in >> core >> count.accesses >> count.misses))
        return Error{"qemu-system-aarch64 with " + plugin.string() + ": " + first_line(output),
                     ExitStatus::Internal};
    return count;
}

Result<fs::path> cache_plugin(const fs::path& script, const fs::path& folder) {
    const fs::path plugin = folder / "libcache.so";
    std::error_code ignored;
    if (fs::exists(plugin, ignored))
        return plugin;
    const ScratchFolder scratch;
    const fs::path output = scratch.path() / "output";
    const auto run =
        run_process({"bash", script.string(), folder.string()}, output, kMostBuildSeconds);
    if (!run)
        return run.error();
    if (run->status != 0 || !fs::exists(plugin, ignored))
        return Error{"QEMU's cache plugin can't be built: " + first_line(output),
                     ExitStatus::Internal};
    return plugin;
}

} // namespace forkscope::verify
