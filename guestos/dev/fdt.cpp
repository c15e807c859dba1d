// Reader of flattened device trees. Nothing is copied; bad input ends a search.

#include "dev/fdt.hpp"

#include "sys/systm.hpp"

namespace {

// Header, 5.2; all fields big-endian.
struct fdt_header {
    u32 magic, totalsize, off_dt_struct, off_dt_strings, off_mem_rsvmap, version;
    u32 last_comp_version, boot_cpuid_phys, size_dt_strings, size_dt_struct;
};
constexpr u32 kMagic = 0xd00dfeed;
constexpr u32 kMaxSize = 2U << 20; // what booting allows, Linux Documentation/arch/arm64/booting

// Tokens of the structure block, 5.4.1.
enum : u32 { BeginNode = 1, EndNode = 2, Prop = 3, Nop = 4, End = 9 };

const u8* fdt;
const u8* structure;
const char* strings;
int structure_size;
u32 strings_size;
unsigned address_cells; // what `reg` of the root's children has
unsigned size_cells;

// A number at any address. Plain enough for one load: a call for each cell would be
// a quarter of booting.
struct [[gnu::packed, gnu::may_alias]] cell {
    u32 v;
};

u32 be32(const void* p) {
    return __builtin_bswap32(static_cast<const cell*>(p)->v);
}

u64 cells(const u8* p, unsigned n) {
    u64 v = 0;
    while (n-- > 0) {
        v = (v << 32) | be32(p);
        p += 4;
    }
    return v;
}

// What stands at an offset of the structure block, and where the next token begins.
struct token {
    u32 kind;
    int next;
};

int padded(int offset, size_t size) {
    return (offset + static_cast<int>(size) + 3) & ~3;
}

// End where the block ends, or what is there does not fit into it.
token token_at(int offset) {
    const u8* p = structure + offset;
    const int left = structure_size - offset;
    const token end{End, structure_size};
    switch (const u32 kind = left >= 4 ? be32(p) : u32{End}) {
    case BeginNode: {
        const auto room = static_cast<size_t>(left - 4);
        const size_t len = kstrnlen(reinterpret_cast<const char*>(p + 4), room);
        return len < room ? token{kind, padded(offset, 4 + len + 1)} : end;
    }
    case Prop: {
        const bool fits = left >= 12 && be32(p + 4) <= static_cast<u32>(left - 12) &&
                          be32(p + 8) < strings_size;
        return fits ? token{kind, padded(offset, 12 + size_t{be32(p + 4)})} : end;
    }
    case EndNode:
    case Nop:
        return {kind, offset + 4};
    default:
        return end;
    }
}

// A block of the tree. => false: it is not within it
bool block(u32 total, u32 offset, u32 size) {
    return offset % 4 == 0 && offset <= total && size <= total - offset;
}

unsigned cell_count(const char* name, unsigned otherwise) {
    u64 value = otherwise;
    (void)fdt_getprop_number(0, name, &value);
    return static_cast<unsigned>(value);
}

} // namespace

bool fdt_init(const void* data) {
    fdt_header h;
    memcpy(&h, data, sizeof(h));
    const u32 total = __builtin_bswap32(h.totalsize);
    const u32 off_struct = __builtin_bswap32(h.off_dt_struct);
    const u32 size_struct = __builtin_bswap32(h.size_dt_struct);
    const u32 off_strings = __builtin_bswap32(h.off_dt_strings);
    strings_size = __builtin_bswap32(h.size_dt_strings);
    if (__builtin_bswap32(h.magic) != kMagic || total > kMaxSize ||
        !block(total, off_struct, size_struct) || off_strings > total ||
        strings_size > total - off_strings) {
        return false;
    }
    fdt = static_cast<const u8*>(data);
    structure = fdt + off_struct;
    structure_size = static_cast<int>(size_struct);
    strings = reinterpret_cast<const char*>(fdt + off_strings);
    if (token_at(0).kind != BeginNode || (strings_size > 0 && strings[strings_size - 1] != '\0')) {
        return false;
    }
    address_cells = cell_count("#address-cells", 2);
    size_cells = cell_count("#size-cells", 1);
    return true;
}

