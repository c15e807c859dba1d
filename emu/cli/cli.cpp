#include "cli/cli.hpp"

#include "cli/command_line.hpp"
#include "cli/run_command.hpp"

#include <cstdio>
#include <exception>
#include <sys/stat.h>
#include <unistd.h>

namespace forkscope {

namespace {

struct Dispatch {
    Program program;

    Result<ExitStatus> operator()(const Information& information) const {
        std::fputs(information.text.c_str(), stdout);
        return ExitStatus::Success;
    }
    Result<ExitStatus> operator()(const RunOptions& options) const {
        return run_command(options, program);
    }
    Result<ExitStatus> operator()(const CheckOptions& options) const {
        return check_command(options);
    }
    Result<ExitStatus> operator()(const VerifyOptions& options) const {
        return verify_command(options);
    }
    Result<ExitStatus> operator()(const BenchOptions& options) const {
        return static_cast<ExitStatus>(bench_command(options));
    }
};

// Prints the message as one line, whatever names of files and flags it quotes.
int report(const Error& error) {
    std::string line = error.message;
    for (char& c : line) {
        const auto byte = static_cast<unsigned char>(c);
        c = byte < ' ' || byte == 0x7f ? '?' : c;
    }
    std::fprintf(stderr, "%s\n", line.c_str());
    return static_cast<int>(error.status);
}

// What was printed has arrived; a reader that has gone away is no loss.
Result<void> finish_output() {
    struct stat file {};
    const bool flushed = std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
    const bool has_reader =
        fstat(STDOUT_FILENO, &file) == 0 && (S_ISFIFO(file.st_mode) || S_ISSOCK(file.st_mode));
    if (flushed || has_reader) {
        return {};
    }
    return Error{"forkscope: the standard output could not be written"};
}

} // namespace

int cli_main(int argc, const char* const* argv, PanelHost* panel) {
    try {
        const Result<Request> command = parse_command_line({argv + 1, argv + argc});
        if (!command) {
            return report(command.error());
        }
        const Result<ExitStatus> status = std::visit(Dispatch{{argv, panel}}, *command);
        if (!status) {
            return report(status.error());
        }
        const Result<void> printed = finish_output();
        return printed || *status != ExitStatus::Success ? static_cast<int>(*status)
                                                         : report(printed.error());
    } catch (const std::exception& failure) {
        return report(
            {std::string("forkscope: internal error: ") + failure.what(), ExitStatus::Internal});
    }
}

} // namespace forkscope
