#include "timing/cycle_model.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace forkscope::timing {

namespace {

constexpr std::size_t kCarriedMost = 16;

} // namespace

CycleModel::CycleModel(const TimingModel& model, u64 seed)
    : model_(model), l1i_(model.l1i, seed), l1d_(model.l1d, seed + 1), l2_(model.l2, seed + 2),
      branches_(model.branch) {
    store_buffer_.assign(model.costs.store_buffer, 0);
    micro_data_.pages.assign(model.tlb.micro_entries, 0);
    micro_fetch_.pages.assign(model.tlb.micro_entries, 0);
    tlb_.assign(model.tlb.entries, 0);
    walk_cache_.assign(std::bit_ceil(model.tlb.walk_cache_entries + 1) / 2, 0);
    pending_.reserve(64);
    carried_.reserve(kCarriedMost);
}

// --- Blocks -----------------------------------------------------------------

BlockPlace CycleModel::place(BlockTiming& block, u64 pc, u64 physical) const {
    return {.block = &block,
            .pc = pc,
            .target = pc + static_cast<u64>(block.direct_target),
            .page = physical >> kPageShift,
            .first_line = l1i_.line_of(physical),
            .last_line = l1i_.line_of(physical + u64{block.instructions} * 4 - 1)};
}

Cycle CycleModel::moment_of(u32 index) const {
    const bool issues = place_ != nullptr && index < place_->block->issue.size();
    return now_ + (issues ? place_->block->issue[index] : 0);
}

void CycleModel::end_block() {
    if (place_ == nullptr)
        return;
    finish_block(*place_->block);
    place_ = nullptr;
    previous_ = &nothing_;
}

// What only some blocks have: misses to wait for, barriers, an ERET.
void CycleModel::finish_rare(const BlockTiming& block) {
    settle_until(kNever - 1);
    for (const Pending& p : pending_)
        if (p.ready > now_ + block.cycles && carried_.size() < kCarriedMost)
            carried_.push_back({p.reg, p.ready});
    pending_.clear();
    note_waiting();
    unknown_ += block.unknown;
    if (block.barriers != 0)
        charge(CycleCause::Barrier, u64{block.barriers} * model_.costs.barrier);
    if (block.returns_from_exception) {
        charge(CycleCause::ExceptionReturn, model_.costs.exception_return);
        returned_ = true;
    }
}

void CycleModel::leave_block(u32 executed) {
    if (place_ == nullptr)
        return;
    const BlockTiming& block = *place_->block;
    if (executed >= block.instructions) {
        finish_block(block);
    } else {
        settle_until(executed == 0 ? 0 : block.issue[executed - 1]);
        instructions_ += executed;
        charge(CycleCause::Base, executed == 0 ? 0 : u64{block.issue[executed - 1]} + 1);
    }
    place_ = nullptr;
    previous_ = &nothing_;
    pending_.clear();
    carried_.clear();
    waiting_ = false;
}

void CycleModel::find_seam(BlockTiming::Seam& seam, const BlockTiming& block) {
    seam = {previous_->id, seam_stall(*previous_, block)};
}

// Loads that missed in earlier blocks and are still on their way.
void CycleModel::wait_for_carried(const BlockTiming& block) {
    u64 wait = 0;
    for (const Carried& c : carried_)
        for (const BlockUse& use : block.uses)
            if (use.reg == c.reg && c.ready > now_ + use.cycle)
                wait = std::max(wait, c.ready - now_ - use.cycle);
    charge(CycleCause::DataMiss, wait);
    const Cycle done = now_ + block.cycles;
    std::erase_if(carried_, [done](const Carried& c) { return c.ready <= done; });
    note_waiting();
}

// --- Instruction side -------------------------------------------------------

void CycleModel::fetch_line(u64 line) {
    if (!l1i_.access(line, false).hit)
        charge(CycleCause::InstructionMiss,
               read_l2(line << std::countr_zero(l1i_.geometry().line)));
}

void CycleModel::translate_fetch(u64 page) {
    last_fetch_page_ = page;
    if (!micro_fetch_.lookup(page))
        charge(CycleCause::TlbWalk, tlb_lookup(page));
}

