#include "model/event_export.hpp"

#include "base/text.hpp"
#include "model/event_log.hpp"
#include "ui/columns.hpp"
#include "ui/words.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

namespace forkscope {

namespace fs = std::filesystem;

namespace {

constexpr unsigned kMostFiles = 9'999;
constexpr std::size_t kCycleColumns = 15;

struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

struct NewFile {
    fs::path path;
    File file; // null: not made, as errno tells
};

// C11 7.21.5.3: "x" fails with EEXIST where there is a file already.
NewFile create(const fs::path& folder) {
    for (unsigned number = 1;; ++number) {
        const std::string suffix = number == 1 ? "" : "-" + std::to_string(number);
        NewFile made{folder / ("forkscope-events" + suffix + ".txt"), {}};
        made.file.reset(std::fopen(made.path.c_str(), "wxe"));
        if (made.file != nullptr || errno != EEXIST || number == kMostFiles) {
            return made;
        }
    }
}

std::string head(const EventLogModel& model, const std::string& filter) {
    return plural(model.size(), "event") + " of " + grouped(model.known()) +
           (filter.empty() ? "" : ", filter: " + filter) +
           (model.dropped() == 0 ? ""
                                 : "; " + plural(model.dropped(), "older event") + " not kept") +
           "\n";
}

Error cannot_write(const fs::path& path) {
    return Error{path.string() + ": cannot be written: " + std::strerror(errno)};
}

} // namespace

Result<fs::path> export_events(const Snapshot& snapshot, const Selection& selection,
                               const fs::path& folder) {
    const EventLogModel model = model_event_log(snapshot, selection);
    if (!model.error().empty()) {
        return Error{"Nothing is written, the filter is not understood: " + model.error()};
    }
    NewFile made = create(folder);
    if (made.file == nullptr) {
        return cannot_write(made.path);
    }
    std::fputs(head(model, selection.filter).c_str(), made.file.get());
    for (std::size_t i = 0; i < model.size(); ++i) {
        const EventRow row = model.row(i);
        const std::string line =
            pad_left(grouped(row.cycle), kCycleColumns) + "  " + row.sentence + "\n";
        std::fputs(line.c_str(), made.file.get());
    }
    const bool bad = std::ferror(made.file.get()) != 0;
    if (std::fclose(made.file.release()) != 0 || bad) {
        const Error error = cannot_write(made.path);
        std::error_code ignored;
        fs::remove(made.path, ignored); // half a file
        return error;
    }
    return made.path;
}

} // namespace forkscope
