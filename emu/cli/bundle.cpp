#include "cli/bundle.hpp"

namespace forkscope {

namespace fs = std::filesystem;

namespace {

// The folder of the executable: build/.
fs::path program_folder() {
    std::error_code error;
    const fs::path program = fs::read_symlink("/proc/self/exe", error);
    return error ? fs::path(".") : program.parent_path();
}

Result<fs::path> bundled(const char* name) {
    fs::path file = bundle_folder() / name;
    std::error_code ignored;
    if (!fs::exists(file, ignored)) {
        return Error{file.string() + ": no such file; ./run.sh builds it"};
    }
    return file;
}

} // namespace

fs::path bundle_folder() {
    return program_folder() / "guest";
}

fs::path default_config() {
    const fs::path beside = program_folder().parent_path() / "configs" / "fork-demo.json";
    std::error_code ignored;
    return fs::exists(beside, ignored)
               ? beside
               : fs::path(FORKSCOPE_SOURCE_DIR) / "configs" / "fork-demo.json";
}

Result<void> add_bundled_files(Config& config) {
    if (config.machine.kernel.empty()) {
        Result<fs::path> kernel = bundled("guestos.img");
        if (!kernel) {
            return kernel.error();
        }
        config.machine.kernel = std::move(*kernel);
    }
    if (!config.machine.initrd) {
        Result<fs::path> initrd = bundled("initrd.cpio");
        if (!initrd) {
            return initrd.error();
        }
        config.machine.initrd = std::move(*initrd);
    }
    return {};
}

} // namespace forkscope
