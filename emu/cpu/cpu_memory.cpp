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

using PstateLevel = Field<u64, 3, 2>;

} // namespace

std::optional<u64> Cpu::Descriptors::read_descriptor(u64 physical) {
    if (!cpu_.in_ram(physical))
        return std::nullopt;
    u64 descriptor = 0;
    std::memcpy(&descriptor, cpu_.ram_.data() + (physical - cpu_.ram_base_), sizeof descriptor);
    return descriptor;
}

// --- Translation

// Translates, and tells the timing model of walks.
Translated Cpu::look_up(u64 va, Access access) {
    const Translated found = translate(state_.regime, tlb_, descriptors_, va, access);
    if (timing_ && found.inserted)
        note_walk(va, access);
    return found;
}

void Cpu::note_walk(u64 va, Access access) {
    const WalkFor purpose =
        access.type == AccessType::Execute ? WalkFor::Instruction : WalkFor::Data;
    const WalkResult walked = walk(state_.regime, descriptors_, va, purpose);
    timing::PageWalk page;
    for (i32 level = walked.first_level; level <= walked.last_level; ++level)
        page.descriptors[page.levels++] = walked.step[static_cast<std::size_t>(level)].address;
    page.shift = walked.translation.shift;
    page.global = walked.translation.global;
    timing_->model().note_walk(walked.translation.physical_of(state_.regime.untag(va)), page);
}

u64 Cpu::Code::code_address(u64 pc) {
    const Translated found =
        cpu_.look_up(pc, {AccessType::Execute, PstateLevel::get(cpu_.engine_->pstate()) != 0});
    return found.fault ? pc : found.physical;
}

void Cpu::Code::read_code(u64 physical, std::span<u32> words) {
    for (u32& word : words) {
        u64 value = 0;
        if (cpu_.in_ram(physical))
            std::memcpy(&word, cpu_.ram_.data() + (physical - cpu_.ram_base_), sizeof word);
        else if (cpu_.bus_.read(physical, sizeof word, value) == BusStatus::Ok)
            word = static_cast<u32>(value);
        physical += sizeof word;
    }
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
    const Translated found = look_up(page, wanted);
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
    if (grants_due())
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
    move_to_block(); // wherever the run has been stopped before
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
    const Translated found = look_up(pc, {AccessType::Execute, state_.level != 0});
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
    if (timing_)
        timing_->forget_code(frames_->stale());
    frames_->clean_up(*engine_);
    if (tlb_.soft_flush_due() || soft_tlb_->due())
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
    if (timing_)
        timing_->model().device_access();
    return value;
}

void Cpu::device_write(u64 physical, unsigned size, u64 value) {
    move_to_block();
    if (bus_.write(physical, size, value) != BusStatus::Ok)
        report_bus_error(physical, size, true, engine_->counter().block_begin());
    if (timing_)
        timing_->model().device_access();
}

void Cpu::report_bus_error(u64 physical, unsigned size, bool write, u64 pc) {
    reporter_.report(now(), EventKind::BusError, static_cast<u8>(state_.level),
                     {physical, size, write, pc, 0, 0});
}

} // namespace forkscope
