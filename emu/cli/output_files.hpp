// The files that a run writes.
#pragma once

#include "base/result.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace forkscope {

// Makes sure, before a run, that its output files can be written. Files that
// were not there are created empty, and removed again unless `keep` is called:
// a run that does not start leaves nothing behind, and files that were there
// are as they were.
class OutputFiles {
public:
    OutputFiles() = default;
    ~OutputFiles();
    OutputFiles(const OutputFiles&) = delete;
    OutputFiles& operator=(const OutputFiles&) = delete;

    // `flag` names the file's part in messages.
    Result<void> reserve(const std::string& flag, const std::filesystem::path& path);
    void keep() { created_.clear(); }

private:
    struct Reserved {
        std::string flag;
        std::filesystem::path path;
    };
    std::vector<Reserved> reserved_;
    std::vector<std::filesystem::path> created_;
};

// Replaces the file's content.
Result<void> write_file(const std::filesystem::path& path, const std::string& text);

} // namespace forkscope