// --- Data side --------------------------------------------------------------

void CycleModel::other_access(u64 physical, unsigned size, bool write) {
    const u64 page = physical >> kPageShift;
    if (!micro_data_.lookup(page))
        charge(CycleCause::TlbWalk, tlb_lookup(page));
    const u64 first = l1d_.line_of(physical), last = l1d_.line_of(physical + size - 1);
    line_splits_ += static_cast<u64>(first != last);
    for (u64 line = first; line <= last; ++line)
        if (const CacheOutcome outcome = l1d_.access(line, write); !outcome.hit)
            data_miss(line, write, outcome);
    ++cursor_;
}

void CycleModel::data_miss(u64 line, bool write, const CacheOutcome& outcome) {
    const int shift = std::countr_zero(l1d_.geometry().line);
    const u64 latency = read_l2(line << shift);
    if (outcome.evicted_dirty)
        l2_.write_back(l2_.line_of(outcome.evicted << shift));
    if (write)
        store_miss(latency);
    else
        load_miss(latency);
}

// A load's result comes `latency` cycles later than in the block's timing; who
// waits for it is settled when its first reader issues.
void CycleModel::load_miss(u64 latency) {
    if (place_ == nullptr || cursor_ >= place_->block->accesses.size())
        return charge(CycleCause::DataMiss, latency);
    const BlockAccess& access = place_->block->accesses[cursor_];
    settle_until(access.issue);
    const u64 until = access.first_use == kNever ? place_->block->cycles : access.first_use;
    pending_.push_back({access.first_use, now_ + until + latency, access.result});
    waiting_ = true;
}

// Stores retire through the buffer; only a full one makes the pipeline wait.
void CycleModel::store_miss(u64 latency) {
    const auto entry = std::min_element(store_buffer_.begin(), store_buffer_.end());
    if (*entry > now_)
        charge(CycleCause::DataMiss, *entry - now_);
    *entry = now_ + latency;
}

// Applies the waits for misses whose first reader issues by `cycle` of the block.
void CycleModel::settle_until(u64 cycle) {
    for (const Pending& p : pending_)
        if (p.use <= cycle && p.ready > now_ + p.use)
            charge(CycleCause::DataMiss, p.ready - now_ - p.use);
    std::erase_if(pending_, [cycle](const Pending& p) { return p.use <= cycle; });
}

// Cycles to bring in the line at `physical` from L2 or from memory.
u64 CycleModel::read_l2(u64 physical) {
    const CacheOutcome outcome = l2_.access(l2_.line_of(physical), false);
    return model_.l2.latency + (outcome.hit ? 0 : model_.costs.dram);
}

// --- Translation ------------------------------------------------------------

namespace {

// Where a page or block of 2^shift bytes is remembered. `space` is an ASID, or
// kGlobal.
constexpr u64 kGlobal = 0x10000;
constexpr u64 page_key(u64 physical, unsigned shift, u64 space) {
    return u64{1} << 63 | (physical >> shift << 2 | (shift - 12) / 9) << 17 | space;
}
constexpr u64 kSpaceMask = 0x1ffff;

} // namespace

bool CycleModel::MicroTlb::lookup_all(u64 page) {
    const u64 key = page + 1;
    if (std::find(pages.begin(), pages.end(), key) == pages.end()) {
        if (const u64 old = pages[next]; old != 0 && known[(old - 1) % known.size()] == old)
            known[(old - 1) % known.size()] = 0;
        pages[next] = key;
        next = next + 1 == pages.size() ? 0 : next + 1;
        known[page % known.size()] = key;
        return false;
    }
    known[page % known.size()] = key;
    return true;
}

void CycleModel::MicroTlb::clear() {
    std::fill(pages.begin(), pages.end(), 0);
    known.fill(0);
}

// Pages before blocks, the current space's before global ones.
const PageWalk* CycleModel::find_walk(u64 physical_page) const {
    const u64 physical = physical_page << kPageShift;
    for (const unsigned shift : {12u, 21u, 30u}) {
        for (const u64 space : {u64{asid_}, kGlobal}) {
            const auto found = walks_.find(page_key(physical, shift, space));
            if (found != walks_.end())
                return &found->second;
        }
    }
    return nullptr;
}

