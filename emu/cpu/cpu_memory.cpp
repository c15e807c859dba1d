#include "cpu/access_decode.hpp"
#include "cpu/cpu.hpp"

#include <cstring>
#include <utility>

namespace forkscope {

namespace {

AccessType type_of(PageAccess access) {
    switch (access) {
    case PageAccess::Read:
        return AccessType::Read;
    case PageAccess::Write:
        return AccessType::Write;
    case PageAccess::Fetch:
        break;
    }
    return AccessType::Execute;
}

// CPACR_EL1.FPEN
using FpEnable = Field<u64, 21, 20>;

constexpr u64 kUpperHalf = u64{1} << 63;

} // namespace

std::optional<u64> Cpu::Descriptors::read_descriptor(u64 physical) {
    if (!cpu_.in_ram(physical))
        return std::nullopt;
    u64 descriptor = 0;
    std::memcpy(&descriptor, cpu_.ram_.data() + (physical - cpu_.ram_base_), sizeof descriptor);
    return descriptor;
}

// --- Fills

bool Cpu::fill(u64 page, PageAccess access, PageGrant& grant) {
    // A fetch may be the first thing after an ERET.
    u32 level = state_.level;
    if (access == PageAccess::Fetch) {
        level = static_cast<u32>(engine_->pstate() >> 2 & 3);
        if (level == 0 && (page & kUpperHalf) != 0)
            state_.upper_el0 = true;
    }
    const Access wanted{type_of(access), level != 0};
    const Translated found = translate(state_.regime, tlb_, descriptors_, page, wanted);
    if (found.fault)
        return refuse(page, access, found.fault);

    const Rights rights = found.permissions.rights(wanted.privileged, state_.regime.wxn());
    grant = {found.physical, rights.read, rights.write, false};
    if (in_ram(found.physical)) [[likely]] {
        if (!grant_ram(found, page, level, access, grant)) {
            if (found.inserted)
                tlb_.withdraw(*found.entry);
            return refuse(page, access, std::nullopt);
        }
    } else if (!grant_other(access, rights, grant)) {
        return refuse(page, access, Fault{FaultKind::External, 0, 0, 0});
    }
    if (found.entry != nullptr) {
        soft_tlb_->note(page, state_.regime.untag(page) != page, *found.entry);
        note_change(page, *found.entry);
    }
    if (tlb_.soft_flush_due())
        set_due();
    return true;
}

bool Cpu::refuse(u64 page, PageAccess access, const std::optional<Fault>& fault) {
    refusal_ = {page, access, fault};
    return false;
}

// Code and stores never share a frame's grants (CodeFrames). False if it may
// be an LDTR's or STTR's access that EL0 is not allowed.
bool Cpu::grant_ram(const Translated& found, u64 page, u32 level, PageAccess access,
                    PageGrant& grant) {
    if (access == PageAccess::Fetch) {
        grant.physical = frames_->fetch(page, found.physical, fp_denied(level));
        grant.write = false;
        grant.execute = true;
        // Where the fetch is from a shadow, data must not be.
        grant.read = grant.read && grant.physical == found.physical;
        if (frames_->due())
            set_due();
        return true;
    }
    // What was let through is the first access after it was.
    const bool let_through = std::exchange(let_through_, false);
    if (level != 0 && frames_->seen_unprivileged() &&
        !found.permissions.rights(false, false).read && !let_through && block_is_unprivileged())
        return false;
    grant.write = grant.write && (access == PageAccess::Write || frames_->writable(found.physical));
    if (grant.write)
        frames_->write(page, found.physical);
    if (frames_->due())
        set_due();
    return true;
}

// ROM and devices. False if nothing is there that takes this access.
bool Cpu::grant_other(PageAccess access, const Rights& rights, PageGrant& grant) {
    const Region* region = bus_.find(grant.physical);
    if (region == nullptr)
        return false;
    switch (access) {
    case PageAccess::Read:
    case PageAccess::Write:
        grant.write = rights.write && region->kind != RegionKind::Rom;
        return access == PageAccess::Read || grant.write;
    case PageAccess::Fetch:
        grant.write = false;
        grant.execute = region->kind != RegionKind::Device;
        return grant.execute;
    }
    return false;
}

// Reports that the guest has given a page that faulted another descriptor.
void Cpu::note_change(u64 page, const TlbEntry& entry) {
    const u64 va = state_.regime.untag(page);
    const u16 asid = state_.regime.asid();
    const std::optional<u64> before = fault_watch_.take(va, asid);
    if (!before || *before == entry.descriptor)
        return;
    reporter_.report(now(), EventKind::DescriptorChange, static_cast<u8>(state_.level),
                     {va, engine_->counter().block_begin(), *before, entry.descriptor, entry.level, asid});
}

// True if the block being executed holds an LDTR or STTR. Blocks begin and end
// in one page.
bool Cpu::block_is_unprivileged() {
    const BlockCounter& counter = engine_->counter();
    for (u64 pc = counter.block_begin(); pc < counter.block_end(); pc += 4) {
        const std::optional<u32> instruction = instruction_at(pc);
        if (instruction && is_unprivileged_access(*instruction))
            return true;
    }
    return false;
}

// The instruction word at `pc`, as the CPU would fetch it.
std::optional<u32> Cpu::instruction_at(u64 pc) {
    const Translated found =
        translate(state_.regime, tlb_, descriptors_, pc, {AccessType::Execute, state_.level != 0});
    if (found.fault)
        return std::nullopt;
    u32 instruction = 0;
    if (in_ram(found.physical)) {
        std::memcpy(&instruction, ram_.data() + (found.physical - ram_base_), sizeof instruction);
        return instruction;
    }
    u64 word = 0;
    const Region* region = bus_.find(found.physical);
    if (region == nullptr || region->kind == RegionKind::Device ||
        bus_.read(found.physical, sizeof instruction, word) != BusStatus::Ok)
        return std::nullopt;
    return static_cast<u32>(word);
}

void Cpu::clean_up_grants() {
    frames_->clean_up(*engine_);
    if (tlb_.soft_flush_due())
        soft_tlb_->flush();
}

// CPACR_EL1.FPEN: 0b11 allows, 0b01 denies EL0, the others both.
bool Cpu::fp_denied(u32 level) const {
    const u64 enable = FpEnable::get(state_.system.cpacr);
    return enable != 3 && !(enable == 1 && level == 1);
}

// --- Devices

u64 Cpu::device_read(u64 physical, unsigned size) {
    move_to_block();
    u64 value = 0;
    if (bus_.read(physical, size, value) != BusStatus::Ok)
        report_bus_error(physical, size, false, engine_->counter().block_begin());
    return value;
}

void Cpu::device_write(u64 physical, unsigned size, u64 value) {
    move_to_block();
    if (bus_.write(physical, size, value) != BusStatus::Ok)
        report_bus_error(physical, size, true, engine_->counter().block_begin());
}

// Within a block the engine does not say where it is; even its PC may be an
// earlier block's. The block's beginning is the moment, and the place.
void Cpu::move_to_block() {
    move_to(engine_->counter().cycles() - engine_->counter().from(engine_->counter().block_begin()));
}

void Cpu::report_bus_error(u64 physical, unsigned size, bool write, u64 pc) {
    reporter_.report(now(), EventKind::BusError, static_cast<u8>(state_.level),
                     {physical, size, write, pc, 0, 0});
}

} // namespace forkscope
