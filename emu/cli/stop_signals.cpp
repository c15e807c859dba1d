#include "cli/stop_signals.hpp"

#include "cli/terminal.hpp"

#include <atomic>
#include <iterator>
#include <unistd.h>

namespace forkscope {

namespace {

// A signal handler has no other way to what it acts on.
std::atomic<Machine*> running_machine = nullptr;
std::atomic<bool> stop_asked = false;

void on_signal(int signal) {
    if (stop_asked.load()) {
        RawTerminal::restore_now();
        _exit(128 + signal);
    }
    StopSignals::stop();
}

} // namespace

StopSignals::StopSignals(Machine& machine) {
    stop_asked = false;
    running_machine = &machine;
    for (std::size_t i = 0; i < std::size(kSignals); ++i) {
        struct sigaction action = {};
        action.sa_handler = on_signal;
        sigaction(kSignals[i], &action, &before_[i]);
    }
}

StopSignals::~StopSignals() {
    for (std::size_t i = 0; i < std::size(kSignals); ++i) {
        sigaction(kSignals[i], &before_[i], nullptr);
    }
    running_machine = nullptr;
}

bool StopSignals::requested() {
    return stop_asked;
}

void StopSignals::stop() {
    stop_asked = true;
    if (Machine* machine = running_machine.load()) {
        machine->request_stop();
    }
}

} // namespace forkscope
