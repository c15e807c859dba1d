#include "session/breakpoint.hpp"

#include "abi/syscall.hpp"
#include "base/nearest.hpp"
#include "ui/guest_names.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <sstream>

namespace forkscope {

namespace {

using Words = std::vector<std::string>;

struct FaultName {
    std::string_view name;
    FaultClass fault;
};
constexpr std::array kFaults = {FaultName{"translation", FaultClass::Translation},
                                FaultName{"permission", FaultClass::Permission},
                                FaultName{"access-flag", FaultClass::AccessFlag},
                                FaultName{"alignment", FaultClass::Alignment}};

template <class T> std::optional<T> number(std::string_view text, int base) {
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    const bool whole = error == std::errc() && end == text.data() + text.size() && !text.empty();
    return whole ? std::optional(value) : std::nullopt;
}

Error bad(const std::string& text, const std::string& why) {
    return {"breakpoint \"" + text + "\": " + why};
}

// Takes "pid N" off the end.
Result<void> take_pid(Words& words, Breakpoint& breakpoint) {
    const auto pid = std::ranges::find(words, "pid");
    if (pid == words.end())
        return {};
    if (words.end() - pid != 2)
        return bad(breakpoint.text, "one process number is expected after pid, at the end");
    breakpoint.pid = number<u32>(pid[1], 10);
    if (!breakpoint.pid)
        return bad(breakpoint.text, pid[1] + " is not a process number");
    words.erase(pid, words.end());
    return {};
}

Result<void> take_syscall(const Words& words, Breakpoint& breakpoint) {
    breakpoint.kind = Breakpoint::Kind::Syscall;
    if (words.size() == 1)
        return {};
    const bool digits = words[1].find_first_not_of("0123456789") == std::string::npos;
    breakpoint.syscall = digits ? number<u64>(words[1], 10) : syscall_number(words[1]);
    if (breakpoint.syscall)
        return {};
    std::vector<std::string> names;
    for (u64 i = 0; i < SYS_MAXSYSCALL; ++i)
        names.push_back(syscall_name(i));
    return bad(breakpoint.text,
               "no system call " + words[1] +
                   suggestion(words[1], std::vector<std::string_view>(names.begin(), names.end())));
}

Result<void> take_fault(const Words& words, Breakpoint& breakpoint) {
    breakpoint.kind = Breakpoint::Kind::Fault;
    if (words.size() == 1)
        return {};
    std::string name = words[1];
    std::ranges::replace(name, '_', '-');
    const auto found = std::ranges::find(kFaults, name, &FaultName::name);
    if (found == kFaults.end()) {
        std::vector<std::string_view> names;
        for (const FaultName& each : kFaults)
            names.push_back(each.name);
        return bad(breakpoint.text, "no kind of fault " + words[1] + suggestion(name, names) +
                                        "; there are translation, permission, access-flag and "
                                        "alignment");
    }
    breakpoint.fault = found->fault;
    return {};
}

Result<void> take_address(const std::string& word, Breakpoint& breakpoint, const Symbols& symbols,
                          std::string_view favourite) {
    if (word.starts_with("0x")) {
        const auto address = number<u64>(std::string_view(word).substr(2), 16);
        if (!address)
            return bad(breakpoint.text, word + " is not a hexadecimal address");
        breakpoint.address = *address;
    } else {
        const Result<Symbols::Place> place = symbols.find(word, favourite);
        if (!place)
            return bad(breakpoint.text, place.error().message);
        breakpoint.address = place->address;
        breakpoint.program = place->program;
    }
    if (breakpoint.address % 4 != 0)
        return bad(breakpoint.text, "instructions lie at multiples of 4");
    return {};
}

} // namespace

std::string_view fault_word(FaultClass fault) {
    const auto found = std::ranges::find(kFaults, fault, &FaultName::fault);
    return found == kFaults.end() ? "other" : found->name;
}

Result<Breakpoint> parse_breakpoint(std::string_view text, const Symbols& symbols,
                                    std::string_view favourite) {
    std::istringstream stream{std::string(text)};
    Words words;
    Breakpoint breakpoint;
    for (std::string word; stream >> word;) {
        breakpoint.text += (words.empty() ? "" : " ") + word;
        words.push_back(word);
    }
    if (const Result<void> taken = take_pid(words, breakpoint); !taken)
        return taken.error();
    if (words.empty())
        return bad(breakpoint.text, "expected an address, a symbol, syscall, fork or fault");
    const std::string& first = words.front();
    const bool takes_word = first == "syscall" || first == "fault";
    if (words.size() > (takes_word ? 2 : 1))
        return bad(breakpoint.text,
                   words[takes_word ? 2 : 1] + " is not understood" +
                       suggestion(words.back(), std::array<std::string_view, 1>{"pid"}));
    Result<void> taken;
    if (first == "fork")
        breakpoint.kind = Breakpoint::Kind::Fork;
    else if (first == "syscall")
        taken = take_syscall(words, breakpoint);
    else if (first == "fault")
        taken = take_fault(words, breakpoint);
    else
        taken = take_address(first, breakpoint, symbols, favourite);
    if (!taken)
        return taken.error();
    return breakpoint;
}

} // namespace forkscope
