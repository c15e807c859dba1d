// Sinks that keep or pass on events.
#pragma once

#include "event/event.hpp"

#include <memory>
#include <vector>

namespace forkscope {

// Keeps every event in memory, in chunks: one allocation for each kChunk
// events, and no event ever moves.
class Recorder final : public EventSink {
public:
    static constexpr std::size_t kChunk = 16384;

    void on_event(const Event& event) override;

    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] const Event& operator[](std::size_t index) const {
        return (*chunks_[index / kChunk])[index % kChunk];
    }

private:
    using Chunk = std::array<Event, kChunk>;
    std::vector<std::unique_ptr<Chunk>> chunks_;
    std::size_t size_ = 0;
};

// Passes every event to several sinks, in the order they were added.
class Fanout final : public EventSink {
public:
    void add(EventSink& sink) { sinks_.push_back(&sink); }
    void on_event(const Event& event) override {
        for (EventSink* sink : sinks_) {
            sink->on_event(event);
        }
    }

private:
    std::vector<EventSink*> sinks_;
};

} // namespace forkscope
