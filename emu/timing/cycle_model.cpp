#include "timing/cycle_model.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace forkscope::timing {

namespace {

constexpr unsigned kPageShift = 12;
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

void CycleModel::end_block() {
    if (block_ == nullptr)
        return;
    finish_block();
    block_ = previous_ = nullptr;
}

// What only some blocks have: misses to wait for, barriers, an ERET.
void CycleModel::finish_rare() {
    if (!pending_.empty())
        settle_until(kNever - 1);
    for (const Pending& p : pending_)
        if (p.ready > block_->cycles + stalled_ && carried_.size() < kCarriedMost)
            carried_.push_back({p.reg, now_ + p.ready});
    pending_.clear();
    now_ += stalled_;
    stalled_ = 0;
    unknown_ += block_->unknown;
    if (block_->barriers != 0)
        charge(CycleCause::Barrier, u64{block_->barriers} * model_.costs.barrier);
    if (block_->returns_from_exception) {
        charge(CycleCause::ExceptionReturn, model_.costs.exception_return);
        returned_ = true;
    }
}

void CycleModel::leave_block(u32 executed) {
    if (block_ == nullptr)
        return;
    const BlockTiming& block = *block_;
    if (executed >= block.instructions) {
        finish_block();
    } else {
        settle_until(executed == 0 ? 0 : block.issue[executed - 1]);
        pending_.clear();
        instructions_ += executed;
        now_ += stalled_;
        stalled_ = 0;
        charge(CycleCause::Base, executed == 0 ? 0 : u64{block.issue[executed - 1]} + 1);
    }
    block_ = previous_ = nullptr;
    carried_.clear();
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
}

// --- Instruction side -------------------------------------------------------

void CycleModel::fetch_lines(u64 line, u64 last) {
    for (; line <= last; ++line) {
        if (line == last_fetch_line_)
            continue;
        last_fetch_line_ = line;
        if (!l1i_.access(line, false).hit)
            charge(CycleCause::InstructionMiss,
                   read_l2(line << std::countr_zero(l1i_.geometry().line)));
    }
}

void CycleModel::translate_fetch(u64 physical) {
    const u64 page = physical >> kPageShift;
    last_fetch_page_ = page;
    if (!micro_fetch_.lookup(page))
        charge(CycleCause::TlbWalk, tlb_lookup(page));
}

// --- Data side --------------------------------------------------------------

void CycleModel::translate_data(u64 physical) {
    const u64 page = physical >> kPageShift;
    last_data_page_ = page;
    if (!micro_data_.lookup(page))
        stall(CycleCause::TlbWalk, tlb_lookup(page));
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

void CycleModel::split_access(u64 line, bool write) {
    if (const CacheOutcome outcome = l1d_.access(line, write); !outcome.hit)
        data_miss(line, write, outcome);
}

// A load's result comes `latency` cycles later than in the block's timing; who
// waits for it is settled when its first reader issues.
void CycleModel::load_miss(u64 latency) {
    if (block_ == nullptr || cursor_ >= block_->accesses.size()) {
        stall(CycleCause::DataMiss, latency);
        return;
    }
    const BlockAccess& access = block_->accesses[cursor_];
    settle_until(access.issue);
    if (access.first_use == kNever) {
        pending_.push_back({kNever, block_->cycles + stalled_ + latency, access.result});
        return;
    }
    pending_.push_back({access.first_use, access.first_use + stalled_ + latency, access.result});
}

// Stores retire through the buffer; only a full one makes the pipeline wait.
void CycleModel::store_miss(u64 latency) {
    const auto entry = std::min_element(store_buffer_.begin(), store_buffer_.end());
    const Cycle now = now_ + stalled_;
    if (*entry > now)
        stall(CycleCause::DataMiss, *entry - now);
    *entry = std::max(*entry, now) + latency;
}

// Applies the waits for misses whose first reader issues by `cycle` of the block.
void CycleModel::settle_until(u64 cycle) {
    for (Pending& p : pending_) {
        if (p.use > cycle)
            continue;
        if (p.ready > p.use + stalled_)
            stall(CycleCause::DataMiss, p.ready - p.use - stalled_);
        p.ready = 0;
    }
    std::erase_if(pending_, [](const Pending& p) { return p.ready == 0; });
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
    return u64{1} << 63 | (physical >> shift << 2 | (shift - kPageShift) / 9) << 17 | space;
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
    last_data_page_ = last_fetch_page_ = ~u64{0};
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
    stall(CycleCause::TlbMaintenance, model_.tlb.invalidate);
}

void CycleModel::tlb_invalidate_asid(u16 asid) {
    for (u64& key : tlb_)
        if (key != 0 && (key & kSpaceMask) == asid)
            key = 0;
    forget_micro();
    stall(CycleCause::TlbMaintenance, model_.tlb.invalidate);
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
    stall(CycleCause::TlbMaintenance, model_.tlb.invalidate);
}

// --- Events -----------------------------------------------------------------

void CycleModel::exception_entry() {
    charge(CycleCause::ExceptionEntry, model_.costs.exception_entry);
}

void CycleModel::device_access() {
    stall(CycleCause::DeviceAccess, model_.costs.device_access);
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
