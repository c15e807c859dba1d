#include "event/recorder.hpp"

namespace forkscope {

void Recorder::on_event(const Event& event) {
    if (size_ % kChunk == 0) {
        chunks_.push_back(std::make_unique<Chunk>());
    }
    (*chunks_.back())[size_ % kChunk] = event;
    ++size_;
}

} // namespace forkscope
