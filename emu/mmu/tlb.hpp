// The architectural TLB: which translations the CPU may still use without a
// new walk. Arm ARM DDI 0487, D8.13 "Translation Lookaside Buffers" and
// D8.14 "TLB maintenance".
//
// Nothing leaves it but by TLB maintenance, so that a guest that forgets a TLBI
// sees its stale entry every time, and the same way in every run. The finite
// TLB of the timing model is another thing.
//
// The engine has a soft TLB of its own that is always a part of this table. An
// entry handed to it is marked (`grant`); a TLBI then knows whether the soft TLB
// can hold anything it removes, and the engine flushes only then.
#pragma once

#include "mmu/walker.hpp"

#include <vector>

namespace forkscope {

// One entry: a page or a block. Its space is one ASID or all of them.
struct TlbEntry {
    u64 key = 0; // virtual page, size class, global, ASID; 0 is an empty slot
    u64 physical = 0;
    u64 descriptor = 0;
    u64 descriptor_address = 0;
    u64 stamp = 0;   // moment of insertion, compared with TlbState::floor
    u32 granted = 0; // soft TLB generation at the last grant
    Permissions permissions;
    u8 attributes = 0; // MAIR_EL1 byte at the walk
    u8 level = 0;      // 1 or 2 for blocks, 3 for pages
    Shareability shareability = Shareability::None;

    // Where `va` of this page or block lies in physical memory.
    [[nodiscard]] u64 physical_of(u64 va) const {
        return physical | (va & low_mask(level_shift(level)));
    }
};
static_assert(sizeof(TlbEntry) == 48);

// TLBI instructions of EL1. The inner and outer shareable forms are the same
// operation sent to every CPU.
enum class TlbiScope : u8 {
    Va,         // VAE1, VALE1: one address; entries of one ASID, and global ones
    VaAllAsids, // VAAE1, VAALE1: one address in every space
    Asid,       // ASIDE1: all non-global entries of one ASID
    All,        // VMALLE1
};

struct TlbiOperation {
    TlbiScope scope = TlbiScope::All;
    bool broadcast = false; // inner shareable form
};

// Decodes SYS #op1, C8, CRm, #op2 with op1 = 0; nothing if that is not a TLBI
// of ARMv8.0 EL1. Arm ARM, "A64 System instructions for TLB maintenance".
[[nodiscard]] std::optional<TlbiOperation> decode_tlbi(unsigned op1, unsigned crm, unsigned op2);

// Everything a Tlb holds, for snapshots. After restoring one, the engine must
// flush its soft TLB and call Tlb::soft_flushed.
struct TlbState {
    std::vector<TlbEntry> slots;   // hash table, open addressing, a power of two
    u64 used = 0;                  // slots that are not empty, dead entries included
    u64 clock = 1;                 // counts TLBIs by ASID and of everything
    u64 floor_all = 0;             // older entries are dead
    std::vector<u64> floor_asid;   // older entries of this ASID are dead; 65536
    std::array<u8, 2> classes{};   // by VA bit 55: kinds of entries that may exist
    std::vector<u16> spaces;       // ASIDs that may have live entries
    std::vector<u32> space_slot;   // 1 + index into `spaces` by ASID, or 0; 65536
    u32 soft_generation = 1;       // counts flushes of the soft TLB
    u32 granted_any = 0;           // soft generation of the last grant
    std::vector<u32> granted_asid; // the same per ASID, non-global entries; 65536
    bool soft_flush_due = false;
    bool mixed = false; // a global entry was inserted in a half with non-global ones
};

class Tlb {
public:
    // A table that must grow beyond this many entries (4 GiB of 4 KiB pages) is
    // emptied: the bound on host memory that a hostile guest meets. It depends
    // on the guest alone, so runs stay reproducible.
    static constexpr u64 kMaxEntries = u64{1} << 20;

    Tlb();

    // The entry that translates `va` (untagged) in the space of `asid`, or
    // nullptr. Pages come before blocks, entries of the ASID before global
    // ones. The pointer holds until the next insert.
    [[nodiscard]] TlbEntry* lookup(u64 va, u16 asid);

    // Adds the translation of `va`. The caller has looked it up and found
    // nothing. The reference holds until the next insert.
    TlbEntry& insert(u64 va, const Translation& translation);

