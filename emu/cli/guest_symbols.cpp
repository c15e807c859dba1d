#include "cli/guest_symbols.hpp"

#include "cli/bundle.hpp"

#include <sstream>

namespace forkscope {

namespace fs = std::filesystem;

namespace {

// The program of the word job=/bin/NAME.
std::string job_of(const std::string& command_line) {
    constexpr std::string_view kJob = "job=";
    std::istringstream words(command_line);
    for (std::string word; words >> word;)
        if (word.starts_with(kJob))
            return fs::path(word.substr(kJob.size())).filename().string();
    return {};
}

} // namespace

LessonNames guest_symbols(const Config& config) {
    LessonNames names;
    const auto add = [&names](const fs::path& file, const std::string& program) {
        std::error_code ignored;
        return fs::is_regular_file(file, ignored) && names.symbols.add(file, program).ok();
    };
    // The bundled image has its symbols in a file beside it.
    fs::path kernel = config.machine.kernel;
    if (!add(kernel.replace_extension(".elf"), ""))
        add(config.machine.kernel, "");
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(bundle_folder() / "symbols", none))
        add(entry.path(), entry.path().filename());
    names.favourite = job_of(config.machine.append);
    if (!config.machine.program.empty()) {
        names.favourite = "program"; // init runs it as /job/program
        add(config.machine.program, names.favourite);
    }
    return names;
}

} // namespace forkscope
