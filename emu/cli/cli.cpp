#include "cli/cli.hpp"

#include "cli/command_line.hpp"
#include "cli/run_command.hpp"

#include <cstdio>
#include <exception>

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

} // namespace

int cli_main(int argc, const char* const* argv, PanelHost* panel) {
    try {
        const Result<Request> command = parse_command_line({argv + 1, argv + argc});
        if (!command) {
            return report(command.error());
        }
        const Result<ExitStatus> status = std::visit(Dispatch{{argv, panel}}, *command);
        return status ? static_cast<int>(*status) : report(status.error());
    } catch (const std::exception& failure) {
        return report(
            {std::string("forkscope: internal error: ") + failure.what(), ExitStatus::Internal});
    }
}

} // namespace forkscope
