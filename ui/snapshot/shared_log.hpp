// A log that one thread appends to while others read what it held earlier.
#pragma once

#include "base/types.hpp"

#include <array>
#include <memory>
#include <utility>
#include <vector>

namespace forkscope {

// Entries in chunks of fixed size, which never move. A view shares the chunks and
// keeps its own size; the writer only writes beyond the size of every view, so
// that readers need no lock once they were handed their view.
template <class T> class SharedLog {
public:
    static constexpr std::size_t kChunk = 1024; // entries

    // What the log held at a moment, without the oldest that had been let go.
    class View {
    public:
        // Entries are numbered from the start of the run: [begin, end) are here.
        [[nodiscard]] u64 begin() const { return begin_; }
        [[nodiscard]] u64 end() const { return end_; }
        [[nodiscard]] bool empty() const { return begin_ == end_; }
        // `number` is in [begin, end).
        [[nodiscard]] const T& operator[](u64 number) const {
            return (*chunks_[number / kChunk - begin_ / kChunk])[number % kChunk];
        }

    private:
        friend class SharedLog;
        std::vector<std::shared_ptr<std::array<T, kChunk>>> chunks_;
        u64 begin_ = 0;
        u64 end_ = 0;
    };

    // Keeps at least the last `capacity` entries.
    explicit SharedLog(u64 capacity) : capacity_(capacity) {}

    void append(T entry) {
        if (log_.end_ % kChunk == 0)
            log_.chunks_.push_back(std::make_shared_for_overwrite<std::array<T, kChunk>>());
        (*log_.chunks_.back())[log_.end_++ % kChunk] = std::move(entry);
        if (log_.end_ - log_.begin_ >= capacity_ + kChunk) {
            log_.chunks_.erase(log_.chunks_.begin());
            log_.begin_ += kChunk;
        }
    }
    [[nodiscard]] const View& view() const { return log_; }

private:
    u64 capacity_;
    View log_;
};

} // namespace forkscope
