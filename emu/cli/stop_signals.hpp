// Signals that end a run early, with its files written.
#pragma once

#include "machine/machine.hpp"

#include <csignal>

namespace forkscope {

// While it lives, SIGINT, SIGTERM and SIGHUP ask `machine` to stop; a second
// signal ends the program at once. One at a time.
class StopSignals {
public:
    explicit StopSignals(Machine& machine);
    ~StopSignals();
    StopSignals(const StopSignals&) = delete;
    StopSignals& operator=(const StopSignals&) = delete;

    // True if the machine was asked to stop, by a signal or by `stop`.
    [[nodiscard]] static bool requested();

    // As if a signal had come.
    static void stop();

private:
    static constexpr int kSignals[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction before_[3] = {};
};

} // namespace forkscope
