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

    // Tables at 0x40400000 (level 1), 0x40401000 (2), 0x40402000 (3); RAM starts zeroed.
    .equ PAGES, 0x80000000
    .equ TABLE3, 0x40402000
    .macro mmu_on
        mov x0, #0x40400000
        ldr x1, =0x0060000000000405     // block at 0: device, EL1 only, UXN PXN, AF
        str x1, [x0]
        ldr x1, =0x0040000040000701     // block at 1 GiB: normal, EL1 only, UXN, AF
        str x1, [x0, #8]
        ldr x1, =0x40401003
        str x1, [x0, #16]
        add x0, x0, #0x1000
        ldr x1, =TABLE3 + 3
        str x1, [x0]
        msr ttbr0_el1, x0
        sub x0, x0, #0x1000
        msr ttbr0_el1, x0
        ldr x1, =0x00000000000000ff     // attribute 0 normal, 1 device
        msr mair_el1, x1
        ldr x1, =0x1000800019           // 16-bit ASIDs, EPD1, T0SZ = 25
        msr tcr_el1, x1
        isb
        mrs x1, sctlr_el1
        orr x1, x1, #1
        msr sctlr_el1, x1
        isb
    .endm
    // Page `number` after PAGES: descriptor `value` (both constants); changes x0, x1.
    .macro map number, value
        ldr x0, =TABLE3 + 8 * (\number)
        ldr x1, =\value
        str x1, [x0]
        dsb ishst
        isb
    .endm
    // Attributes of page descriptors: valid, AF, inner shareable, not global.
    .equ PAGE, 0xf03
    .equ USER, 0x40
    .equ READONLY, 0x80
    .equ PXN, 1 << 53
    .equ UXN, 1 << 54
)";

TestMachine::TestMachine(const std::string& source, Options options) {
    input_.text = std::move(options.input);
    BootPlan plan;
    plan.ram_bytes = kRamBytes;
    plan.entry = kProgramBase;
    Segment program;
    program.address = kProgramBase;
    program.bytes = assemble(kMacros + source);
    program.size = program.bytes.size();
    plan.segments.push_back(std::move(program));
    MachineSettings settings;
    settings.events = options.watched ? &recorder_ : nullptr;
    settings.timing = std::move(options.timing);
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
