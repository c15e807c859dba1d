// The CPU interface's registers. IHI 0048B 4.4.
#include "devices/gicv2/gicv2.hpp"
#include "devices/gicv2/gicv2_bits.hpp"

#include <algorithm>

namespace forkscope {

namespace {

using Bits = RegisterBits;
using enum RegisterBits::Kind;

constexpr Bits kCtlrBits[] = {
    {31, 10, "", Reserved}, {9, 9, "EOImode"},    {8, 5, "bypass disable", Unimplemented},
    {4, 4, "CBPR"},         {3, 3, "FIQEn"},      {2, 2, "AckCtl"},
    {1, 1, "EnableGrp1"},   {0, 0, "EnableGrp0"},
};
constexpr u32 kCtlrMask = gic::EnableGroup0::mask | gic::EnableGroup1::mask | gic::AckCtl::mask |
                          gic::FiqEnable::mask | gic::Cbpr::mask | gic::EoiMode::mask;
constexpr Bits kIntidBits[] = {{12, 10, "CPUID"}, {9, 0, "INTID"}};

constexpr u32 kIidr = 0x0002'043b; // GICv2, implementer Arm

} // namespace

// IHI 0048B table 4-2
const RegisterTable<Gicv2::CpuInterface>& Gicv2::CpuInterface::registers() {
    using enum RegisterAccess;
    using C = CpuInterface;
    // clang-format off
    static constexpr std::array<Register<C>, 15> kEntries{{
        {.offset = 0x0000, .name = "GICC_CTLR", .mask = kCtlrMask,
         .on_read = &C::read_ctlr, .on_write = &C::write_ctlr, .bits = kCtlrBits},
        {.offset = 0x0004, .name = "GICC_PMR", .mask = 0xff,
         .on_read = &C::read_pmr, .on_write = &C::write_pmr},
        {.offset = 0x0008, .name = "GICC_BPR", .mask = 0x7,
         .on_read = &C::read_bpr, .on_write = &C::write_bpr},
        {.offset = 0x000c, .name = "GICC_IAR", .access = ReadOnly,
         .on_read = &C::read_iar, .bits = kIntidBits},
        {.offset = 0x0010, .name = "GICC_EOIR", .access = WriteOnly,
         .on_write = &C::write_eoir, .bits = kIntidBits},
        {.offset = 0x0014, .name = "GICC_RPR", .access = ReadOnly, .on_read = &C::read_rpr},
        {.offset = 0x0018, .name = "GICC_HPPIR", .access = ReadOnly,
         .on_read = &C::read_hppir, .bits = kIntidBits},
        {.offset = 0x001c, .name = "GICC_ABPR", .mask = 0x7,
         .on_read = &C::read_abpr, .on_write = &C::write_abpr},
        {.offset = 0x0020, .name = "GICC_AIAR", .access = ReadOnly,
         .on_read = &C::read_aiar, .bits = kIntidBits},
        {.offset = 0x0024, .name = "GICC_AEOIR", .access = WriteOnly,
         .on_write = &C::write_aeoir, .bits = kIntidBits},
        {.offset = 0x0028, .name = "GICC_AHPPIR", .access = ReadOnly,
         .on_read = &C::read_ahppir, .bits = kIntidBits},
        {.offset = 0x00d0, .name = "GICC_APR", .count = 4,
         .on_read = &C::read_apr, .on_write = &C::write_apr},
        {.offset = 0x00e0, .name = "GICC_NSAPR", .count = 4,
         .on_read = &C::read_nsapr, .on_write = &C::write_nsapr},
        {.offset = 0x00fc, .name = "GICC_IIDR", .access = ReadOnly, .reset = kIidr},
        {.offset = 0x1000, .name = "GICC_DIR", .access = WriteOnly,
         .on_write = &C::write_dir, .bits = kIntidBits},
    }};
    // clang-format on
    static constexpr RegisterTable<C> kTable{kEntries};
    return kTable;
}

u64 Gicv2::CpuInterface::read(u64 offset, unsigned size) {
    return registers().read(*this, offset, size);
}

void Gicv2::CpuInterface::write(u64 offset, unsigned size, u64 value) {
    registers().write(*this, offset, size, value);
}

u32 Gicv2::CpuInterface::read_ctlr(u32) {
    return current().ctlr;
}

void Gicv2::CpuInterface::write_ctlr(u32, u32 value) {
    current().ctlr = value;
    gic_.update();
}

u32 Gicv2::CpuInterface::read_pmr(u32) {
    return current().pmr;
}

void Gicv2::CpuInterface::write_pmr(u32, u32 value) {
    current().pmr = value;
    gic_.update();
}

u32 Gicv2::CpuInterface::read_bpr(u32) {
    return current().bpr;
}

void Gicv2::CpuInterface::write_bpr(u32, u32 value) {
    current().bpr = value;
}

// A Group 1 interrupt is taken here only with AckCtl. IHI 0048B 4.4.4.
u32 Gicv2::CpuInterface::read_iar(u32) {
    const Candidate candidate = gic_.acknowledgeable(state_.accessing_cpu);
    if (candidate.intid == kSpurious) {
        return kSpurious;
    }
    if (candidate.group1 && !gic::AckCtl::test(current().ctlr)) {
        return kSpuriousGroup1;
    }
    return gic_.acknowledge(state_.accessing_cpu, candidate);
}

void Gicv2::CpuInterface::write_eoir(u32, u32 value) {
    gic_.end_of_interrupt(state_.accessing_cpu, gic::IarIntid::get(value));
}

// IHI 0048B 4.4.6: 0xff when idle.
u32 Gicv2::CpuInterface::read_rpr(u32) {
    return std::min<u32>(gic_.running_priority(state_.accessing_cpu), 0xff);
}

u32 Gicv2::CpuInterface::read_hppir(u32) {
    const Candidate best = gic_.highest_pending(state_.accessing_cpu);
    if (best.group1 && !gic::AckCtl::test(current().ctlr)) {
        return kSpuriousGroup1;
    }
    return gic_.describe(state_.accessing_cpu, best);
}

u32 Gicv2::CpuInterface::read_abpr(u32) {
    return current().abpr;
}

void Gicv2::CpuInterface::write_abpr(u32, u32 value) {
    current().abpr = std::max(value, gic::kMinimumAbpr);
}

// The aliases see Group 1 only. IHI 0048B 4.4.9 to 4.4.11.
u32 Gicv2::CpuInterface::read_aiar(u32) {
    const Candidate candidate = gic_.acknowledgeable(state_.accessing_cpu);
    return candidate.group1 ? gic_.acknowledge(state_.accessing_cpu, candidate) : kSpurious;
}

void Gicv2::CpuInterface::write_aeoir(u32, u32 value) {
    const u32 intid = gic::IarIntid::get(value);
    if (intid < kInterrupts && gic_.is_group1(state_.accessing_cpu, intid)) {
        gic_.end_of_interrupt(state_.accessing_cpu, intid);
    }
}

u32 Gicv2::CpuInterface::read_ahppir(u32) {
    const Candidate best = gic_.highest_pending(state_.accessing_cpu);
    return best.group1 ? gic_.describe(state_.accessing_cpu, best) : kSpurious;
}

u32 Gicv2::CpuInterface::read_apr(u32 index) {
    return current().apr[index];
}

void Gicv2::CpuInterface::write_apr(u32 index, u32 value) {
    current().apr[index] = value;
    gic_.update();
}

u32 Gicv2::CpuInterface::read_nsapr(u32 index) {
    return current().nsapr[index];
}

void Gicv2::CpuInterface::write_nsapr(u32 index, u32 value) {
    current().nsapr[index] = value;
    gic_.update();
}

void Gicv2::CpuInterface::write_dir(u32, u32 value) {
    gic_.deactivate(state_.accessing_cpu, gic::IarIntid::get(value));
}

} // namespace forkscope
