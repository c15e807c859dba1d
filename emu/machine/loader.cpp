#include "machine/loader.hpp"

#include "base/text.hpp"
#include "machine/bytes.hpp"
#include "machine/fdt.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

namespace forkscope {

namespace fs = std::filesystem;

namespace {

constexpr u64 kPage = 4096;
constexpr u64 kTreeAlignment = u64{2} << 20;
constexpr u64 kInitrdDistance = u64{128} << 20;

// The initrd's bytes, with the job's archive after them.
Result<std::vector<u8>> make_initrd(const MachineConfig& machine) {
    std::vector<u8> initrd;
    const bool has_program = !machine.program.empty();
    if (machine.initrd && !machine.initrd->empty()) {
        Result<std::vector<u8>> file = read_file(*machine.initrd, machine.ram);
        if (!file) {
            return file;
        }
        if (Result<void> checked = check_initrd(machine.initrd->string(), *file, !has_program);
            !checked) {
            return checked.error();
        }
        initrd = std::move(*file);
    }
    if (has_program) {
        const Result<std::vector<u8>> program = read_file(machine.program, machine.ram);
        if (!program) {
            return program.error();
        }
        if (Result<void> checked = check_program(machine.program.string(), *program); !checked) {
            return checked.error();
        }
        std::vector<std::string> argv = {machine.program.filename().string()};
        argv.insert(argv.end(), machine.args.begin(), machine.args.end());
        initrd.resize(align_up(initrd.size(), 4));
        const std::vector<u8> job = make_job_archive(*program, argv);
        initrd.insert(initrd.end(), job.begin(), job.end());
    }
    return initrd;
}

// The initrd halfway up RAM, but at most 128 MiB up, as QEMU does; above the kernel
// in any case.
u64 initrd_address(u64 kernel_end, u64 ram_bytes) {
    const u64 usual = kRamBase + std::min(ram_bytes / 2, kInitrdDistance);
    return std::max(usual, align_up(kernel_end, kPage));
}

// The device tree after the initrd, at a 2 MiB boundary where RAM reaches so far.
u64 device_tree_address(u64 initrd_end, u64 tree_bytes, u64 ram_end) {
    const u64 usual = align_up(initrd_end, kTreeAlignment);
    return usual + tree_bytes <= ram_end ? usual : align_up(initrd_end, kPage);
}

} // namespace

Result<std::vector<u8>> read_file(const fs::path& path, u64 ram_bytes) {
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    if (!fs::exists(status)) {
        return Error{path.string() + ": no such file"};
    }
    if (!fs::is_regular_file(status)) {
        return Error{path.string() + ": not a regular file"};
    }
    const u64 size = fs::file_size(path, error);
    if (!error && size > ram_bytes) {
        return Error{path.string() + ": too large for RAM: " + byte_size(size) + " in " +
                     byte_size(ram_bytes)};
    }
    std::ifstream file(path, std::ios::binary);
    if (error || !file) {
        return Error{path.string() +
                     ": cannot be read: " + (error ? error.message() : std::strerror(errno))};
    }
    std::vector<u8> bytes(size);
    if (!file.read(reinterpret_cast<char*>(bytes.data()),
                   static_cast<std::streamsize>(bytes.size()))) {
        return Error{path.string() + ": cannot be read"};
    }
    return bytes;
}

Result<BootPlan> plan_boot(const Config& config) {
    const MachineConfig& machine = config.machine;
    const u64 ram_end = kRamBase + machine.ram;
    Result<std::vector<u8>> file = read_file(machine.kernel, machine.ram);
    if (!file) {
        return file.error();
    }
    Result<KernelImage> kernel =
        load_kernel(machine.kernel.string(), std::move(*file), machine.ram);
    if (!kernel) {
        return kernel.error();
    }
    Result<std::vector<u8>> initrd = make_initrd(machine);
    if (!initrd) {
        return initrd.error();
    }

    DeviceTreeInputs inputs;
    inputs.ram_bytes = machine.ram;
    inputs.bootargs = config.command_line();
    inputs.seed = config.seed;
    inputs.initrd_start = initrd_address(kernel->end(), machine.ram);
    inputs.initrd_end = inputs.initrd_start + initrd->size();
    std::vector<u8> tree = make_device_tree(inputs);

    BootPlan plan;
    plan.ram_bytes = machine.ram;
    plan.entry = kernel->entry;
    plan.device_tree = device_tree_address(inputs.initrd_end, tree.size(), ram_end);
    if (inputs.initrd_end > ram_end || plan.device_tree + tree.size() > ram_end) {
        return Error{machine.kernel.string() + ": kernel, initrd (" + byte_size(initrd->size()) +
                     ") and device tree don't fit into " + byte_size(machine.ram) + " of RAM"};
    }
    plan.segments = std::move(kernel->segments);
    if (!initrd->empty()) {
        const u64 size = initrd->size();
        plan.segments.push_back({inputs.initrd_start, std::move(*initrd), size});
    }
    const u64 size = tree.size();
    plan.segments.push_back({plan.device_tree, std::move(tree), size});
    return plan;
}

} // namespace forkscope
