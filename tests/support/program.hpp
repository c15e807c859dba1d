// Runs the built program as a user does.
#pragma once

#include "support/temporary_folder.hpp"
#include "support/paths.hpp"

#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace forkscope::test {

struct Outcome {
    int status = -1; // exit status, or 128 + signal
    std::string out;
    std::string err;
};

// A running build/forkscope, in a folder of its own.
class Program {
public:
    // `input` is a file for stdin.
    Program(const TemporaryFolder& folder, const std::vector<std::string>& arguments,
            const std::filesystem::path& input = "/dev/null") {
        out_ = logs_.path() / "out";
        err_ = logs_.path() / "err";
        pid_ = fork();
        if (pid_ == 0) {
            become(folder, arguments, input);
        }
    }

    void send(int signal) const { kill(pid_, signal); }

    // Waits until stdout holds `text`; false after ten seconds.
    [[nodiscard]] bool prints(const std::string& text) const {
        for (int i = 0; i < 1000; ++i) {
            if (text_of_file(out_).find(text) != std::string::npos) {
                return true;
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        return false;
    }

    Outcome wait() {
        int status = 0;
        waitpid(pid_, &status, 0);
        Outcome outcome;
        outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        outcome.out = text_of_file(out_);
        outcome.err = text_of_file(err_);
        return outcome;
    }

private:
    [[noreturn]] void become(const TemporaryFolder& folder,
                             const std::vector<std::string>& arguments,
                             const std::filesystem::path& input) const {
        const std::string program = std::string(FORKSCOPE_BUILD_DIR) + "/forkscope";
        std::vector<char*> argv = {const_cast<char*>(program.c_str())};
        for (const std::string& argument : arguments) {
            argv.push_back(const_cast<char*>(argument.c_str()));
        }
        argv.push_back(nullptr);
        dup2(open(input.c_str(), O_RDONLY), STDIN_FILENO);
        dup2(open(out_.c_str(), O_WRONLY | O_CREAT, 0600), STDOUT_FILENO);
        dup2(open(err_.c_str(), O_WRONLY | O_CREAT, 0600), STDERR_FILENO);
        alarm(60);
        if (chdir(folder.path().c_str()) == 0) {
            execv(program.c_str(), argv.data());
        }
        _exit(127);
    }

    TemporaryFolder logs_;
    std::filesystem::path out_;
    std::filesystem::path err_;
    pid_t pid_ = -1;
};

inline Outcome run_program(const TemporaryFolder& folder, const std::vector<std::string>& arguments,
                           const std::filesystem::path& input = "/dev/null") {
    return Program(folder, arguments, input).wait();
}

} // namespace forkscope::test
