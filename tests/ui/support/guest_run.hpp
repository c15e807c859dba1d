// The bundled guest on a machine in this process, with a World that watches.
#pragma once

#include "cli/bundle.hpp"
#include "cli/timing_setup.hpp"
#include "event/recorder.hpp"
#include "machine/loader.hpp"
#include "machine/machine.hpp"
#include "snapshot/take_snapshot.hpp"
#include "support/paths.hpp"
#include "support/temporary_folder.hpp"

#include <catch2/catch_test_macros.hpp>

namespace forkscope::test {

inline std::filesystem::path guest_file(const std::string& name) {
    return std::filesystem::path(FORKSCOPE_BUILD_DIR) / "guest" / name;
}

inline void need_guest() {
    if (!std::filesystem::exists(guest_file("guestos.img")))
        SKIP("the guest is not built");
}

// Compiles `source` with build/guest-cc.
inline std::filesystem::path guest_program(const TemporaryFolder& folder, const std::string& name,
                                           const std::string& source) {
    const auto file = folder.write(name + ".c", source);
    const auto program = folder.path() / name;
    const std::string command =
        FORKSCOPE_BUILD_DIR "/guest-cc " + file.string() + " -o " + program.string();
    REQUIRE(std::system(command.c_str()) == 0);
    return program;
}

// A machine with the bundled kernel, as the fork demo's config and `overrides` say.
inline std::unique_ptr<Machine> make_machine(const std::vector<Override>& overrides,
                                             EventSink& events, ConsoleSink* output,
                                             ConsoleSource* input) {
    const std::filesystem::path file = FORKSCOPE_SOURCE_DIR "/configs/fork-demo.json";
    Result<Config> config = read_config(file, overrides);
    REQUIRE(config.ok());
    config->machine.kernel = guest_file("guestos.img");
    config->machine.initrd = guest_file("initrd.cpio");
    const Result<BootPlan> plan = plan_boot(*config);
    REQUIRE(plan.ok());
    const auto timing = set_up_timing(*config, file);
    REQUIRE(timing.ok());
    MachineSettings settings;
    settings.cpu_hz = config->machine.cpu_hz;
    settings.seed = config->seed;
    settings.timing = *timing;
    settings.events = &events;
    settings.console_output = output;
    settings.console_input = input;
    Result<std::unique_ptr<Machine>> made = Machine::create(*plan, settings);
    REQUIRE(made.ok());
    return std::move(*made);
}

struct GuestRun {
    explicit GuestRun(const std::vector<Override>& overrides = {}, EventSink* other = nullptr) {
        events.add(world);
        if (other != nullptr)
            events.add(*other);
        machine = make_machine(overrides, events, &console, nullptr);
    }

    // That a program from the host is init's only job.
    static std::vector<Override> job(const std::filesystem::path& program) {
        return {{"--program", "machine.program", program.string(), true}};
    }

    std::shared_ptr<Snapshot> snapshot() { return taker.take(world, machine->inspect(), &console); }

    World world;
    ConsoleText console{nullptr};
    Fanout events;
    std::unique_ptr<Machine> machine;
    SnapshotTaker taker;
};

// Asks the machine to stop at each OS event, and remembers what happened last.
class EventStops final : public EventSink {
public:
    Machine* machine = nullptr;
    std::vector<Event> latest; // since the last clear()

    void on_event(const Event& event) override {
        latest.push_back(event);
        if (machine != nullptr && is_os_event(event.kind))
            machine->request_stop();
    }
};

// A program with what changes address spaces: mmap of every kind, forks of forks,
// vfork, exec, wired and inherited memory.
inline const char* const kSpaceProgram = R"(
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
enum { PAGE = 4096 };
static char own[4 * PAGE];
static void await(pid_t pid) { int status; if (waitpid(pid, &status, 0) != pid) exit(1); }
int main(void) {
    char *anonymous = mmap(0, 8 * PAGE, PROT_READ | PROT_WRITE, MAP_ANON | MAP_PRIVATE, -1, 0);
    char *shared = mmap(0, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_ANON | MAP_SHARED, -1, 0);
    char *zero = mmap(0, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_ANON | MAP_PRIVATE, -1, 0);
    char *wired = mmap(0, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_ANON | MAP_PRIVATE, -1, 0);
    int fd = open("/bin/echo", O_RDONLY);
    char *file = mmap(0, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    if (fd < 0 || file == MAP_FAILED || mlock(wired, 2 * PAGE) != 0) return 2;
    minherit(zero, 2 * PAGE, MAP_INHERIT_ZERO);
    memset(anonymous, 1, 8 * PAGE);
    shared[0] = zero[0] = 1;
    file[PAGE] = (char)(file[0] + 1);
    for (int i = 0; i < 3; ++i) {
        pid_t child = fork();
        if (child == 0) {
            own[i * PAGE] = 1;
            anonymous[i * PAGE] = 2;
            shared[PAGE] = (char)i;
            pid_t grandchild = fork();
            if (grandchild == 0) { anonymous[i * PAGE] = 3; zero[PAGE] = file[0]; _exit(0); }
            anonymous[5 * PAGE] = 4;
            await(grandchild);
            mprotect(anonymous, 2 * PAGE, PROT_READ);
            munmap(shared, PAGE);
            _exit(0);
        }
        anonymous[6 * PAGE] = 5;
        await(child);
    }
    pid_t runner = vfork();
    if (runner == 0) { execl("/bin/true", "true", (char *)0); _exit(3); }
    await(runner);
    munmap(anonymous, 4 * PAGE);
    return 0;
}
)";

} // namespace forkscope::test
