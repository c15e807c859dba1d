#include "emu/support/test_machine.hpp"

#include <catch2/catch_test_macros.hpp>

namespace forkscope::test {

const char* const kMacros = R"(
    .equ UART, 0x09000000
    .macro putc reg
        mov x28, #UART
        mov x27, \reg
        str w27, [x28]
    .endm
    .macro puthex reg
        mov x26, \reg
        mov x25, #60
    .Lhex\@:
        lsr x27, x26, x25
        and x27, x27, #15
        cmp x27, #10
        add x28, x27, #'0'
        add x27, x27, #('a' - 10)
        csel x27, x28, x27, lo
        mov x28, #UART
        str w27, [x28]
        subs x25, x25, #4
        b.ge .Lhex\@
        mov x27, #'\n'
        str w27, [x28]
    .endm
    .macro putreg name
        mrs x24, \name
        puthex x24
    .endm
    .macro power_off
        mov w0, #0x84000000
        add w0, w0, #8
        hvc #0
    .endm
    .macro vectors
        .balign 2048
    vectors:
        .irp offset, 0,0x80,0x100,0x180,0x200,0x280,0x300,0x380,0x400,0x480,0x500,0x580,0x600,0x680,0x700,0x780
        .balign 128
        mov x20, #\offset
        b handler
        .endr
        .balign 128
    .endm
)";

TestMachine::TestMachine(const std::string& source, std::string input) {
    input_.text = std::move(input);
    BootPlan plan;
    plan.ram_bytes = kRamBytes;
    plan.entry = kProgramBase;
    Segment program;
    program.address = kProgramBase;
    program.bytes = assemble(kMacros + source);
    program.size = program.bytes.size();
    plan.segments.push_back(std::move(program));
    MachineSettings settings;
    settings.events = &recorder_;
    settings.console_output = &output_;
    settings.console_input = input_.text.empty() ? nullptr : &input_;
    auto made = Machine::create(plan, settings);
    REQUIRE(made.ok());
    machine_ = std::move(*made);
}

RunResult TestMachine::run(Cycle last_cycle) {
    RunResult result = machine_->run({.last_cycle = last_cycle});
    machine_->finish();
    return result;
}

std::vector<Event> TestMachine::events() const {
    std::vector<Event> all;
    for (std::size_t i = 0; i < recorder_.size(); ++i)
        all.push_back(recorder_[i]);
    return all;
}

std::vector<Event> TestMachine::events(EventKind kind) const {
    std::vector<Event> found;
    for (const Event& event : events())
        if (event.kind == static_cast<u16>(kind))
            found.push_back(event);
    return found;
}

} // namespace forkscope::test
