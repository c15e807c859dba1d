// What a CPU is doing, told from exception entries and returns, for each LWP by
// itself: one may be switched away from in the middle of a system call, and be
// interrupted in it.
#pragma once

#include "event/event.hpp"

#include <unordered_map>
#include <vector>

namespace forkscope {

class WorkTracker {
public:
    // At EL1. At EL0 it is Work::User.
    [[nodiscard]] Work current() const { return stack_->empty() ? Work::Kernel : stack_->back(); }

    void enter(Work work) {
        if (stack_->size() < kDeepest)
            stack_->push_back(work);
    }
    // An ERET at EL1 was executed.
    void leave() {
        if (!stack_->empty())
            stack_->pop_back();
    }
    // EL0 is executing: whatever was open is not.
    void reach_user() { stack_->clear(); }

    // Another LWP is on the CPU.
    void switch_to(u64 pid, u64 lid) { stack_ = &lwps_[pid << 32 | lid]; }
    // A new LWP is about to have this name.
    void make(u64 pid, u64 lid) { lwps_[pid << 32 | lid].clear(); }

private:
    static constexpr std::size_t kDeepest = 16;
    std::unordered_map<u64, std::vector<Work>> lwps_; // its elements do not move
    std::vector<Work>* stack_ = &lwps_[0];
};

} // namespace forkscope
