// The upper half of the kernel on the fake machine. A test plays the threads: it
// says which process is running and calls the kernel as that one. Where the
// kernel would switch to another thread, it throws.
#pragma once

#include "host/host.hpp"
#include "machine/cpu.hpp"
#include "sys/proc.hpp"

#include <set>

namespace host {

// The running thread gave up the CPU. What it called has not returned.
struct Switched {
    lwp* from;
    lwp* to;
};

// A signal that was delivered to a handler.
struct Handler {
    pid_t pid;
    int signal;
    bool operator==(const Handler&) const = default;
};
std::vector<Handler> take_handlers();

// A kernel that has started up, with process 1 running. Nothing runs by itself.
class System {
public:
    explicit System(unsigned frames = 2048);
    ~System();
    System(const System&) = delete;
    System& operator=(const System&) = delete;

    // From now on this process's first thread is the running one.
    void become(proc* p);
    // The running process forks; null if it is refused.
    proc* fork(ForkFlags flags = ForkFlags{}, int exitsig = SIGCHLD);
    // The process ends. Afterwards another thread is the running one.
    void exit(proc* p, int code, int signo = 0);

    void fail_uareas(unsigned n); // the next n allocations of kernel stacks
    [[nodiscard]] size_t uareas_in_use() const;
    void advance(u64 nanoseconds); // the clock
    [[nodiscard]] const Kernel& kernel() const { return kernel_; }

private:
    Kernel kernel_;
};

} // namespace host
