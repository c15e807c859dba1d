#include "cpu/access_decode.hpp"

namespace forkscope {

namespace {

constexpr unsigned kSpOrZero = 31; // register 31: SP as a base, XZR elsewhere
constexpr u32 kZeroBlockSize = 64; // DCZID_EL0.BS = 4

// Fields that several groups share. Arm ARM, C4.1 "Loads and Stores".
struct Insn {
    using Size = Field<u32, 31, 30>; // also opc of pairs and literals
    using V = Field<u32, 26>;        // SIMD and floating point registers
    using Opc = Field<u32, 23, 22>;
    using L = Field<u32, 22>; // 1: load
    using Rm = Field<u32, 20, 16>;
    using Rn = Field<u32, 9, 5>;
    using Rt = Field<u32, 4, 0>;
};

// One instruction being decoded.
struct Context {
    u32 word;
    u64 pc;
    const AddressRegisters& registers;

    // The base register's value; notes that it is SP.
    [[nodiscard]] u64 base(AccessList& list) const {
        const unsigned n = Insn::Rn::get(word);
        list.sp_based = n == kSpOrZero;
        return n == kSpOrZero ? registers.sp() : registers.x(n);
    }
    // A register that is not a base.
    [[nodiscard]] u64 x(unsigned index) const {
        return index == kSpOrZero ? 0 : registers.x(index);
    }
};

AccessType read_or_write(bool load) {
    return load ? AccessType::Read : AccessType::Write;
}

// An access of `size` bytes, aligned to its size where that is checked.
MemoryAccess access_of(u64 address, u32 size, bool load) {
    MemoryAccess access;
    access.address = address;
    access.size = size;
    access.alignment = size;
    access.type = read_or_write(load);
    return access;
}

void add(AccessList& list, const MemoryAccess& access) {
    list.accesses[list.count++] = access;
}

// "Load/store exclusive" and "Load/store ordered".
AccessList decode_exclusive(const Context& in) {
    const bool ordered_only = Field<u32, 23>::test(in.word);
    const bool pair = Field<u32, 21>::test(in.word);
    const bool acquire_release = Field<u32, 15>::test(in.word);
    const u32 size = Insn::Size::get(in.word);
    // CAS, CASP (FEAT_LSE) and LDLAR, STLLR (FEAT_LOR) are not in ARMv8.0.
    if ((ordered_only && (pair || !acquire_release)) || (pair && size < 2))
        return {};
    AccessList list;
    MemoryAccess access =
        access_of(in.base(list), (1u << size) << (pair ? 1 : 0), Insn::L::test(in.word));
    access.rule = AlignmentRule::Always;
    access.exclusive = !ordered_only;
    access.ordered = acquire_release;
    add(list, access);
    return list;
}

// "Advanced SIMD load/store multiple structures", with and without post-index.
AccessList decode_simd_multiple(const Context& in) {
    const bool post_index = Field<u32, 23>::test(in.word);
    if (Field<u32, 21>::test(in.word) || (!post_index && Insn::Rm::test(in.word)))
        return {};
    const u32 opcode = Field<u32, 15, 12>::get(in.word);
    const u32 size = Field<u32, 11, 10>::get(in.word);
    const bool quad = Field<u32, 30>::test(in.word);
    // Registers by opcode; 0: unallocated. LD4/ST4, LD1 of 4, LD3, LD1 of 3, LD1, LD2, LD1 of 2.
    constexpr std::array<u8, 16> kRegisters{4, 0, 4, 0, 3, 0, 3, 1, 2, 0, 2};
    const u32 registers = kRegisters[opcode];
    const bool interleaved = (opcode & 3) == 0;
    if (registers == 0 || (interleaved && size == 3 && !quad))
        return {};
    AccessList list;
    MemoryAccess access =
        access_of(in.base(list), registers * (quad ? 16 : 8), Insn::L::test(in.word));
    access.alignment = 1u << size;
    add(list, access);
    return list;
}

// Log2 of the element size of a single structure, or nothing if unallocated.
std::optional<u32> single_structure_scale(u32 word) {
    const u32 size = Field<u32, 11, 10>::get(word);
    const bool s = Field<u32, 12>::test(word);
    switch (Field<u32, 15, 14>::get(word)) {
    case 0:
        return 0;
    case 1:
        return (size & 1) == 0 ? std::optional<u32>(1) : std::nullopt;
    case 2:
        if (size == 0)
            return 2;
        return size == 1 && !s ? std::optional<u32>(3) : std::nullopt;
    default: // LD1R to LD4R
        return Insn::L::test(word) && !s ? std::optional<u32>(size) : std::nullopt;
    }
}

// "Advanced SIMD load/store single structure", with and without post-index.
AccessList decode_simd_single(const Context& in) {
    const bool post_index = Field<u32, 23>::test(in.word);
    const std::optional<u32> scale = single_structure_scale(in.word);
    if (!scale || (!post_index && Insn::Rm::test(in.word)))
        return {};
    const u32 elements = (Field<u32, 13>::get(in.word) << 1 | Field<u32, 21>::get(in.word)) + 1;
    AccessList list;
    MemoryAccess access = access_of(in.base(list), elements << *scale, Insn::L::test(in.word));
    access.alignment = 1u << *scale;
    add(list, access);
    return list;
}

// "Load register (literal)".
AccessList decode_literal(const Context& in) {
    const u32 opc = Insn::Size::get(in.word);
    const bool simd = Insn::V::test(in.word);
    if (opc == 3) // PRFM, or unallocated
        return {};
    const u32 size = simd ? 4u << opc : (opc == 1 ? 8u : 4u);
    const i64 offset = sign_extend(Field<u32, 23, 5>::get(in.word), 19) * 4;
    AccessList list;
    add(list, access_of(in.pc + static_cast<u64>(offset), size, true));
    return list;
}

// "Load/store register pair": no-allocate, post-index, offset, pre-index.
AccessList decode_pair(const Context& in) {
    const u32 opc = Insn::Size::get(in.word);
    const u32 mode = Field<u32, 24, 23>::get(in.word);
    const bool simd = Insn::V::test(in.word);
    const bool load = Insn::L::test(in.word);
    const bool ldpsw = !simd && opc == 1;
    if (opc == 3 || (ldpsw && (!load || mode == 0)))
        return {};
    const u32 size = simd ? 4u << opc : (opc == 2 ? 8u : 4u);
    const i64 offset = sign_extend(Field<u32, 21, 15>::get(in.word), 7) * size;
    const bool post_index = mode == 1;
    AccessList list;
    const u64 address = in.base(list) + (post_index ? 0 : static_cast<u64>(offset));
    add(list, access_of(address, size, load));
    add(list, access_of(address + size, size, load));
    return list;
}

// What `size`, `V` and `opc` of the single-register forms mean.
struct RegisterForm {
    u32 scale; // log2 of the size in bytes
    bool load;
};
std::optional<RegisterForm> register_form(u32 word) {
    const u32 size = Insn::Size::get(word);
    const u32 opc = Insn::Opc::get(word);
    if (Insn::V::test(word)) {
        if (opc < 2)
            return RegisterForm{size, opc == 1};
        return size == 0 ? std::optional(RegisterForm{4, opc == 3}) : std::nullopt;
    }
    // opc 2 and 3 sign-extend to 64 and 32 bits; (3, 2) is PRFM.
    if ((opc == 2 && size == 3) || (opc == 3 && size >= 2))
        return std::nullopt;
    return RegisterForm{size, opc != 0};
}

// The offset of a "register offset" form, or nothing if unallocated.
std::optional<u64> register_offset(const Context& in, u32 scale) {
    const u64 value = in.x(Insn::Rm::get(in.word));
    const u32 shift = Field<u32, 12>::test(in.word) ? scale : 0;
    switch (Field<u32, 15, 13>::get(in.word)) {
    case 2: // UXTW
        return (value & low_mask(32)) << shift;
    case 6: // SXTW
        return static_cast<u64>(sign_extend(value, 32)) << shift;
    case 3: // LSL
    case 7: // SXTX
        return value << shift;
    default:
        return std::nullopt;
    }
}

// "Load/store register": unscaled, post-index, unprivileged, pre-index, register offset.
AccessList decode_register(const Context& in) {
    const std::optional<RegisterForm> form = register_form(in.word);
    if (!form)
        return {};
    const u32 mode = Field<u32, 11, 10>::get(in.word);
    const bool by_register = Field<u32, 21>::test(in.word);
    u64 offset = static_cast<u64>(sign_extend(Field<u32, 20, 12>::get(in.word), 9));
    if (by_register) {
        // Other modes are FEAT_LSE's atomics and FEAT_PAuth's loads.
        const std::optional<u64> found =
            mode == 2 ? register_offset(in, form->scale) : std::nullopt;
        if (!found)
            return {};
        offset = *found;
    } else if (mode == 2 && Insn::V::test(in.word)) {
        return {};
    }
    const bool post_index = !by_register && mode == 1;
    AccessList list;
    const u64 address = in.base(list) + (post_index ? 0 : offset);
    MemoryAccess access = access_of(address, 1u << form->scale, form->load);
    access.unprivileged = !by_register && mode == 2;
    add(list, access);
    return list;
}

// "Load/store register (unsigned immediate)".
AccessList decode_unsigned_offset(const Context& in) {
    const std::optional<RegisterForm> form = register_form(in.word);
    if (!form)
        return {};
    AccessList list;
    const u64 offset = u64{Field<u32, 21, 10>::get(in.word)} << form->scale;
    add(list, access_of(in.base(list) + offset, 1u << form->scale, form->load));
    return list;
}

// SYS #op1, C7, CRm, #op2: cache maintenance by address, and DC ZVA.
// Arm ARM, C5.3 "A64 System instructions for cache maintenance".
AccessList decode_system(const Context& in) {
    const u32 operation = Field<u32, 18, 5>::get(in.word); // op1, CRn, CRm, op2
    const auto sys = [](u32 op1, u32 crm, u32 op2) { return op1 << 11 | 7u << 7 | crm << 3 | op2; };
    MemoryAccess access;
    access.address = in.x(Insn::Rt::get(in.word));
    access.size = 1;
    access.rule = AlignmentRule::Never;
    if (operation == sys(3, 4, 1)) { // DC ZVA
        access.type = AccessType::Write;
        access.size = kZeroBlockSize;
        access.rule = AlignmentRule::NoDeviceMemory;
        access.zero_block = true;
    } else if (operation == sys(0, 6, 1)) { // DC IVAC
        access.type = AccessType::CacheInvalidate;
    } else if (operation == sys(3, 10, 1) || operation == sys(3, 11, 1) || // DC CVAC, CVAU
               operation == sys(3, 14, 1) || operation == sys(3, 5, 1)) {  // DC CIVAC, IC IVAU
        access.type = AccessType::CacheMaintenance;
    } else {
        return {};
    }
    AccessList list;
    add(list, access);
    return list;
}

// The groups of the encoding tables; masks and values exclude each other.
struct Group {
    u32 mask;
    u32 value;
    AccessList (*decode)(const Context&);
};
constexpr Group kGroups[] = {
    {0x3f000000, 0x08000000, decode_exclusive},
    {0xbf000000, 0x0c000000, decode_simd_multiple},
    {0xbf000000, 0x0d000000, decode_simd_single},
    {0x3b000000, 0x18000000, decode_literal},
    {0x3a000000, 0x28000000, decode_pair},
    {0x3b000000, 0x38000000, decode_register},
    {0x3b000000, 0x39000000, decode_unsigned_offset},
    {0xfff80000, 0xd5080000, decode_system},
};

} // namespace

AccessList decode_accesses(u32 instruction, u64 pc, const AddressRegisters& registers) {
    for (const Group& group : kGroups)
        if ((instruction & group.mask) == group.value)
            return group.decode({instruction, pc, registers});
    return {};
}

bool is_unprivileged_access(u32 instruction) {
    // Integer registers, immediate form (bit 21 clear), bits [11:10] = 2.
    return (instruction & 0x3f200c00) == 0x38000800 && register_form(instruction).has_value();
}

} // namespace forkscope
