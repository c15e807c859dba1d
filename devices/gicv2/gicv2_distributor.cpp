// The distributor's registers. IHI 0048B 4.3.
#include "devices/gicv2/gicv2.hpp"
#include "devices/gicv2/gicv2_bits.hpp"

namespace forkscope {

namespace {

using Bits = RegisterBits;
using enum RegisterBits::Kind;

constexpr u32 kBanks = Gicv2::kInterrupts / 32;

constexpr Bits kCtlrBits[] = {{31, 2, "", Reserved}, {1, 1, "EnableGrp1"}, {0, 0, "EnableGrp0"}};
constexpr Bits kTyperBits[] = {{15, 11, "LSPI", Unimplemented},
                               {10, 10, "SecurityExtn", Unimplemented},
                               {7, 5, "CPUNumber"},
                               {4, 0, "ITLinesNumber"}};
constexpr Bits kSgirBits[] = {{25, 24, "TargetListFilter"},
                              {23, 16, "CPUTargetList"},
                              {15, 15, "NSATT", Unimplemented},
                              {3, 0, "SGIINTID"}};

constexpr u32 kIidr = 0x43b; // implementer Arm

// The last twelve words: Arm's identification scheme, with GIC-400's numbers.
constexpr std::array<u8, 12> kIdentification{0x04, 0x00, 0x00, 0x00, 0x90, 0xb4,
                                             0x2b, 0x00, 0x0d, 0xf0, 0x05, 0xb1};

// The bits of SGIs in the word `index` of a bit register.
constexpr u32 sgis_in(u32 index) {
    return index == 0 ? gic::kSgiMask : 0;
}

// One bit for each of 16 interrupts, moved to the odd bits of a word, as
// GICD_ICFGR has them; and back.
constexpr u32 to_odd_bits(u32 bits) {
    u32 word = 0;
    for (u32 i = 0; i < 16; i++) {
        word |= (bits >> i & 1) << (2 * i + 1);
    }
    return word;
}

constexpr u32 from_odd_bits(u32 word) {
    u32 bits = 0;
    for (u32 i = 0; i < 16; i++) {
        bits |= (word >> (2 * i + 1) & 1) << i;
    }
    return bits;
}

} // namespace

// IHI 0048B table 4-1
const RegisterTable<Gicv2::Distributor>& Gicv2::Distributor::registers() {
    using enum RegisterAccess;
    using D = Distributor;
    // clang-format off
    static constexpr std::array<Register<D>, 17> kEntries{{
        {.offset = 0x000, .name = "GICD_CTLR", .mask = 0x3,
         .storage = &State::ctlr, .on_write = &D::write_ctlr, .bits = kCtlrBits},
        {.offset = 0x004, .name = "GICD_TYPER", .access = ReadOnly,
         .on_read = &D::read_typer, .bits = kTyperBits},
        {.offset = 0x008, .name = "GICD_IIDR", .access = ReadOnly, .reset = kIidr},
        {.offset = 0x080, .name = "GICD_IGROUPR", .count = kBanks,
         .on_read = &D::read_group, .on_write = &D::write_group},
        {.offset = 0x100, .name = "GICD_ISENABLER", .count = kBanks,
         .on_read = &D::read_enabled, .on_write = &D::set_enabled},
        {.offset = 0x180, .name = "GICD_ICENABLER", .count = kBanks,
         .on_read = &D::read_enabled, .on_write = &D::clear_enabled},
        {.offset = 0x200, .name = "GICD_ISPENDR", .count = kBanks,
         .on_read = &D::read_pending, .on_write = &D::set_pending},
        {.offset = 0x280, .name = "GICD_ICPENDR", .count = kBanks,
         .on_read = &D::read_pending, .on_write = &D::clear_pending},
        {.offset = 0x300, .name = "GICD_ISACTIVER", .count = kBanks,
         .on_read = &D::read_active, .on_write = &D::set_active},
        {.offset = 0x380, .name = "GICD_ICACTIVER", .count = kBanks,
         .on_read = &D::read_active, .on_write = &D::clear_active},
        {.offset = 0x400, .name = "GICD_IPRIORITYR", .width = 1, .count = kInterrupts,
         .mask = 0xff, .on_read = &D::read_priority, .on_write = &D::write_priority},
        {.offset = 0x800, .name = "GICD_ITARGETSR", .width = 1, .count = kInterrupts,
         .mask = 0xff, .on_read = &D::read_targets, .on_write = &D::write_targets},
        {.offset = 0xc00, .name = "GICD_ICFGR", .count = kInterrupts / 16,
         .mask = 0xaaaa'aaaa, .on_read = &D::read_config, .on_write = &D::write_config},
        {.offset = 0xf00, .name = "GICD_SGIR", .access = WriteOnly,
         .on_write = &D::write_sgir, .bits = kSgirBits},
        {.offset = 0xf10, .name = "GICD_CPENDSGIR", .width = 1, .count = 16, .mask = 0xff,
         .on_read = &D::read_sgi_sources, .on_write = &D::clear_sgi_sources},
        {.offset = 0xf20, .name = "GICD_SPENDSGIR", .width = 1, .count = 16, .mask = 0xff,
         .on_read = &D::read_sgi_sources, .on_write = &D::set_sgi_sources},
        {.offset = 0xfd0, .name = "ICPIDR4-7, ICPIDR0-3, ICCIDR0-3", .access = ReadOnly,
         .count = kIdentification.size(), .on_read = &D::read_identification},
    }};
    // clang-format on
    static constexpr RegisterTable<D> kTable{kEntries};
    return kTable;
}

u64 Gicv2::Distributor::read(u64 offset, unsigned size) {
    return registers().read(*this, offset, size);
}

void Gicv2::Distributor::write(u64 offset, unsigned size, u64 value) {
    registers().write(*this, offset, size, value);
}

void Gicv2::Distributor::write_ctlr(u32, u32 value) {
    state_.ctlr = value;
    gic_.update();
}

u32 Gicv2::Distributor::read_typer(u32) {
    return gic::TyperLines::make(kBanks - 1) | gic::TyperCpus::make(gic_.cpus_ - 1);
}

u32 Gicv2::Distributor::read_group(u32 index) {
    return gic_.accessed_bank(index).group;
}

void Gicv2::Distributor::write_group(u32 index, u32 value) {
    gic_.accessed_bank(index).group = value;
    gic_.update();
}

u32 Gicv2::Distributor::read_enabled(u32 index) {
    return gic_.accessed_bank(index).enabled;
}

void Gicv2::Distributor::set_enabled(u32 index, u32 value) {
    gic_.accessed_bank(index).enabled |= value;
    gic_.update();
}

// IHI 0048B 4.3.6: whether SGIs can be disabled is IMPLEMENTATION DEFINED.
void Gicv2::Distributor::clear_enabled(u32 index, u32 value) {
    gic_.accessed_bank(index).enabled &= ~(value & ~sgis_in(index));
    gic_.update();
}

u32 Gicv2::Distributor::read_pending(u32 index) {
    return gic_.accessed_bank(index).pending();
}

// IHI 0048B 4.3.7 and 4.3.8: for SGIs the pending bits are read-only.
void Gicv2::Distributor::set_pending(u32 index, u32 value) {
    gic_.accessed_bank(index).latched |= value & ~sgis_in(index);
    gic_.update();
}

void Gicv2::Distributor::clear_pending(u32 index, u32 value) {
    gic_.accessed_bank(index).latched &= ~(value & ~sgis_in(index));
    gic_.update();
}

u32 Gicv2::Distributor::read_active(u32 index) {
    return gic_.accessed_bank(index).active;
}

void Gicv2::Distributor::set_active(u32 index, u32 value) {
    gic_.accessed_bank(index).active |= value;
    gic_.update();
}

void Gicv2::Distributor::clear_active(u32 index, u32 value) {
    gic_.accessed_bank(index).active &= ~value;
    gic_.update();
}

u32 Gicv2::Distributor::read_priority(u32 index) {
    return gic_.accessed_bank(index / 32).priority[index % 32];
}

void Gicv2::Distributor::write_priority(u32 index, u32 value) {
    gic_.accessed_bank(index / 32).priority[index % 32] = static_cast<u8>(value);
    gic_.update();
}

// IHI 0048B 4.3.12: with one CPU RAZ/WI; those of SGIs and PPIs are read-only
// and say which CPU reads them.
u32 Gicv2::Distributor::read_targets(u32 index) {
    if (gic_.cpus_ == 1) {
        return 0;
    }
    return index < kFirstSpi ? 1U << state_.accessing_cpu : state_.targets[index - kFirstSpi];
}

void Gicv2::Distributor::write_targets(u32 index, u32 value) {
    if (gic_.cpus_ == 1 || index < kFirstSpi) {
        return;
    }
    const u32 present = (1U << gic_.cpus_) - 1;
    state_.targets[index - kFirstSpi] = static_cast<u8>(value & present);
    gic_.update();
}

u32 Gicv2::Distributor::read_config(u32 index) {
    return to_odd_bits(gic_.accessed_bank(index / 2).edge >> (16 * (index % 2)));
}

// SGIs are always edge-triggered.
void Gicv2::Distributor::write_config(u32 index, u32 value) {
    if (index == 0) {
        return;
    }
    Bank& bank = gic_.accessed_bank(index / 2);
    const u32 shift = 16 * (index % 2);
    bank.edge = (bank.edge & ~(0xffffU << shift)) | from_odd_bits(value) << shift;
    gic_.update();
}

void Gicv2::Distributor::write_sgir(u32, u32 value) {
    const u32 self = 1U << state_.accessing_cpu;
    u32 targets = 0;
    switch (gic::SgirFilter::get(value)) {
    case 0:
        targets = gic::SgirTargets::get(value);
        break;
    case 1:
        targets = ~self;
        break;
    case 2:
        targets = self;
        break;
    default: // reserved
        break;
    }
    gic_.send_sgi(gic::SgirIntid::get(value), state_.accessing_cpu, targets);
}

u32 Gicv2::Distributor::read_sgi_sources(u32 index) {
    return state_.cpu[state_.accessing_cpu].sgi_sources[index];
}

void Gicv2::Distributor::clear_sgi_sources(u32 index, u32 value) {
    write_sgi_sources(index, read_sgi_sources(index) & ~value);
}

void Gicv2::Distributor::set_sgi_sources(u32 index, u32 value) {
    write_sgi_sources(index, read_sgi_sources(index) | value);
}

void Gicv2::Distributor::write_sgi_sources(u32 index, u32 sources) {
    CpuState& own = state_.cpu[state_.accessing_cpu];
    const u32 present = (1U << gic_.cpus_) - 1;
    own.sgi_sources[index] = static_cast<u8>(sources & present);
    const u32 bit = 1U << index;
    own.local.latched =
        own.sgi_sources[index] != 0 ? own.local.latched | bit : own.local.latched & ~bit;
    gic_.update();
}

u32 Gicv2::Distributor::read_identification(u32 index) {
    return kIdentification[index];
}

} // namespace forkscope
