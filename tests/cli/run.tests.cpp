#include "event/trace_file.hpp"
#include "support/paths.hpp"
#include "support/program.hpp"
#include "support/tiny_guest.hpp"

#include <catch2/catch_test_macros.hpp>

#include <nlohmann/json.hpp>
#include <pty.h>
#include <termios.h>

using namespace forkscope;
using abi::ProbeId;
using test::Outcome;
using test::run_program;
using test::TemporaryFolder;
using test::TinyGuest;

namespace {

using Json = nlohmann::json;

// Writes the guest as `name` and returns the arguments that boot it.
std::vector<std::string> booting(const TemporaryFolder& folder, const TinyGuest& guest,
                                 const std::vector<std::string>& more = {}) {
    folder.write("guest.bin", guest.bytes());
    std::vector<std::string> arguments = {"run", "--kernel", "guest.bin", "--initrd", ""};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
}

Json statistics(const TemporaryFolder& folder, const std::string& name = "stats.json") {
    return Json::parse(test::text_of_file(folder.path() / name));
}

} // namespace

TEST_CASE("run: the exit status tells how the guest ended", "[cli][run]") {
    const TemporaryFolder folder;
    const auto status = [&](const TinyGuest& guest, const std::vector<std::string>& more = {}) {
        return run_program(folder, booting(folder, guest, more)).status;
    };
    CHECK(status(TinyGuest().power_off()) == 0);
    CHECK(status(TinyGuest().probe(ProbeId::GuestStatus, 0).power_off()) == 0);
    CHECK(status(TinyGuest().probe(ProbeId::GuestStatus, 5).power_off()) == 1);
    CHECK(status(TinyGuest().probe(ProbeId::GuestStatus, 256).power_off()) == 1);
    CHECK(status(TinyGuest().probe(ProbeId::Panic, 'x').power_off()) == 1);
    CHECK(status(TinyGuest().spin(), {"--max-cycles", "100000"}) == 3);
    CHECK(status(TinyGuest().spin(), {"--max-seconds", "0.001"}) == 3);
    CHECK(status(TinyGuest().spin(), {"--set", "limits.cycles=1e5"}) == 3);
}

TEST_CASE("run: a guest that can't go on is no success, and the reason is told", "[cli][run]") {
    const TemporaryFolder folder;
    const Outcome stuck = run_program(folder, booting(folder, TinyGuest().wait()));
    CHECK(stuck.status == 1);
    CHECK(stuck.err.starts_with("forkscope: the run was stopped: "));
    CHECK(std::count(stuck.err.begin(), stuck.err.end(), '\n') == 1);
}

TEST_CASE("run: stdout has the console, then the account", "[cli][run]") {
    const TemporaryFolder folder;
    const Outcome outcome =
        run_program(folder, booting(folder, TinyGuest().print("one\ntwo").power_off(),
                                    {"--describe", "account.txt"}));
    CHECK(outcome.status == 0);
    CHECK(outcome.err.empty());
    CHECK(outcome.out.starts_with("one\ntwo\n\nThe guest powered off with status 0 at cycle "));
    const std::string written = test::text_of_file(folder.path() / "account.txt");
    const std::size_t panels =
        written.find("\nThe panels at the end\n\n1. Control\n  State: ended. The "
                     "guest powered off with status 0.\n");
    REQUIRE(panels != std::string::npos);
    CHECK(outcome.out.ends_with("\n" + written.substr(0, panels)));
    CHECK(written.find("\n11. Console\n  one\n  two\n", panels) != std::string::npos);
}

TEST_CASE("run: --describe and --at-cycle tell the panels of that moment, and the run goes on",
          "[cli][run]") {
    const TemporaryFolder folder;
    const TinyGuest guest = TinyGuest().print("one\n").branch().print("two\n").power_off();
    const Outcome outcome = run_program(
        folder, booting(folder, guest, {"--describe", "then", "--at-cycle", "10", "--trace", "a"}));
    CHECK(outcome.status == 0);
    CHECK(outcome.out.starts_with("one\ntwo\n\nThe guest powered off with status 0 at cycle "));
    const std::string then = test::text_of_file(folder.path() / "then");
    const std::size_t panels = then.find("\nThe panels at cycle 1");
    REQUIRE(panels != std::string::npos);
    CHECK(then.find("State: paused. Stopped at cycle 1", panels) != std::string::npos);
    CHECK(then.find("two", panels) == std::string::npos);
    CHECK(outcome.out.ends_with("\n" + then.substr(0, panels)));

    REQUIRE(run_program(folder, booting(folder, guest, {"--describe", "end", "--at-cycle", "1e4"}))
                .status == 2);
    REQUIRE(
        run_program(folder, booting(folder, guest,
                                    {"--describe", "end", "--at-cycle", "10000", "--trace", "b"}))
            .status == 0);
    CHECK(test::text_of_file(folder.path() / "end").find("\nThe panels at the end\n") !=
          std::string::npos);
    CHECK(test::text_of_file(folder.path() / "a") == test::text_of_file(folder.path() / "b"));
}

TEST_CASE("run: --console holds exactly the UART's bytes", "[cli][run]") {
    const TemporaryFolder folder;
    std::string all;
    for (int byte = 0; byte < 256; ++byte) {
        all += static_cast<char>(byte);
    }
    const Outcome outcome = run_program(
        folder, booting(folder, TinyGuest().print(all).power_off(), {"--console", "c"}));
    CHECK(outcome.status == 0);
    CHECK(test::text_of_file(folder.path() / "c") == all);
}

