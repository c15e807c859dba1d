// A folder for temporary files.
#pragma once

#include <filesystem>

namespace forkscope {

// Made where temporary files go, and removed with all it holds. path() is empty
// if it could not be made.
class ScratchFolder {
public:
    ScratchFolder();
    ~ScratchFolder();
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

} // namespace forkscope
