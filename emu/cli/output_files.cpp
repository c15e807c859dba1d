#include "cli/output_files.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <unistd.h>

namespace forkscope {

namespace fs = std::filesystem;

namespace {

Error cannot_write(const fs::path& path, int number) {
    return {path.string() + ": cannot be written: " + std::strerror(number)};
}

} // namespace

OutputFiles::~OutputFiles() {
    for (const fs::path& path : created_) {
        std::error_code ignored;
        fs::remove(path, ignored);
    }
}

Result<void> OutputFiles::reserve(const std::string& flag, const fs::path& path) {
    std::error_code ignored;
    const bool existed = fs::exists(path, ignored);
    for (const Reserved& other : reserved_) {
        if (other.path == path || (existed && fs::equivalent(other.path, path, ignored))) {
            return Error{path.string() + ": given for both " + other.flag + " and " + flag};
        }
    }
    if (existed && !fs::is_regular_file(path, ignored)) {
        // A device or a pipe: opening it would already do something.
        const bool writable = !fs::is_directory(path, ignored) && access(path.c_str(), W_OK) == 0;
        return writable ? Result<void>()
                        : cannot_write(path, fs::is_directory(path, ignored) ? EISDIR : EACCES);
    }
    const int descriptor = open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    if (descriptor < 0) {
        return cannot_write(path, errno);
    }
    close(descriptor);
    reserved_.push_back({flag, path});
    if (!existed) {
        created_.push_back(path);
    }
    return {};
}

Result<void> write_file(const fs::path& path, const std::string& text) {
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file << text;
    file.close();
    if (!file) {
        return cannot_write(path, errno);
    }
    return {};
}

} // namespace forkscope