size_t fdt_totalsize() {
    return be32(fdt + 4);
}

fdt_node fdt_next_node(fdt_node node, int* depth) {
    for (int offset = token_at(node).next;;) {
        const token t = token_at(offset);
        switch (t.kind) {
        case BeginNode:
            ++*depth;
            return offset;
        case EndNode:
            --*depth;
            break;
        case End:
            return -1;
        default:
            break;
        }
        offset = t.next;
    }
}

const char* fdt_node_name(fdt_node node) {
    return reinterpret_cast<const char*>(structure + node + 4);
}

const void* fdt_getprop(fdt_node node, const char* name, size_t* len) {
    for (int offset = token_at(node).next;;) {
        const token t = token_at(offset);
        const u8* p = structure + offset;
        if (t.kind == Prop && strcmp(strings + be32(p + 8), name) == 0) {
            *len = be32(p + 4);
            return p + 12;
        }
        if (t.kind != Prop && t.kind != Nop) {
            return nullptr;
        }
        offset = t.next;
    }
}

const char* fdt_getprop_string(fdt_node node, const char* name) {
    size_t len;
    const char* p = static_cast<const char*>(fdt_getprop(node, name, &len));
    return p != nullptr && kstrnlen(p, len) < len ? p : nullptr;
}

bool fdt_getprop_number(fdt_node node, const char* name, u64* value) {
    size_t len;
    const void* p = fdt_getprop(node, name, &len);
    if (p == nullptr || (len != 4 && len != 8)) {
        return false;
    }
    *value = cells(static_cast<const u8*>(p), static_cast<unsigned>(len / 4));
    return true;
}

fdt_node fdt_find_path(const char* name) {
    const size_t len = strlen(name);
    int depth = 0;
    for (fdt_node n = fdt_next_node(0, &depth); n >= 0; n = fdt_next_node(n, &depth)) {
        const char* have = fdt_node_name(n);
        if (depth == 1 && strncmp(have, name, len) == 0 &&
            (have[len] == '\0' || have[len] == '@')) {
            return n;
        }
    }
    return -1;
}

// Strings one after the other, each with its NUL.
static bool list_has(const char* list, size_t len, const char* string) {
    for (size_t n; len > 0 && (n = kstrnlen(list, len)) < len; list += n + 1, len -= n + 1) {
        if (strcmp(list, string) == 0) {
            return true;
        }
    }
    return false;
}

fdt_node fdt_find_compatible(const char* compatible) {
    int depth = 0;
    for (fdt_node n = fdt_next_node(0, &depth); n >= 0; n = fdt_next_node(n, &depth)) {
        size_t len;
        const char* list = static_cast<const char*>(fdt_getprop(n, "compatible", &len));
        if (list != nullptr && list_has(list, len, compatible)) {
            return n;
        }
    }
    return -1;
}

bool fdt_get_reg(fdt_node node, unsigned index, paddr_t* address, psize_t* size) {
    size_t len;
    const u8* p = static_cast<const u8*>(fdt_getprop(node, "reg", &len));
    const size_t entry = (size_t{address_cells} + size_cells) * 4;
    const bool readable = address_cells <= 2 && size_cells <= 2;
    if (p == nullptr || !readable || len < (index + 1) * entry) {
        return false;
    }
    p += index * entry;
    *address = cells(p, address_cells);
    *size = cells(p + address_cells * 4, size_cells);
    return true;
}

// Linux Documentation/devicetree/bindings/interrupt-controller/arm,gic.yaml:
// type (0 SPI, 1 PPI), number, flags.
bool fdt_get_interrupt(fdt_node node, unsigned index, unsigned* intid) {
    size_t len;
    const u8* p = static_cast<const u8*>(fdt_getprop(node, "interrupts", &len));
    if (p == nullptr || len < (index + 1) * 12) {
        return false;
    }
    p += index * 12;
    *intid = be32(p + 4) + (be32(p) == 0 ? 32 : 16);
    return true;
}