TEST_CASE("run: two runs write the same files, and watching changes no cycle", "[cli][run]") {
    const TemporaryFolder folder;
    const TinyGuest guest =
        TinyGuest().print("x\n").probe(ProbeId::GuestStatus, 0).print("y\n").power_off();
    REQUIRE(
        run_program(folder, booting(folder, guest, {"--stats", "a.json", "--trace", "a"})).status ==
        0);
    REQUIRE(
        run_program(folder, booting(folder, guest, {"--stats", "b.json", "--trace", "b"})).status ==
        0);
    REQUIRE(run_program(folder, booting(folder, guest, {"--stats", "c.json"})).status == 0);
    CHECK(test::text_of_file(folder.path() / "a") == test::text_of_file(folder.path() / "b"));
    Json first = statistics(folder, "a.json");
    for (const char* name : {"b.json", "c.json"}) {
        Json other = statistics(folder, name);
        for (const char* key : {"wall_seconds", "mips"}) {
            other.erase(key);
            first.erase(key);
        }
        CHECK(first == other);
    }
    u64 sum = 0;
    for (const Json& part : first["attribution"]) {
        sum += part["cycles"].get<u64>();
    }
    CHECK(sum == first["cycles"]);
}

TEST_CASE("run: SIGINT and SIGTERM end the run with its files written", "[cli][run]") {
    for (const int signal : {SIGINT, SIGTERM}) {
        CAPTURE(signal);
        const TemporaryFolder folder;
        test::Program program(folder, booting(folder, TinyGuest().print("up\n").spin(),
                                              {"--stats", "stats.json", "--trace", "trace"}));
        REQUIRE(program.prints("up\n"));
        program.send(signal);
        const Outcome outcome = program.wait();
        CHECK(outcome.status == 3);
        CHECK(outcome.err.empty());
        CHECK(outcome.out.find("The run was stopped at cycle ") != std::string::npos);
        CHECK(statistics(folder)["result"]["reason"] == "stopped");
        Result<TraceReader> trace = TraceReader::open(folder.path() / "trace");
        REQUIRE(trace.ok());
        Event event;
        while (trace->next(event)) {
        }
        CHECK(event.kind == static_cast<u16>(EventKind::RunEnd));
    }
}

TEST_CASE("run: a reader of stdout that goes away costs the run neither files nor status",
          "[cli][run]") {
    const TemporaryFolder folder;
    folder.write("guest.bin", TinyGuest().print("one\ntwo\n").power_off().bytes());
    const std::string command = "cd " + folder.path().string() +
                                " && { " FORKSCOPE_BUILD_DIR
                                "/forkscope run --kernel guest.bin --initrd= --stats s.json; "
                                "echo $? >status; } | true";
    REQUIRE(std::system(command.c_str()) == 0);
    CHECK(test::text_of_file(folder.path() / "status") == "0\n");
    CHECK(statistics(folder, "s.json")["result"]["reason"] == "poweroff");
}

TEST_CASE("run: stdin goes to the guest where the config says so, and ends with a Ctrl-D",
          "[cli][run]") {
    const TemporaryFolder folder;
    const auto input = folder.write("input", "typed");
    const auto arguments = booting(folder, TinyGuest().echo(), {"--set", "console.input=stdin"});
    const Outcome outcome = run_program(folder, arguments, input);
    CHECK(outcome.status == 0);
    CHECK(outcome.out.starts_with("typed\x04\n"));
    CHECK(run_program(folder, arguments).out.starts_with("\x04\n"));

    const Outcome deaf = run_program(
        folder, booting(folder, TinyGuest().echo(), {"--max-cycles", "10000000"}), input);
    CHECK(deaf.status == 3);
}

TEST_CASE("run: a terminal gives every key to the guest, Ctrl-A x ends the run",
          "[cli][run][terminal]") {
    const TemporaryFolder folder;
    const auto arguments =
        booting(folder, TinyGuest().print("up\n").echo(), {"--set", "console.input=stdin"});
    int terminal = -1;
    const pid_t pid = forkpty(&terminal, nullptr, nullptr, nullptr);
    if (pid == 0) {
        std::vector<char*> argv = {const_cast<char*>("forkscope")};
        for (const std::string& argument : arguments) {
            argv.push_back(const_cast<char*>(argument.c_str()));
        }
        argv.push_back(nullptr);
        alarm(60);
        if (chdir(folder.path().c_str()) == 0) {
            execv(FORKSCOPE_BUILD_DIR "/forkscope", argv.data());
        }
        _exit(127);
    }
    if (pid < 0) {
        SKIP("no pseudo-terminal");
    }
    std::string seen;
    const auto read_until = [&](const std::string& text) {
        char bytes[256];
        while (seen.find(text) == std::string::npos) {
            const ssize_t count = read(terminal, bytes, sizeof bytes);
            if (count <= 0) {
                return false;
            }
            seen.append(bytes, static_cast<std::size_t>(count));
        }
        return true;
    };
    termios before{};
    REQUIRE(tcgetattr(terminal, &before) == 0);
    REQUIRE(read_until("up"));
    REQUIRE(write(terminal, "a\x03z", 3) == 3); // Ctrl-C is a key like others
    CHECK(read_until("a\x03z"));                // once: the terminal does not echo
    REQUIRE(write(terminal, "\x01\x01", 2) == 2);
    CHECK(read_until("a\x03z\x01"));
    REQUIRE(write(terminal, "\x01x", 2) == 2);
    CHECK(read_until("The run was stopped"));
    while (read_until("no such text")) {
    }
    int status = 0;
    waitpid(pid, &status, 0);
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 3);
    close(terminal);
}