// Cycles to translate a page that the micro-TLBs miss.
u64 CycleModel::tlb_lookup(u64 physical_page) {
    const PageWalk* found = find_walk(physical_page);
    if (found == nullptr)
        return 0; // translation is off
    const u64 key =
        page_key(physical_page << kPageShift, found->shift, found->global ? kGlobal : asid_);
    const u32 ways = model_.tlb.ways;
    const u64 sets = model_.tlb.entries / ways;
    u64* set = tlb_.data() + (physical_page >> (found->shift - kPageShift) & (sets - 1)) * ways;
    ++tlb_count_.accesses;
    for (u32 i = 0; i < ways; ++i) {
        if (set[i] == key) {
            std::rotate(set, set + i, set + i + 1);
            return model_.tlb.latency;
        }
    }
    ++tlb_count_.misses;
    std::rotate(set, set + ways - 1, set + ways);
    set[0] = key;
    return model_.tlb.latency + walk(*found);
}

// Cycles of a table walk: each descriptor that the walk cache lacks is read
// through L2.
u64 CycleModel::walk(const PageWalk& w) {
    u64 cycles = 0;
    for (unsigned level = 0; level < w.levels; ++level) {
        const u64 address = w.descriptors[level];
        const bool last = level + 1 == w.levels;
        if (!last && !walk_cache_.empty()) {
            u64& slot = walk_cache_[(address >> 3) & (walk_cache_.size() - 1)];
            if (slot == address + 1)
                continue;
            slot = address + 1;
        }
        cycles += model_.tlb.walk_step + read_l2(address);
    }
    return cycles;
}

void CycleModel::note_walk(u64 physical, const PageWalk& walk) {
    walks_[page_key(physical, walk.shift, walk.global ? kGlobal : asid_)] = walk;
}

void CycleModel::forget_micro() {
    micro_data_.clear();
    micro_fetch_.clear();
    last_fetch_page_ = ~u64{0};
}

void CycleModel::set_asid(u16 asid) {
    if (asid == asid_)
        return;
    asid_ = asid;
    forget_micro();
}

void CycleModel::tlb_invalidate_all() {
    std::fill(tlb_.begin(), tlb_.end(), 0);
    std::fill(walk_cache_.begin(), walk_cache_.end(), 0);
    forget_micro();
    charge(CycleCause::TlbMaintenance, model_.tlb.invalidate);
}

void CycleModel::tlb_invalidate_asid(u16 asid) {
    for (u64& key : tlb_)
        if (key != 0 && (key & kSpaceMask) == asid)
            key = 0;
    forget_micro();
    charge(CycleCause::TlbMaintenance, model_.tlb.invalidate);
}

void CycleModel::tlb_invalidate_page(u64 physical_page) {
    const u64 sets = model_.tlb.entries / model_.tlb.ways;
    for (const unsigned shift : {12u, 21u, 30u}) {
        const u64 page = physical_page >> (shift - kPageShift);
        const u64 wanted = page_key(physical_page << kPageShift, shift, 0) & ~kSpaceMask;
        u64* set = tlb_.data() + (page & (sets - 1)) * model_.tlb.ways;
        for (u32 i = 0; i < model_.tlb.ways; ++i)
            if ((set[i] & ~kSpaceMask) == wanted)
                set[i] = 0;
    }
    forget_micro();
    charge(CycleCause::TlbMaintenance, model_.tlb.invalidate);
}

// --- Events -----------------------------------------------------------------

void CycleModel::exception_entry() {
    charge(CycleCause::ExceptionEntry, model_.costs.exception_entry);
}

void CycleModel::device_access() {
    charge(CycleCause::DeviceAccess, model_.costs.device_access);
}

void CycleModel::sleep_until(Cycle when) {
    if (when > now())
        charge(CycleCause::Idle, when - now());
}

std::array<u64, kCycleCauses> CycleModel::take_charges() {
    return std::exchange(charges_, {});
}

u64 CycleModel::take_instructions() {
    return instructions_ - std::exchange(taken_instructions_, instructions_);
}

} // namespace forkscope::timing
