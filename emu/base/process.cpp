#include "base/process.hpp"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace forkscope {

namespace {

using Clock = std::chrono::steady_clock;

// Sends a child's streams where run_process says.
class StreamActions {
public:
    explicit StreamActions(const std::filesystem::path& output) {
        posix_spawn_file_actions_init(&actions_);
        posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        posix_spawn_file_actions_addopen(&actions_, STDOUT_FILENO, output.c_str(),
                                         O_WRONLY | O_CREAT | O_TRUNC, 0644);
        posix_spawn_file_actions_adddup2(&actions_, STDOUT_FILENO, STDERR_FILENO);
    }
    ~StreamActions() { posix_spawn_file_actions_destroy(&actions_); }
    StreamActions(const StreamActions&) = delete;
    StreamActions& operator=(const StreamActions&) = delete;

    [[nodiscard]] const posix_spawn_file_actions_t* get() const { return &actions_; }

private:
    posix_spawn_file_actions_t actions_;
};

// Waits until `pid` ends, at most `seconds`; false if it still runs then.
bool ends_within(pid_t pid, double seconds) {
    const int fd = static_cast<int>(syscall(SYS_pidfd_open, pid, 0U));
    if (fd < 0) {
        return true; // no way to wait with a limit: waitpid waits without one
    }
    pollfd waited{.fd = fd, .events = POLLIN, .revents = 0};
    const auto deadline = Clock::now() + std::chrono::duration<double>(seconds);
    int ready = 0;
    do {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
        ready = poll(&waited, 1, left.count() > 0 ? static_cast<int>(left.count()) : 0);
    } while (ready < 0 && errno == EINTR);
    close(fd);
    return ready > 0;
}

int exit_status(int wait_status) {
    return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

} // namespace

Result<ProcessRun> run_process(const std::vector<std::string>& argv,
                               const std::filesystem::path& output, double most_seconds) {
    std::vector<char*> words;
    for (const std::string& word : argv) {
        words.push_back(const_cast<char*>(word.c_str())); // posix_spawn does not write to them
    }
    words.push_back(nullptr);

    const StreamActions streams(output);
    const auto start = Clock::now();
    pid_t pid = 0;
    if (const int error =
            posix_spawnp(&pid, words[0], streams.get(), nullptr, words.data(), environ);
        error != 0) {
        return Error{argv[0] + ": can't be started: " + std::strerror(error)};
    }
    ProcessRun run;
    if (!ends_within(pid, most_seconds)) {
        kill(pid, SIGKILL);
        run.timed_out = true;
    }
    int wait_status = 0;
    while (waitpid(pid, &wait_status, 0) < 0 && errno == EINTR) {
    }
    run.seconds = std::chrono::duration<double>(Clock::now() - start).count();
    run.status = exit_status(wait_status);
    return run;
}

} // namespace forkscope
