#include "mmu/tlb.hpp"

#include <utility>

namespace forkscope {

namespace {

constexpr u64 kFirstSlots = 4096; // a power of two
constexpr unsigned kAsids = 65536;
constexpr unsigned kSizeClasses = 3; // 4 KiB, 2 MiB, 1 GiB

// Spreads keys over slots: the multiplier is 2^64 over the golden ratio.
u64 slot_of(u64 key, u64 slots) {
    u64 hash = key * 0x9e3779b97f4a7c15u;
    hash ^= hash >> 32;
    return hash & (slots - 1);
}

} // namespace

std::optional<TlbiOperation> decode_tlbi(unsigned op1, unsigned crm, unsigned op2) {
    if (op1 != 0 || (crm != 3 && crm != 7))
        return std::nullopt;
    const bool broadcast = crm == 3;
    switch (op2) {
    case 0:
        return TlbiOperation{TlbiScope::All, broadcast};
    case 1: // VAE1
    case 5: // VALE1
        return TlbiOperation{TlbiScope::Va, broadcast};
    case 2:
        return TlbiOperation{TlbiScope::Asid, broadcast};
    case 3: // VAAE1
    case 7: // VAALE1
        return TlbiOperation{TlbiScope::VaAllAsids, broadcast};
    default:
        return std::nullopt;
    }
}

Tlb::Tlb() {
    state_.slots.resize(kFirstSlots);
    state_.floor_asid.resize(kAsids);
    state_.space_slot.resize(kAsids);
    state_.granted_asid.resize(kAsids);
}

u64 Tlb::make_key(u64 va, unsigned size_class, bool global, u16 asid) {
    const u64 base = align_down(va, u64{1} << level_shift(3 - size_class));
    return Field<u64, 63>::make(1) | KeyPage::make(base >> kPageShift) | KeySize::make(size_class) |
           KeyGlobal::make(global) | (global ? 0 : KeyAsid::make(asid));
}

u64 Tlb::key_va(u64 key) {
    return static_cast<u64>(sign_extend(KeyPage::get(key) << kPageShift, 56));
}

bool Tlb::alive(const TlbEntry& entry) const {
    if (entry.stamp <= state_.floor_all)
        return false;
    return key_global(entry.key) || entry.stamp > state_.floor_asid[key_asid(entry.key)];
}

TlbEntry* Tlb::find(u64 key) {
    const u64 slots = state_.slots.size();
    for (u64 i = slot_of(key, slots);; i = (i + 1) & (slots - 1)) {
        TlbEntry& entry = state_.slots[i];
        if (entry.key == key)
            return alive(entry) ? &entry : nullptr;
        if (entry.key == 0)
            return nullptr;
    }
}

TlbEntry* Tlb::lookup(u64 va, u16 asid) {
    const u8 classes = classes_of(va);
    for (unsigned size_class = 0; size_class < kSizeClasses; ++size_class) {
        for (const bool global : {false, true}) {
            if (!(classes & class_bit(size_class, global)))
                continue;
            if (TlbEntry* entry = find(make_key(va, size_class, global, asid)))
                return entry;
        }
    }
    return nullptr;
}

// The slot for a new entry with `key`: a dead one of the same key or the first
// empty one. A key is in the table once, dead or alive, so `find` may stop at it.
TlbEntry& Tlb::place(u64 key) {
    const u64 slots = state_.slots.size();
    for (u64 i = slot_of(key, slots);; i = (i + 1) & (slots - 1)) {
        TlbEntry& entry = state_.slots[i];
        if (entry.key == key)
            return entry;
        if (entry.key == 0) {
            ++state_.used;
            return entry;
        }
    }
}

// Notes that an entry with `key` exists, for lookups and for VAAE1.
void Tlb::note(u64 key) {
    const bool global = key_global(key);
    classes_of(key_va(key)) |= class_bit(static_cast<unsigned>(KeySize::get(key)), global);
    const u16 asid = key_asid(key);
    if (global || state_.space_slot[asid] != 0)
        return;
    state_.spaces.push_back(asid);
    state_.space_slot[asid] = static_cast<u32>(state_.spaces.size());
}

void Tlb::forget_space(u16 asid) {
    const u32 slot = std::exchange(state_.space_slot[asid], 0);
    if (slot == 0)
        return;
    const u16 last = state_.spaces.back();
    state_.spaces.pop_back();
    if (last == asid)
        return;
    state_.spaces[slot - 1] = last;
    state_.space_slot[last] = slot;
}

void Tlb::forget_all_spaces() {
    for (const u16 asid : state_.spaces)
        state_.space_slot[asid] = 0;
    state_.spaces.clear();
    state_.classes = {};
}

// Drops dead entries, and doubles the table if the live ones fill more than a
// quarter of it. At kMaxEntries everything goes.
void Tlb::make_room() {
    u64 live = size();
    if (live >= kMaxEntries) {
        state_.floor_all = state_.clock++;
        state_.soft_flush_due = true;
        live = 0;
    }
    const u64 slots = state_.slots.size();
    spare_.assign(live * 4 > slots ? slots * 2 : slots, TlbEntry{});
    std::swap(spare_, state_.slots);
    state_.used = 0;
    forget_all_spaces();
    for (const TlbEntry& entry : spare_) {
        if (entry.key == 0 || !alive(entry))
            continue;
        place(entry.key) = entry;
        note(entry.key);
    }
}

TlbEntry& Tlb::insert(u64 va, const Translation& translation) {
    if (state_.used * 2 >= state_.slots.size())
        make_room();
    constexpr u8 kOwn = 0b010101; // class bits of non-global entries
    state_.mixed |= translation.global && (classes_of(va) & kOwn) != 0;
    const u64 key = make_key(va, 3u - translation.level, translation.global, translation.asid);
    TlbEntry& entry = place(key);
    entry = TlbEntry{.key = key,
                     .physical = translation.physical,
                     .descriptor = translation.descriptor,
                     .descriptor_address = translation.descriptor_address,
                     .stamp = state_.clock,
                     .granted = 0,
                     .permissions = translation.permissions,
                     .attributes = translation.attributes,
                     .level = translation.level,
                     .shareability = translation.shareability};
    note(key);
    return entry;
}

bool Tlb::invalidate(TlbiScope scope, u64 xt, u16 asid_mask) {
    // Arm ARM, TLBI VAE1: [63:48] ASID, [43:0] VA[55:12].
    const u16 asid = static_cast<u16>((xt >> 48) & asid_mask);
    const u64 va = (xt & low_mask(44)) << kPageShift;
    switch (scope) {
    case TlbiScope::Va:
        return invalidate_va(va, asid);
    case TlbiScope::VaAllAsids:
        return invalidate_va_all_asids(va);
    case TlbiScope::Asid:
        return invalidate_asid(asid);
    case TlbiScope::All:
        break;
    }
    return invalidate_all();
}

// Removes the entry with `key`; true if it was granted.
bool Tlb::remove(u64 key) {
    TlbEntry* entry = find(key);
    if (entry == nullptr)
        return false;
    entry->stamp = 0;
    removed_block_ |= entry->level != 3;
    return granted(*entry);
}

bool Tlb::invalidate_va(u64 va, u16 asid) {
    removed_block_ = false;
    const u8 classes = classes_of(va);
    bool flush = state_.soft_flush_due;
    for (unsigned size_class = 0; size_class < kSizeClasses; ++size_class) {
        for (const bool global : {false, true})
            if (classes & class_bit(size_class, global))
                flush |= remove(make_key(va, size_class, global, asid));
    }
    return flush;
}

// Global entries are found by address; of the others each space that has any is
// asked. The upper half usually has none.
bool Tlb::invalidate_va_all_asids(u64 va) {
    removed_block_ = false;
    const u8 classes = classes_of(va);
    bool flush = state_.soft_flush_due;
    for (unsigned size_class = 0; size_class < kSizeClasses; ++size_class) {
        if (classes & class_bit(size_class, true))
            flush |= remove(make_key(va, size_class, true, 0));
        if (classes & class_bit(size_class, false))
            for (const u16 asid : state_.spaces)
                flush |= remove(make_key(va, size_class, false, asid));
    }
    return flush;
}

bool Tlb::invalidate_asid(u16 asid) {
    state_.floor_asid[asid] = state_.clock++;
    forget_space(asid);
    return state_.soft_flush_due || state_.granted_asid[asid] == state_.soft_generation;
}

bool Tlb::invalidate_all() {
    state_.floor_all = state_.clock++;
    state_.mixed = false;
    forget_all_spaces();
    return state_.soft_flush_due || state_.granted_any == state_.soft_generation;
}

void Tlb::grant(TlbEntry& entry) {
    entry.granted = state_.soft_generation;
    state_.granted_any = state_.soft_generation;
    if (!key_global(entry.key))
        state_.granted_asid[key_asid(entry.key)] = state_.soft_generation;
}

void Tlb::soft_flushed() {
    ++state_.soft_generation;
    state_.soft_flush_due = false;
}

u64 Tlb::size() const {
    u64 live = 0;
    for (const TlbEntry& entry : state_.slots)
        live += entry.key != 0 && alive(entry);
    return live;
}

} // namespace forkscope
