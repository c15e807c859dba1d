#include "cli/panel_host.hpp"

#include "cli/bundle.hpp"

#include <cerrno>
#include <cstring>
#include <unistd.h>

namespace forkscope {

Error become_panel_program(const Program& program) {
    const std::filesystem::path file = bundle_folder().parent_path() / "forkscope-panel";
    // execv does not change the strings; its type is older than const.
    execv(file.c_str(), const_cast<char* const*>(program.arguments));
    return Error{file.string() + ": can't be run: " + std::strerror(errno) +
                 "; ./run.sh builds it"};
}

} // namespace forkscope
