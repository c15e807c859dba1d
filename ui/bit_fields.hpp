// Registers and descriptors, field by field, in words.
#pragma once

#include "base/types.hpp"

#include <string>
#include <vector>

namespace forkscope {

struct BitField {
    std::string name; // as the manual has it: "AP[2:1]"
    u8 high = 0;      // bits of the whole word
    u8 low = 0;
    u64 value = 0;
    std::string words;    // "EL0 and EL1 may read only"
    bool changed = false; // against another word; see mark_changes
};

// Arm ARM DDI 0487, D8.3: fields of a VMSAv8-64 descriptor of `level`; `mair` is
// MAIR_EL1. Of an invalid one only the valid bit means something.
std::vector<BitField> descriptor_fields(u64 descriptor, unsigned level, u64 mair);

// "Normal, write-back", "Device-nGnRE". Allocation hints are left out.
// Arm ARM DDI 0487, D17.2.97 MAIR_EL1: a byte of it.
std::string memory_attribute_words(u8 attribute);

// "table", "block", "page", "invalid".
std::string descriptor_type_name(u64 descriptor, unsigned level);

// Arm ARM DDI 0487, ESR_EL1.
std::vector<BitField> esr_fields(u64 esr);

// "data abort from EL0"; ESR_EL1.EC.
std::string exception_class_words(u64 esr);

// "level-3 permission fault", "alignment fault".
std::string fault_words(u64 esr);

// NZCV, DAIF, EL and SP. Arm ARM DDI 0487, C5.2 SPSR_EL1.
std::vector<BitField> pstate_fields(u64 pstate);

// Sets `changed` where a field of `fields` has no equal in `others`.
void mark_changes(std::vector<BitField>& fields, const std::vector<BitField>& others);

// "[7:6]", "[0]"
std::string bit_range(const BitField& field);

// "AP[2:1], UXN"; empty if nothing has changed.
std::string changed_names(const std::vector<BitField>& fields);

// What is new in a descriptor: "AP[2:1], UXN", "nothing", or that it is there at all.
std::string describe_changes(u64 before, const std::vector<BitField>& after);

// A line for each field; a star marks those that have changed.
std::string fields_text(const std::vector<BitField>& fields);

} // namespace forkscope
