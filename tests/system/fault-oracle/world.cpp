#include "oracle.hpp"

namespace {

using Table = u64[512];

// One set of tables for both halves and both sizes: with 39 bits walks start at
// `level1`, with 48 at `level0`.
alignas(4096) Table level0, level1, device_level2, ram_level2, area_level2, data_level3,
    code_level3;
alignas(4096) u8 frames[DataPages + 2][4096];

constexpr u64 kTableBits = 3, kBlockBits = 1, kPageBits = 3;
constexpr u64 kAf = 1u << 10, kInner = 3u << 8, kNg = 1u << 11, kBoth = 1u << 6,
              kReadOnly = 1u << 7;
constexpr u64 kDevice = 1u << 2; // AttrIndx 1
constexpr u64 kPxn = u64{1} << 53, kUxn = u64{1} << 54;
constexpr u64 kLive = kAf | kInner;
constexpr u64 kBigPa = u64{1} << 33; // beyond IPS = 32 bits
constexpr u64 kUart = 0x0900'0000;
constexpr u64 kHolePa = 0x0e00'0000;  // nothing there on either machine
constexpr u64 kBlockPa = 0x4060'0000; // RAM that nothing else uses
constexpr u32 kSvcDone = 0xd401'ffe1; // SVC #0xfff

constexpr u64 kGiB = 0x4000'0000, kMiB2 = 0x20'0000, kLevel0 = u64{1} << 39;
constexpr u64 kInBlock = kBlockPa - 0x4000'0000; // offset of kBlockPa in a 1 GiB block

u64 address_of(const void* object) {
    return reinterpret_cast<u64>(object);
}

void fill_done(void* memory, u64 bytes) {
    for (u64 i = 0; i < bytes / 4; ++i)
        static_cast<volatile u32*>(memory)[i] = kSvcDone;
}

void build_ram() {
    level1[0] = address_of(device_level2) | kTableBits;
    device_level2[kUart / kMiB2] = kUart | kBlockBits | kAf | kDevice | kPxn | kUxn;
    level1[1] = address_of(ram_level2) | kTableBits;
    ram_level2[0] = 0x4000'0000 | kBlockBits | kLive | kBoth | kReadOnly;
    for (u64 i = 1; i < 512; ++i)
        ram_level2[i] = (0x4000'0000 + i * kMiB2) | kBlockBits | kLive | kPxn | kUxn;
    level0[0] = address_of(level1) | kTableBits;
}

void build_data_pages() {
    for (u64 i = 0; i < DataPages; ++i)
        data_level3[i] = address_of(frames[i]) | kPageBits | kLive | kBoth;
    data_level3[Ro] |= kReadOnly;
    data_level3[Invalid] &= ~u64{1};
    data_level3[KernelRw] &= ~kBoth;
    data_level3[KernelRo] = (data_level3[KernelRo] & ~kBoth) | kReadOnly;
    data_level3[NoAccessFlag] &= ~kAf;
    data_level3[BigPa] |= kBigPa;
    data_level3[Device] = address_of(frames[Device]) | kPageBits | kAf | kBoth | kDevice;
    data_level3[Hole] = kHolePa | kPageBits | kLive | kBoth;
    data_level3[Reserved] = address_of(frames[Reserved]) | kBlockBits | kLive | kBoth;
}

void build_code_pages() {
    const u64 landing = address_of(landing_page) | kPageBits | kLive;
    const u64 falling = address_of(nop_page) | kPageBits | kLive | kBoth | kReadOnly;
    const u64 user = landing | kBoth | kReadOnly;
    code_level3[CodeRo] = user;
    code_level3[CodeUxn] = user | kUxn;
    code_level3[CodePxn] = user | kPxn;
    code_level3[CodeXn] = user | kPxn | kUxn;
    code_level3[CodeRw] = landing | kBoth;
    code_level3[CodeKernelRw] = landing;
    code_level3[CodeKernelRo] = landing | kReadOnly;
    code_level3[CodeInvalid] = user & ~u64{1};
    code_level3[CodeNoAccessFlag] = user & ~kAf;
    code_level3[CodeBigPa] = user | kBigPa;
    code_level3[CodeHole] = kHolePa | kPageBits | kLive | kBoth | kReadOnly;
    code_level3[Fall0] = code_level3[Fall1] = code_level3[Fall2] = falling;
    code_level3[FallXn] = user | kPxn | kUxn;
    code_level3[FallOn] = user;
    code_level3[Literal] = address_of(literal_page) | kPageBits | kLive | kBoth | kReadOnly;
}

void build_levels() {
    const u64 data = address_of(data_level3) | kTableBits;
    const u64 block2 = kBlockPa | kBlockBits | kLive | kBoth;
    area_level2[0] = data;
    area_level2[2] = block2;
    area_level2[3] = block2 | kReadOnly;
    area_level2[4] = block2 & ~kAf;
    area_level2[5] = block2 | kBigPa;
    area_level2[6] = data | kBigPa;
    area_level2[7] = kHolePa | kTableBits;
    area_level2[8] = data | (u64{1} << 61);  // APTable: no EL0
    area_level2[9] = data | (u64{2} << 61);  // APTable: read-only
    area_level2[10] = data | (u64{1} << 60); // UXNTable
    area_level2[11] = data | (u64{1} << 59); // PXNTable
    area_level2[12] = address_of(code_level3) | kTableBits;
    area_level2[13] = (block2 & ~kBoth);

    const u64 area = address_of(area_level2) | kTableBits;
    const u64 block1 = 0x4000'0000 | kBlockBits | kLive | kBoth;
    level1[64] = area;
    level1[66] = block1 | kReadOnly;
    level1[67] = block1 & ~kAf;
    level1[68] = block1 | kBigPa;
    level1[69] = area | kBigPa;
    level1[70] = kHolePa | kTableBits;
    level1[71] = block1;
    level1[72] = area | (u64{3} << 61) | (u64{1} << 59);

    const u64 first = address_of(level1) | kTableBits;
    level0[2] = 0x4000'0000 | kBlockBits | kLive; // reserved at level 0
    level0[3] = first | kBigPa;
    level0[4] = kHolePa | kTableBits;
    level0[5] = first | (u64{1} << 61);
    level0[6] = first | (u64{2} << 61) | (u64{1} << 60);
}

} // namespace

const char* const data_page_names[DataPages] = {
    "rw",    "ro", "rw",     "invalid", "rw",     "el1-rw", "rw",   "el1-ro",  "rw",
    "no-af", "rw", "big-pa", "rw",      "device", "rw",     "hole", "reserved"};

const char* const code_page_names[CodePages] = {
    "ro",    "uxn",     "pxn",  "xn",           "rw", "el1-rw",  "el1-ro", "invalid",
    "no-af", "big-pa",  "hole", "into-invalid", "",   "into-xn", "",       "into-ro",
    "",      "literal", ""};

const Place level0_places[] = {
    {"l0-invalid", 1 * kLevel0},
    {"l0-reserved", 2 * kLevel0},
    {"l0-big-table", 3 * kLevel0},
    {"l0-hole-table", 4 * kLevel0},
    {"l0-no-el0-table", 5 * kLevel0 + kArea},
    {"l0-ro-uxn-table", 6 * kLevel0 + kArea},
    {nullptr, 0},
};

const Place places[] = {
    {"l3-rw", data_page(Rw0)},
    {"l3-invalid", data_page(Invalid)},
    {"l3-reserved", data_page(Reserved)},
    {"l3-no-af", data_page(NoAccessFlag)},
    {"l3-ro", data_page(Ro)},
    {"l3-el1-rw", data_page(KernelRw)},
    {"l3-big-pa", data_page(BigPa)},
    {"l2-invalid", kArea + 1 * kMiB2},
    {"l2-rw", kArea + 2 * kMiB2},
    {"l2-ro", kArea + 3 * kMiB2},
    {"l2-no-af", kArea + 4 * kMiB2},
    {"l2-big-pa", kArea + 5 * kMiB2},
    {"l2-big-table", kArea + 6 * kMiB2},
    {"l2-hole-table", kArea + 7 * kMiB2},
    {"l2-no-el0-table", kArea + 8 * kMiB2},
    {"l2-ro-table", kArea + 9 * kMiB2},
    {"l2-uxn-table", kArea + 10 * kMiB2},
    {"l2-pxn-table", kArea + 11 * kMiB2},
    {"l2-pxn-table-ro", kArea + 11 * kMiB2 + Ro * 4096},
    {"l2-el1-rw", kArea + 13 * kMiB2},
    {"l1-invalid", 65 * kGiB},
    {"l1-ro", 66 * kGiB + kInBlock},
    {"l1-no-af", 67 * kGiB + kInBlock},
    {"l1-big-pa", 68 * kGiB + kInBlock},
    {"l1-big-table", 69 * kGiB},
    {"l1-hole-table", 70 * kGiB},
    {"l1-rw", 71 * kGiB + kInBlock},
    {"l1-limiting-table", 72 * kGiB},
    {nullptr, 0},
};

void build_world() {
    fill_done(frames, sizeof frames);
    fill_done(reinterpret_cast<void*>(kBlockPa), 4096);
    build_ram();
    build_data_pages();
    build_code_pages();
    build_levels();
    // 0: Normal write-back, 1: Device-nGnRE, 2: Normal Non-cacheable
    asm volatile("msr mair_el1, %0; isb" ::"r"(0x4404ffull));
    asm volatile("msr cpacr_el1, %0; isb" ::"r"(3ull << 20));
}

u64 enter(const Regime& regime) {
    const u64 size = 64 - regime.bits;
    const u64 cached = 1u << 8 | 1u << 10 | 3u << 12; // walks write-back, inner shareable
    const u64 tcr = size | size << 16 | cached | cached << 16 | u64{2} << 30 | regime.tcr_more;
    const u64 root = address_of(regime.bits == 48 ? level0 : level1);
    // M, C, I, and the bits that are RES1 in ARMv8.0.
    const u64 sctlr = 0x30d0'0800 | 1 | 1u << 2 | 1u << 12;
    const u64 el0 = regime.el0_traps ? 0 : kSctlrDze | kSctlrUct | kSctlrUci;
    set_translation(root, root, tcr, sctlr | el0 | regime.sctlr_more);
    return regime.upper ? ~((u64{1} << regime.bits) - 1) : 0;
}

void remap(DataPage page, unsigned frame, bool global) {
    *const_cast<volatile u64*>(&data_level3[page]) =
        address_of(frames[DataPages + frame]) | kPageBits | kLive | kBoth | (global ? 0 : kNg);
    *reinterpret_cast<volatile u64*>(frames[DataPages + frame]) = frame_word(frame);
    asm volatile("dsb sy" ::: "memory");
}

u64 frame_word(unsigned frame) {
    return 0xf4a3e000 + frame;
}