    // Takes back an entry that insert() has just made and nothing was granted of:
    // the access that it was made for is refused after all.
    void withdraw(TlbEntry& entry) { entry.stamp = 0; }

    // Performs a TLBI with operand `xt` and the CPU's ASID size. Returns true if
    // the soft TLB may hold something that must go: flush it, then soft_flushed().
    [[nodiscard]] bool invalidate(TlbiScope scope, u64 xt, u16 asid_mask);

    [[nodiscard]] bool invalidate_va(u64 va, u16 asid);
    [[nodiscard]] bool invalidate_va_all_asids(u64 va);
    [[nodiscard]] bool invalidate_asid(u16 asid);
    [[nodiscard]] bool invalidate_all();

    // Marks that the soft TLB now holds (a part of) `entry`.
    void grant(TlbEntry& entry);

    // The soft TLB is empty: nothing is granted any more.
    void soft_flushed();
    // The same of the non-global entries of `asid`.
    void soft_flushed(u16 asid) { state_.granted_asid[asid] = 0; }

    // True if the soft TLB must be flushed although no TLBI was executed,
    // because the table was emptied at kMaxEntries. Look after each insert.
    [[nodiscard]] bool soft_flush_due() const { return state_.soft_flush_due; }

    // True if `entry` was granted since the last soft_flushed().
    [[nodiscard]] bool granted(const TlbEntry& entry) const {
        return entry.granted == state_.soft_generation;
    }

    // True if the soft TLB may hold non-global entries of `asid`.
    [[nodiscard]] bool granted_in(u16 asid) const {
        return state_.granted_asid[asid] == state_.soft_generation;
    }

    // True if a space may have an entry that hides a global one: what the soft TLB
    // holds then depends on the ASID even if it is global. That takes a global entry
    // inserted after others, in another space: with a global entry at hand no space
    // inserts one of its own.
    [[nodiscard]] bool mixes_spaces() const { return state_.mixed; }

    // True if the last TLBI by address removed a block: more than one page.
    [[nodiscard]] bool removed_block() const { return removed_block_; }

    [[nodiscard]] static bool is_global(const TlbEntry& entry) { return key_global(entry.key); }

    // Number of live entries. Walks the table: for tests and displays.
    [[nodiscard]] u64 size() const;

    // Calls f(const TlbEntry&, u64 va, bool global, u16 asid) for each live entry.
    template <typename F> void for_each(F&& f) const {
        for (const TlbEntry& entry : state_.slots)
            if (entry.key != 0 && alive(entry))
                f(entry, key_va(entry.key), key_global(entry.key), key_asid(entry.key));
    }

    [[nodiscard]] const TlbState& state() const { return state_; }
    void restore(TlbState state) { state_ = std::move(state); }

private:
    // Key: bit 63 set, [62:19] VA[55:12], [18:17] size class, [16] global, [15:0] ASID.
    using KeyPage = Field<u64, 62, 19>;
    using KeySize = Field<u64, 18, 17>; // 3 - level: 0 page, 1 block of 2 MiB, 2 of 1 GiB
    using KeyGlobal = Field<u64, 16>;
    using KeyAsid = Field<u64, 15, 0>;

    [[nodiscard]] static u64 make_key(u64 va, unsigned size_class, bool global, u16 asid);
    [[nodiscard]] static u64 key_va(u64 key);
    [[nodiscard]] static bool key_global(u64 key) { return KeyGlobal::test(key); }
    [[nodiscard]] static u16 key_asid(u64 key) { return static_cast<u16>(KeyAsid::get(key)); }
    [[nodiscard]] static u8 class_bit(unsigned size_class, bool global) {
        return static_cast<u8>(1u << (size_class * 2 + (global ? 1 : 0)));
    }
    [[nodiscard]] u8& classes_of(u64 va) { return state_.classes[Field<u64, 55>::get(va)]; }

    [[nodiscard]] bool alive(const TlbEntry& entry) const;
    [[nodiscard]] TlbEntry* find(u64 key);
    TlbEntry& place(u64 key);
    void make_room();
    void note(u64 key);
    void forget_space(u16 asid);
    void forget_all_spaces();
    bool remove(u64 key);

    TlbState state_;
    bool removed_block_ = false;
    std::vector<TlbEntry> spare_; // second buffer of rebuilds, empty between them
};

} // namespace forkscope
