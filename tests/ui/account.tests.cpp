#include "ui/account.hpp"
#include "support/event_script.hpp"
#include "support/paths.hpp"
#include "support/temporary_folder.hpp"
#include "ui/columns.hpp"

#include <catch2/catch_test_macros.hpp>

#include <sstream>

using namespace forkscope;
using abi::ProbeId;
using test::EventScript;

namespace {

constexpr u64 kFork = 2;
constexpr u64 kVfork14 = 282;

// ESR values. Arm ARM, ESR_EL1: EC, IL and the fault status code.
constexpr u64 kWritePermission = 0x9200'004f;  // data abort from EL0, write, level 3
constexpr u64 kWriteTranslation = 0x9200'0047; // likewise, translation fault
constexpr u64 kReadTranslation = 0x9200'0007;  // read
constexpr u64 kFetchTranslation = 0x8200'0007; // instruction abort from EL0
constexpr u64 kKernelPermission = 0x9600'004f; // data abort from EL1, write
constexpr u64 kReadTranslation1 = 0x9200'0005; // read, level 1

// Page descriptors: UXN PXN nG AF SH=inner, AP user read-only or read-write.
constexpr u64 kReadOnly = 0x0060'0000'0000'0fc3;
constexpr u64 kReadWrite = 0x0060'0000'0000'0f43;
constexpr u64 kCode = 0x0020'0000'0000'0fc3;

void fault(EventScript& script, u32 asid, u64 address, u64 esr, u64 descriptor) {
    const u8 el = (esr >> 26) == 0x25 ? 1 : 0;
    script.machine(EventKind::Fault, {address, 0x40'0120, esr, descriptor, 0xb900'0020, asid}, el);
}

void handled(EventScript& script, u32 pid, u64 address, u64 before, u64 after) {
    script.probe(ProbeId::FaultDone, {pid, address, 2, 0});
    script.machine(EventKind::DescriptorChange, {address, 0x40'0120, before, after, 3, pid}, 0);
}

void first_touch(EventScript& script, u32 pid, u64 address, u64 esr, ProbeId how, u64 frame) {
    fault(script, pid, address, esr, 0);
    script.probe(how, {pid, address & ~u64{4095}, frame, 0x3000, 0});
    handled(script, pid, address, 0, frame | (how == ProbeId::FileFill ? kCode : kReadWrite));
}

void copy(EventScript& script, u32 pid, u64 address, u64 from, u64 to, u64 references) {
    fault(script, pid, address, kWritePermission, from | kReadOnly);
    script.probe(ProbeId::CowCopy, {pid, address & ~u64{4095}, from, to, references});
    handled(script, pid, address, from | kReadOnly, to | kReadWrite);
}

void reuse(EventScript& script, u32 pid, u64 address, u64 frame) {
    fault(script, pid, address, kWritePermission, frame | kReadOnly);
    script.probe(ProbeId::CowReuse, {pid, address & ~u64{4095}, frame});
    handled(script, pid, address, frame | kReadOnly, frame | kReadWrite);
}

void fork(EventScript& script, u32 parent, u32 child, u64 pages) {
    script.probe(ProbeId::SyscallEntry, {parent, kFork});
    script.probe(ProbeId::SpaceFork, {parent, child, 0, 4, pages});
    script.probe(ProbeId::ProcCreate, {child, parent, 0, parent});
    script.probe(ProbeId::SyscallReturn, {parent, kFork, 0, child, 0});
}

void begin(EventScript& script) {
    script.machine(EventKind::RunStart, {u64{256} << 20, 1});
    script.now = 1'000'000;
    script.probe(ProbeId::FrameCount, {65'000, 64'000, 0});
    script.probe(ProbeId::ProcCreate, {1, 0, 0, 0});
    script.exec(1, "init");
    script.probe(ProbeId::BootDone, {});
    script.spend(1, CycleCause::Base, 1'000'400, 1'000'400);
    script.run(1);
}

void end(EventScript& script, RunEndReason reason, u64 status) {
    script.probe(ProbeId::FrameCount, {65'000, 64'000, 1});
    script.spend(1, CycleCause::Base, 2'000, 2'000);
    script.machine(EventKind::RunEnd, {static_cast<u64>(reason), status});
}

// A parent and its child write the same page: the child copies, the parent
// is the last sharer.
EventScript teaching_demo() {
    EventScript script;
    begin(script);
    first_touch(script, 1, 0x40'0000, kFetchTranslation, ProbeId::FileFill, 0x4100'0000);
    first_touch(script, 1, 0x7f'ffff'eff0, kWriteTranslation, ProbeId::ZeroFill, 0x4100'1000);
    fork(script, 1, 2, 6);
    script.spend(0, CycleCause::Base, 1'500, 1'500);
    script.run(2);
    copy(script, 2, 0x7f'ffff'eff0, 0x4100'1000, 0x4100'2000, 2);
    script.exec(2, "fork-demo");
    for (u64 i = 0; i < 9; ++i) {
        first_touch(script, 2, 0x41'0000 + 0x1000 * i, kReadTranslation,
                    i % 3 == 0 ? ProbeId::FileFill : ProbeId::ZeroFill, 0x4100'3000 + 0x1000 * i);
    }
    script.probe(ProbeId::ProcExit, {2, 3 << 8});
    script.spend(0, CycleCause::Base, 4'500, 4'500);
    script.spend(1, CycleCause::Idle, 3'000, 0);
    script.run(1);
    reuse(script, 1, 0x7f'ffff'eff0, 0x4100'1000);
    script.probe(ProbeId::ProcReap, {2, 1});
    end(script, RunEndReason::PowerOff, 0);
    return script;
}

// The rarer sentences.
EventScript mishaps() {
    EventScript script;
    begin(script);
    script.probe(ProbeId::SyscallEntry, {1, kVfork14});
    script.probe(ProbeId::SpaceFork, {1, 2, 1, 0, 0});
    script.probe(ProbeId::ProcCreate, {2, 1, 3, 1});
    script.run(2);
    fork(script, 2, 3, 1);
    script.probe(ProbeId::ProcExit, {2, 0});
    script.probe(ProbeId::ProcReparent, {3, 1});
    script.run(1);
    script.probe(ProbeId::SyscallReturn, {1, kVfork14, 0, 2, 0});
    script.probe(ProbeId::ProcReap, {2, 1});
    script.probe(ProbeId::SyscallEntry, {1, kFork});
    script.probe(ProbeId::SyscallReturn, {1, kFork, 35, 0, 0});
    script.run(3);
    fault(script, 3, 0x0, kReadTranslation1, 0);
    script.probe(ProbeId::FaultDone, {3, 0, 1, 14});
    script.probe(ProbeId::ProcExit, {3, 11});
    script.run(1);
    fault(script, 1, 0x7f'0000'0008, kKernelPermission, 0x4100'1000 | kReadOnly);
    script.probe(ProbeId::CowCopy, {1, 0x7f'0000'0000, 0x4100'1000, 0x4100'2000, 3});
    script.probe(ProbeId::FaultDone, {1, 0x7f'0000'0008, 2, 0});
    script.probe(ProbeId::AnonMap, {1, 0x7f'0001'0000, 0x4100'7000, 2, 0});
    script.probe(ProbeId::EagerCopy, {1, 0x7f'0002'0000, 0x4100'8000, 0x4100'9000});
    script.probe(ProbeId::SyscallEntry, {1, kFork});
    const std::string message = "uvm_fault: amap without anons";
    script.probe(ProbeId::Panic, {test::packed(message), test::packed(message, 8),
                                  test::packed(message, 16), test::packed(message, 24)});
    end(script, RunEndReason::Panic, 0);
    return script;
}

std::string account_of(const EventScript& script, AccountOptions options = {}) {
    Account account(std::move(options));
    script.send_to(account);
    return account.text();
}

// Compares with the approved text beside this file, and leaves what was received
// next to the build for a look.
void check_approved(const std::string& name, const std::string& received) {
    const std::filesystem::path approved =
        std::filesystem::path(FORKSCOPE_SOURCE_DIR) / "tests/ui" / (name + ".approved.txt");
    const std::filesystem::path left =
        std::filesystem::path(FORKSCOPE_BUILD_DIR) / (name + ".received.txt");
    if (test::text_of_file(approved) != received) {
        std::ofstream(left, std::ios::binary) << received;
    }
    INFO("received: " << left.string());
    CHECK(received == test::text_of_file(approved));
}

std::size_t widest_line(const std::string& text) {
    std::istringstream lines(text);
    std::size_t widest = 0;
    for (std::string line; std::getline(lines, line);) {
        widest = std::max(widest, width_of(line));
    }
    return widest;
}

} // namespace

TEST_CASE("account: a fork with copies reads as approved", "[ui][account]") {
    const std::string text = account_of(teaching_demo());
    check_approved("account-demo", text);
    CHECK(widest_line(text) <= kColumns);
}

TEST_CASE("account: refusals, orphans, signals and a panic read as approved", "[ui][account]") {
    const std::string text = account_of(mishaps());
    check_approved("account-mishaps", text);
    CHECK(widest_line(text) <= kColumns);
}

TEST_CASE("account: a guest without probes still has its faults told", "[ui][account]") {
    EventScript script;
    script.machine(EventKind::RunStart, {u64{64} << 20, 1});
    fault(script, 0, 0xffff'0000, 0x9600'0007, 0);
    fault(script, 0, 0x40'0000, kReadTranslation, 0);
    script.machine(EventKind::DescriptorChange, {0x40'0000, 0x100, 0, 0x4100'0000 | kCode, 3, 1},
                   0);
    script.spend(1, CycleCause::Base, 300, 300);
    script.machine(EventKind::RunEnd, {static_cast<u64>(RunEndReason::Limit), 0});
    check_approved("account-without-probes", account_of(script));
}

TEST_CASE("account: a long run is cut with a line that says where the rest is", "[ui][account]") {
    EventScript script;
    script.step = 10;
    begin(script);
    for (u32 i = 0; i < 2000; ++i) {
        const u32 pid = 2 + i;
        fork(script, 1, pid, 16);
        script.run(pid);
        for (u64 page = 0; page < 4; ++page) {
            copy(script, pid, 0x7f'0000'0000 + 0x1000 * page, 0x4100'0000, 0x4200'0000, 2);
            first_touch(script, pid, 0x60'0000 + 0x1000 * page, kWriteTranslation,
                        ProbeId::ZeroFill, 0x4300'0000);
        }
        script.probe(ProbeId::ProcExit, {pid, 0});
        script.run(1);
        script.probe(ProbeId::ProcReap, {pid, 1});
    }
    end(script, RunEndReason::PowerOff, 0);
    AccountOptions options;
    options.full_record = "in run.trace";
    const std::string text = account_of(script, options);
    CHECK(std::count(text.begin(), text.end(), '\n') < 300);
    CHECK(text.find("... and 1,961 more processes") != std::string::npos);
    CHECK(text.find("... and 7,960 more copies and ") != std::string::npos);
    CHECK(text.find("run.trace.") != std::string::npos);
    CHECK(text.find("8,000 copied on write") != std::string::npos);
    CHECK(widest_line(text) <= kColumns);
}

TEST_CASE("account: generations of processes fit into the columns", "[ui][account]") {
    EventScript script;
    begin(script);
    for (u32 pid = 1; pid < 30; ++pid) {
        fork(script, pid, pid + 1, 3);
        script.exec(pid + 1, "sixteen-letters!");
    }
    end(script, RunEndReason::PowerOff, 0);
    CHECK(widest_line(account_of(script)) <= kColumns);
}

TEST_CASE("account: every event is told or counted", "[ui][account]") {
    ChronicleLimits limits;
    for (const std::size_t others : {0, 1, 2, 3, 5, 8, 13, 60}) {
        limits.others = others;
        Chronicle chronicle(limits);
        teaching_demo().send_to(chronicle);
        chronicle.finish();
        u64 told = 0;
        for (const ChronicleEntry& entry : chronicle.entries()) {
            const auto* more = std::get_if<MoreTouches>(&entry.what);
            told += more != nullptr ? more->zero_fill + more->file_fill + more->share : 1;
        }
        CAPTURE(others);
        CHECK(told + chronicle.untold_copies() + chronicle.untold_others() == 18);
    }
}
