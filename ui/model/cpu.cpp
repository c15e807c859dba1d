#include "model/cpu.hpp"

#include "base/text.hpp"
#include "mmu/walker.hpp"
#include "model/names.hpp"
#include "ui/columns.hpp"
#include "ui/text_table.hpp"
#include "ui/words.hpp"

#include <cstdio>

namespace forkscope {

namespace {

constexpr std::size_t kInLine = 4; // registers

// False before the first stop: then nothing has changed.
bool has_before(const Snapshot& snapshot) {
    const CpuView& before = snapshot.cpu_before;
    return before.pc != 0 || before.sp != 0 || before.pstate != 0;
}

std::string flags_of(u64 pstate) {
    constexpr std::string_view names = "NZCV DAIF";
    constexpr std::array<unsigned, 9> bits = {31, 30, 29, 28, 0, 9, 8, 7, 6};
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i) {
        const bool set = (pstate >> bits[i] & 1) != 0;
        text += set || names[i] == ' ' ? names[i] : static_cast<char>(names[i] - 'A' + 'a');
    }
    return text;
}

std::string ttbr_words(u64 ttbr) {
    return "ASID " + std::to_string(Ttbr::ASID::get(ttbr)) + ", first table at " +
           hex(ttbr & Ttbr::BADDR::mask & ~u64{1});
}

std::string sctlr_words(u64 sctlr) {
    return std::string("MMU ") + (Sctlr::M::test(sctlr) ? "on" : "off") + ", caches " +
           (Sctlr::C::test(sctlr) ? "on" : "off");
}

std::string tcr_words(u64 tcr) {
    return "addresses of " + std::to_string(64 - Tcr::T0SZ::get(tcr)) + " and " +
           std::to_string(64 - Tcr::T1SZ::get(tcr)) + " bits";
}

std::string spsr_words(u64 spsr) {
    return "returns to EL" + std::to_string(Field<u64, 3, 2>::get(spsr)) + ", " + flags_of(spsr);
}

std::string code_word(u32 word) {
    char text[16];
    std::snprintf(text, sizeof text, "%08x", word);
    return text;
}

// "copy_page" of "copy_page+0x24"
std::string_view function_of(std::string_view symbol) {
    return symbol.substr(0, symbol.find('+'));
}

void add_code(const Snapshot& snapshot, CpuModel& model) {
    std::string_view function;
    for (const CodeLine& line : snapshot.code) {
        CodeRow row;
        row.address = line.address;
        row.word = code_word(line.word);
        row.text = printable(line.text);
        if (function_of(line.symbol) != function) {
            function = function_of(line.symbol);
            row.symbol = printable(line.symbol);
        }
        row.current = line.address == snapshot.cpu.pc;
        model.code.push_back(std::move(row));
    }
}

std::string general_text(const std::vector<RegisterRow>& rows) {
    std::string text;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const RegisterRow& row = rows[i];
        text += i % kInLine == 0 ? "  " : "";
        text += pad_right(row.name, 4) + pad_left(hex(row.value), 18) + (row.changed ? "*" : " ");
        if (i % kInLine == kInLine - 1 || i + 1 == rows.size()) {
            text.erase(text.find_last_not_of(' ') + 1);
            text += '\n';
        } else {
            text += ' ';
        }
    }
    return text;
}

} // namespace

CpuModel model_cpu(const Snapshot& snapshot, const Selection&) {
    const CpuView& cpu = snapshot.cpu;
    const CpuView& before = snapshot.cpu_before;
    const bool compare = has_before(snapshot);
    const auto row = [&](std::string name, u64 value, u64 was, std::string words = "") {
        return RegisterRow{std::move(name), value, was, compare && value != was, std::move(words)};
    };
    CpuModel model;
    model.pid = cpu.pid;
    model.el = cpu.el;
    model.where = Names(snapshot).who(cpu.pid) + " at EL" + std::to_string(cpu.el);
    for (std::size_t i = 0; i < cpu.x.size(); ++i) {
        model.general.push_back(row("x" + std::to_string(i), cpu.x[i], before.x[i]));
    }
    model.general.push_back(row("SP", cpu.sp, before.sp));
    model.general.push_back(row("PC", cpu.pc, before.pc));
    model.system = {
        row("TTBR0_EL1", cpu.ttbr0, before.ttbr0, ttbr_words(cpu.ttbr0)),
        row("TTBR1_EL1", cpu.ttbr1, before.ttbr1, ttbr_words(cpu.ttbr1)),
        row("ESR_EL1", cpu.esr, before.esr, exception_class_words(cpu.esr)),
        row("FAR_EL1", cpu.far, before.far),
        row("ELR_EL1", cpu.elr, before.elr),
        row("SPSR_EL1", cpu.spsr, before.spsr, spsr_words(cpu.spsr)),
        row("SP_EL0", cpu.sp_el0, before.sp_el0),
        row("VBAR_EL1", cpu.vbar, before.vbar, "exception vectors"),
        row("TCR_EL1", cpu.tcr, before.tcr, tcr_words(cpu.tcr)),
        row("SCTLR_EL1", cpu.sctlr, before.sctlr, sctlr_words(cpu.sctlr)),
    };
    model.pstate = cpu.pstate;
    model.pstate_changed = compare && cpu.pstate != before.pstate;
    model.flags = flags_of(cpu.pstate);
    model.pstate_fields = pstate_fields(cpu.pstate);
    if (compare) {
        mark_changes(model.pstate_fields, pstate_fields(before.pstate));
    }
    add_code(snapshot, model);
    return model;
}

std::string text(const CpuModel& model) {
    std::string text = wrap("  ", model.where + "; PSTATE " + hex(model.pstate) +
                                      (model.pstate_changed ? "*" : "") + ": " + model.flags +
                                      ". A star: changed since the last stop.");
    text += general_text(model.general);
    TextTable system({{""}, {"", true}, {"", false, 1}, {""}});
    for (const RegisterRow& row : model.system) {
        system.add({row.name, hex(row.value), row.changed ? "*" : "", row.words});
    }
    text += system.text();
    TextTable code({{"", false, 2}, {"", true}, {""}, {"", false, 48}, {""}});
    for (const CodeRow& row : model.code) {
        code.add({row.current ? "->" : "", hex(row.address), row.word, row.text, row.symbol});
    }
    return text + (code.empty() ? "  No code is known.\n" : code.text());
}

} // namespace forkscope
