#include "session/breakpoint.hpp"
#include "support/paths.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace forkscope;

namespace {

Symbols guest_symbols() {
    const std::filesystem::path guest = FORKSCOPE_BUILD_DIR "/guest";
    if (!std::filesystem::exists(guest / "guestos.elf"))
        SKIP("the guest is not built");
    Symbols symbols;
    REQUIRE(symbols.add(guest / "guestos.elf", "").ok());
    REQUIRE(symbols.add(guest / "symbols/fork-demo", "fork-demo").ok());
    REQUIRE(symbols.add(guest / "symbols/init", "init").ok());
    return symbols;
}

std::string error(const std::string& text, const Symbols& symbols = {}) {
    const Result<Breakpoint> result = parse_breakpoint(text, symbols);
    REQUIRE_FALSE(result.ok());
    CHECK(result.error().message.find('\n') == std::string::npos);
    return result.error().message;
}

} // namespace

TEST_CASE("breakpoint: each form is read, with a process or without", "[ui][session]") {
    using Kind = Breakpoint::Kind;
    const Symbols none;
    const Breakpoint address = *parse_breakpoint("0x40120c", none);
    CHECK(address.kind == Kind::Address);
    CHECK(address.address == 0x40120c);
    CHECK_FALSE(address.pid);
    const Breakpoint call = *parse_breakpoint("  syscall   wait4 pid 12 ", none);
    CHECK(call.kind == Kind::Syscall);
    CHECK(call.syscall == 449);
    CHECK(call.pid == 12);
    CHECK(call.text == "syscall wait4 pid 12");
    CHECK(parse_breakpoint("syscall 2", none)->syscall == 2);
    CHECK_FALSE(parse_breakpoint("syscall", none)->syscall);
    CHECK(parse_breakpoint("syscall pid 3", none)->pid == 3);
    CHECK(parse_breakpoint("fork", none)->kind == Kind::Fork);
    CHECK(parse_breakpoint("fault", none)->kind == Kind::Fault);
    CHECK(parse_breakpoint("fault permission", none)->fault == FaultClass::Permission);
    CHECK(parse_breakpoint("fault access_flag pid 1", none)->fault == FaultClass::AccessFlag);
}

TEST_CASE("breakpoint: what is not understood is told in a line, with what was meant",
          "[ui][session]") {
    CHECK(error("") == "breakpoint \"\": expected an address, a symbol, syscall, fork or fault");
    CHECK(error("fault premission")
              .find("no kind of fault premission (did you mean \"permission\"?)") !=
          std::string::npos);
    CHECK(error("syscall frok") ==
          "breakpoint \"syscall frok\": no system call frok (did you mean \"fork\"?)");
    CHECK(error("fork pid x") == "breakpoint \"fork pid x\": x is not a process number");
    CHECK(error("fork pid") ==
          "breakpoint \"fork pid\": one process number is expected after pid, at the end");
    CHECK(error("0x12zz") == "breakpoint \"0x12zz\": 0x12zz is not a hexadecimal address");
    CHECK(error("0x401002") == "breakpoint \"0x401002\": instructions lie at multiples of 4");
    CHECK(error("0x11111111111111111").find("is not a hexadecimal address") != std::string::npos);
    CHECK(error("fork bomb") == "breakpoint \"fork bomb\": bomb is not understood");
    CHECK(error("syscall 99999999999999999999").find("no system call") != std::string::npos);
}

TEST_CASE("breakpoint: symbols are the kernel's or a program's", "[ui][session]") {
    const Symbols symbols = guest_symbols();
    const Breakpoint kernel = *parse_breakpoint("fork1", symbols);
    CHECK(kernel.address >> 63 == 1);
    CHECK(kernel.program.empty());
    CHECK(symbols.describe(kernel.address + 8, "") == "fork1+0x8");
    const Breakpoint main = *parse_breakpoint("fork-demo:main", symbols);
    CHECK(main.program == "fork-demo");
    CHECK(symbols.describe(main.address, "fork-demo") == "main");
    CHECK(symbols.describe(main.address, "sh").empty());
    Symbols cut;
    REQUIRE(cut.add(FORKSCOPE_BUILD_DIR "/guest/symbols/fork-demo", "a-name-of-more-than-16").ok());
    CHECK(cut.describe(main.address, "a-name-of-more-t") == "main"); // as processes have it
    CHECK(cut.describe(main.address, "a-name-of-more").empty());
    CHECK(parse_breakpoint("a-name-of-more-than-16:main", cut)->address == main.address);
    CHECK(parse_breakpoint("main", symbols, "init")->program == "init");
    CHECK(error("main", symbols)
              .find("main is in several programs: say which, as in fork-demo:main") !=
          std::string::npos);
    CHECK(error("frok1", symbols).find("(did you mean \"fork1\"?)") != std::string::npos);
    CHECK(error("fork-dmeo:main", symbols).find("(did you mean \"fork-demo\"?)") !=
          std::string::npos);
    CHECK(error("fork-demo:mian", symbols).find("(did you mean \"main\"?)") != std::string::npos);
}
