#include "ui/bit_fields.hpp"

#include "base/text.hpp"
#include "event/esr.hpp"
#include "mmu/descriptor.hpp"
#include "mmu/fault.hpp"
#include "ui/text_table.hpp"

#include <algorithm>
#include <array>

namespace forkscope {

namespace {

// A row of the register's description: a Field and what its values mean.
template <class F> BitField make_field(std::string name, u64 word, std::string words) {
    constexpr unsigned low = [] {
        unsigned bit = 0;
        while ((F::mask >> bit & 1) == 0) {
            ++bit;
        }
        return bit;
    }();
    return {.name = std::move(name),
            .high = static_cast<u8>(low + F::width - 1),
            .low = static_cast<u8>(low),
            .value = F::get(word),
            .words = std::move(words)};
}

template <class F>
BitField flag(std::string name, u64 word, const char* if_set, const char* if_clear) {
    return make_field<F>(std::move(name), word, F::test(word) ? if_set : if_clear);
}

std::string access_words(u64 descriptor) {
    constexpr std::array<const char*, 4> words = {
        "EL1 may read and write, EL0 nothing", "EL0 and EL1 may read and write",
        "EL1 may only read, EL0 nothing", "EL0 and EL1 may only read"};
    return words[Descriptor::AP::get(descriptor)];
}

std::string table_access_words(u64 descriptor) {
    constexpr std::array<const char*, 4> words = {"no limit on the levels below",
                                                  "no access from EL0 below", "no writes below",
                                                  "no writes and no access from EL0 below"};
    return words[Descriptor::APTable::get(descriptor)];
}

std::string shareability_words(u64 descriptor) {
    constexpr std::array<const char*, 4> words = {"not shareable", "reserved", "outer shareable",
                                                  "inner shareable"};
    return words[Descriptor::SH::get(descriptor)];
}

std::vector<BitField> table_fields(u64 raw) {
    return {make_field<Descriptor::APTable>("APTable", raw, table_access_words(raw)),
            flag<Descriptor::UXNTable>("UXNTable", raw, "EL0 executes nothing below", "no limit"),
            flag<Descriptor::PXNTable>("PXNTable", raw, "EL1 executes nothing below", "no limit"),
            make_field<Descriptor::Address>("next table", raw,
                                            "table at " + hex(Descriptor(raw).address()))};
}

// Of a nibble of MAIR_EL1, which is not zero: RW in 0b..RW are allocation hints.
const char* cacheability_words(unsigned nibble) {
    if (nibble == 0b0100) {
        return "non-cacheable";
    }
    constexpr std::array<const char*, 4> words = {"write-through transient", "write-back transient",
                                                  "write-through", "write-back"};
    return words[nibble >> 2];
}

std::string attribute_words(u64 raw, u64 mair) {
    const unsigned index = Descriptor(raw).attr_index();
    return "MAIR_EL1.Attr" + std::to_string(index) + ": " +
           memory_attribute_words(static_cast<u8>(mair >> (8 * index)));
}

std::vector<BitField> memory_fields(u64 raw, unsigned level, u64 mair) {
    const Descriptor descriptor(raw);
    return {
        make_field<Descriptor::Software>("software", raw, "for the kernel's own use"),
        flag<Descriptor::UXN>("UXN", raw, "EL0 does not execute", "EL0 executes"),
        flag<Descriptor::PXN>("PXN", raw, "EL1 does not execute", "EL1 executes"),
        flag<Descriptor::Contiguous>("Contiguous", raw, "one of a run of alike", "on its own"),
        make_field<Descriptor::Address>("output address", raw,
                                        hex(descriptor.output_address(level))),
        flag<Descriptor::NG>("nG", raw, "of one ASID only", "global, of every ASID"),
        flag<Descriptor::AF>("AF", raw, "accessed", "not accessed yet: the first access faults"),
        make_field<Descriptor::SH>("SH", raw, shareability_words(raw)),
        make_field<Descriptor::AP>("AP[2:1]", raw, access_words(raw)),
        make_field<Descriptor::AttrIndx>("AttrIndx", raw, attribute_words(raw, mair)),
    };
}

} // namespace

std::string memory_attribute_words(u8 attribute) {
    const unsigned outer = attribute >> 4, inner = attribute & 0xf;
    if (outer == 0 && (inner & 3) == 0) {
        constexpr std::array<const char*, 4> words = {"Device-nGnRnE", "Device-nGnRE",
                                                      "Device-nGRE", "Device-GRE"};
        return words[inner >> 2];
    }
    if (outer == 0 || inner == 0) {
        return "reserved (" + hex(attribute) + ")";
    }
    const std::string outside = cacheability_words(outer), inside = cacheability_words(inner);
    return outside == inside ? "Normal, " + inside
                             : "Normal, outer " + outside + ", inner " + inside;
}

std::vector<BitField> descriptor_fields(u64 descriptor, unsigned level, u64 mair) {
    std::vector<BitField> fields;
    const DescriptorType type = Descriptor(descriptor).type(level);
    if (type == DescriptorType::Table) {
        fields = table_fields(descriptor);
    } else if (type != DescriptorType::Invalid) {
        fields = memory_fields(descriptor, level, mair);
    }
    if (type != DescriptorType::Invalid) {
        fields.push_back(make_field<Descriptor::IsTableOrPage>(
            "type", descriptor, descriptor_type_name(descriptor, level)));
    }
    fields.push_back(flag<Descriptor::Valid>("valid", descriptor,
                                             type == DescriptorType::Invalid
                                                 ? "but not of a type that this level has"
                                                 : "the entry is in use",
                                             "nothing is mapped: an access faults"));
    return fields;
}

std::string descriptor_type_name(u64 descriptor, unsigned level) {
    constexpr std::array<const char*, 4> names = {"invalid", "table", "block", "page"};
    return names[static_cast<std::size_t>(Descriptor(descriptor).type(level))];
}

std::string exception_class_words(u64 esr) {
    switch (static_cast<ExceptionClass>(exception_class(esr))) {
    case ExceptionClass::Unknown:
        return "undefined instruction";
    case ExceptionClass::Wfx:
        return "trapped WFI or WFE";
    case ExceptionClass::FpAccess:
        return "trapped floating point";
    case ExceptionClass::IllegalState:
        return "illegal execution state";
    case ExceptionClass::Svc:
        return "system call (SVC)";
    case ExceptionClass::Hvc:
        return "hypervisor call (HVC)";
    case ExceptionClass::Smc:
        return "secure monitor call (SMC)";
    case ExceptionClass::SystemRegister:
        return "trapped MSR, MRS or system instruction";
    case ExceptionClass::InstructionAbortLower:
        return "instruction abort from EL0";
    case ExceptionClass::InstructionAbortSame:
        return "instruction abort from EL1";
    case ExceptionClass::PcAlignment:
        return "PC alignment fault";
    case ExceptionClass::DataAbortLower:
        return "data abort from EL0";
    case ExceptionClass::DataAbortSame:
        return "data abort from EL1";
    case ExceptionClass::SpAlignment:
        return "SP alignment fault";
    case ExceptionClass::BreakpointLower:
        return "breakpoint from EL0";
    case ExceptionClass::StepLower:
        return "software step from EL0";
    case ExceptionClass::Brk:
        return "breakpoint instruction (BRK)";
    }
    return "exception class " + hex(exception_class(esr));
}

std::string fault_words(u64 esr) {
    const std::string level = "level-" + std::to_string(fault_level(esr)) + " ";
    switch (fault_class(esr)) {
    case FaultClass::Translation:
        return level + "translation fault";
    case FaultClass::Permission:
        return level + "permission fault";
    case FaultClass::AccessFlag:
        return level + "access flag fault";
    case FaultClass::AddressSize:
        return level + "address size fault";
    case FaultClass::Alignment:
        return "alignment fault";
    case FaultClass::Other:
        break;
    }
    return "fault with ESR " + hex(esr);
}

std::vector<BitField> esr_fields(u64 esr) {
    std::vector<BitField> fields = {
        make_field<Syndrome::EC>("EC", esr, exception_class_words(esr)),
        flag<Syndrome::IL>("IL", esr, "32-bit instruction", "16-bit instruction")};
    if (!is_instruction_abort(esr) && !is_data_abort(esr)) {
        fields.push_back(make_field<Syndrome::ISS>("ISS", esr, ""));
        return fields;
    }
    fields.push_back(flag<Syndrome::FnV>("FnV", esr, "FAR_EL1 is not valid", "FAR_EL1 is valid"));
    if (is_data_abort(esr)) {
        fields.push_back(
            flag<Syndrome::CM>("CM", esr, "by cache maintenance", "by a load or store"));
    }
    fields.push_back(flag<Syndrome::S1PTW>("S1PTW", esr, "stage 2, on a stage 1 walk", "stage 1"));
    if (is_data_abort(esr)) {
        fields.push_back(flag<Syndrome::WnR>("WnR", esr, "a write", "a read"));
    }
    fields.push_back(make_field<Syndrome::FSC>(is_data_abort(esr) ? "DFSC" : "IFSC", esr,
                                               fault_class(esr) == FaultClass::Other
                                                   ? "external abort, TLB conflict or other"
                                                   : fault_words(esr)));
    return fields;
}

std::vector<BitField> pstate_fields(u64 pstate) {
    const std::string level = "EL" + std::to_string(Field<u64, 3, 2>::get(pstate));
    return {flag<Field<u64, 31>>("N", pstate, "negative", ""),
            flag<Field<u64, 30>>("Z", pstate, "zero", ""),
            flag<Field<u64, 29>>("C", pstate, "carry; after a system call: it failed", ""),
            flag<Field<u64, 28>>("V", pstate, "overflow", ""),
            flag<Field<u64, 9>>("D", pstate, "debug exceptions masked", ""),
            flag<Field<u64, 8>>("A", pstate, "SErrors masked", ""),
            flag<Field<u64, 7>>("I", pstate, "IRQs masked", "IRQs come through"),
            flag<Field<u64, 6>>("F", pstate, "FIQs masked", ""),
            make_field<Field<u64, 3, 2>>("EL", pstate, level),
            flag<Field<u64, 0>>("SP", pstate, "SP of the level itself", "SP_EL0")};
}

void mark_changes(std::vector<BitField>& fields, const std::vector<BitField>& others) {
    for (BitField& field : fields) {
        field.changed = std::ranges::none_of(others, [&](const BitField& other) {
            return other.name == field.name && other.value == field.value;
        });
    }
}

std::string bit_range(const BitField& field) {
    const std::string low = std::to_string(field.low);
    return field.high == field.low ? "[" + low + "]"
                                   : "[" + std::to_string(field.high) + ":" + low + "]";
}

std::string changed_names(const std::vector<BitField>& fields) {
    std::string names;
    for (const BitField& field : fields) {
        if (field.changed) {
            names += (names.empty() ? "" : ", ") + field.name;
        }
    }
    return names;
}

std::string describe_changes(u64 before, const std::vector<BitField>& after) {
    if (!Descriptor::Valid::test(before)) {
        return "all of it, nothing was mapped";
    }
    const std::string names = changed_names(after);
    return names.empty() ? "nothing" : names;
}

std::string fields_text(const std::vector<BitField>& fields) {
    TextTable table({{"", false, 1}, {""}, {"", true}, {"", true}, {""}}, 4);
    for (const BitField& field : fields) {
        table.add({field.changed ? "*" : "", field.name, bit_range(field), hex(field.value),
                   field.words});
    }
    return table.text();
}

} // namespace forkscope
