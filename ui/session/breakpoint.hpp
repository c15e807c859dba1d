// Where a run is to stop, as the user says it.
#pragma once

#include "event/esr.hpp"
#include "session/symbols.hpp"

#include <optional>

namespace forkscope {

struct Breakpoint {
    enum class Kind : u8 { Address, Syscall, Fork, Fault };

    Kind kind = Kind::Address;
    std::string text; // as given, with single spaces
    u64 address = 0;
    std::string program;             // of a program's symbol: in its processes only
    std::optional<u64> syscall;      // none: any
    std::optional<FaultClass> fault; // none: any
    std::optional<u32> pid;          // none: any
};

// How a breakpoint's text calls a kind of fault: "translation", "permission",
// "access-flag", "alignment"; "other" for those that have no word there.
[[nodiscard]] std::string_view fault_word(FaultClass fault);

// One of these, each with " pid N" after it or not:
//   0x401000                  an address
//   fork1, main, sh:main      a symbol of the kernel or of a program
//   syscall [NAME or NUMBER]  entry to a system call
//   fork                      a process is made, by fork or its kin
//   fault [KIND]              translation, permission, access-flag, alignment
// `favourite` is the program whose symbols need no name before them.
[[nodiscard]] Result<Breakpoint> parse_breakpoint(std::string_view text, const Symbols& symbols,
                                                  std::string_view favourite = {});

} // namespace forkscope
