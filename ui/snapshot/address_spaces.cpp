#include "snapshot/address_spaces.hpp"

namespace forkscope {

namespace {

constexpr std::size_t kMostTables = 1 << 16;  // more than any guest of ours has:
constexpr std::size_t kMostRegions = 1 << 16; // what is read may be half changed

struct TableAt {
    u64 physical;
    u64 va;
};

// The table's entries; the tables that they name go to `below`.
TableView read_table(const Inspection& machine, const TableAt& at, unsigned level, u64 entries,
                     std::vector<TableAt>& below) {
    TableView view{
        .physical = at.physical, .level = static_cast<u8>(level), .va = at.va, .entries = {}};
    for (u64 index = 0; index < entries; ++index) {
        const std::optional<u64> raw = machine.read<u64>(at.physical + index * sizeof(u64));
        if (!raw || *raw == 0)
            continue;
        view.entries.push_back({static_cast<u16>(index), *raw});
        if (Descriptor(*raw).type(level) == DescriptorType::Table)
            below.push_back({Descriptor(*raw).address(), at.va + (index << level_shift(level))});
    }
    return view;
}

bool in_ram(const Inspection& machine, u64 physical) {
    return physical - machine.ram_base < machine.ram.size();
}

RegionView read_region(KernelMemory& memory, const abi::KernelLayout& layout, u64 entry) {
    const u64 object = memory.read_or_zero<u64>(entry + layout.entry_object);
    const u8 flags = memory.read_or_zero<u8>(entry + layout.entry_flags);
    const bool anonymous =
        object == 0 || memory.read_or_zero<u8>(object + layout.object_anonymous) != 0;
    return {.start = memory.read_or_zero<u64>(entry + layout.entry_start),
            .end = memory.read_or_zero<u64>(entry + layout.entry_end),
            .protection = memory.read_or_zero<u8>(entry + layout.entry_protection),
            .inheritance = memory.read_or_zero<u8>(entry + layout.entry_inheritance),
            .backing = anonymous ? Backing::Anonymous : Backing::File,
            .shared = (flags & abi::kEntryCopyOnWrite) == 0,
            .needs_copy = (flags & abi::kEntryNeedsCopy) != 0,
            .wired = memory.read_or_zero<u16>(entry + layout.entry_wired) != 0,
            .offset = memory.read_or_zero<u64>(entry + layout.entry_offset)};
}

} // namespace

// Level by level, so that tables come in order of (level, va).
AddressSpaceView walk_tables(const Inspection& machine, u64 root, bool upper) {
    const u64 tcr = machine.regime.tcr;
    const auto unused = static_cast<unsigned>(upper ? Tcr::T1SZ::get(tcr) : Tcr::T0SZ::get(tcr));
    AddressSpaceView space;
    space.root = root;
    if (unused < 16 || unused > 39 || !in_ram(machine, root))
        return space;
    const unsigned bits = 64 - unused;
    unsigned level = 0;
    while (level_shift(level) >= bits)
        ++level;
    space.first_level = level;
    std::vector<TableAt> tables = {{root, upper ? ~low_mask(bits) : 0}};
    u64 entries = u64{1} << (bits - level_shift(level));
    for (; level <= 3 && !tables.empty(); ++level) {
        std::vector<TableAt> below;
        for (const TableAt& table : tables)
            if (in_ram(machine, table.physical) && space.tables.size() < kMostTables)
                space.tables.push_back(read_table(machine, table, level, entries, below));
        tables = std::move(below);
        entries = u64{1} << kTableBits;
    }
    return space;
}

std::optional<abi::KernelLayout> read_layout(KernelMemory& memory, u64 address) {
    const auto layout = address == 0 ? std::nullopt : memory.read<abi::KernelLayout>(address);
    return layout && layout->version == abi::kLayoutVersion ? layout : std::nullopt;
}

AddressSpaceView read_space(const Inspection& machine, KernelMemory& memory,
                            const abi::KernelLayout& layout, u64 map) {
    constexpr u64 kAsid = 0xffff;
    const u64 pmap = memory.read_or_zero<u64>(map + layout.map_pmap);
    AddressSpaceView space =
        walk_tables(machine, memory.read_or_zero<u64>(pmap + layout.pmap_root), false);
    space.asid = static_cast<u16>(memory.read_or_zero<u64>(pmap + layout.pmap_asid) & kAsid);
    u64 entry = memory.read_or_zero<u64>(map + layout.map_entries);
    while (entry != 0 && space.regions.size() < kMostRegions) {
        space.regions.push_back(read_region(memory, layout, entry));
        entry = memory.read_or_zero<u64>(entry + layout.entry_next);
    }
    return space;
}

} // namespace forkscope
