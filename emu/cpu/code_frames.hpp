// What the CPU knows of the RAM frames that code is fetched from.
//
// The engine keeps translated code by physical address, and notices stores to
// it only if they use the address that it was fetched by. So no frame is
// granted for execution and for writing at once: the first store to a frame
// with code throws the code away, the first fetch takes the right to write
// back. Instruction cache maintenance then has nothing left to do.
//
// Instructions that the engine must not execute it is not shown: code is fetched
// from a shadow of its frame, in which others stand for them. For system
// instructions that are the emulator's to answer that is kStandIn, of which the
// engine asks before it executes it; hooks on all of them would cost each MRS of
// the kernel's own. For FP and SIMD instructions, while CPACR_EL1 denies them, it
// is an undefined one: the engine never traps them by itself. Frames without such
// instructions need no shadow. All have one if the engine watches every access: it
// then looks for code at each store to memory that it may execute, so that RAM is
// none for it.
#pragma once

#include "cpu/soft_tlb.hpp"

#include <array>
#include <span>
#include <vector>

namespace forkscope {

// True for instructions that CPACR_EL1.FPEN controls: FP and SIMD data
// processing, loads and stores, and FPCR and FPSR. Arm ARM, C4.1.
// Deviation: unallocated encodings among them trap too, and are not undefined.
[[nodiscard]] constexpr bool is_fp_instruction(u32 instruction) {
    constexpr u32 kFpBits = 0x0c00'0000;           // op0 = x11x: both set, with bit 25 or without
    constexpr u32 kStatusMask = 0xffdf'ffc0;       // MRS, MSR of S3_3_C4_C4_{0,1}
    constexpr u32 kStatusMove = 0xd51b'4400;
    return (instruction & kFpBits) == kFpBits || (instruction & kStatusMask) == kStatusMove;
}

class CodeFrames {
public:
    static constexpr u64 kFrameSize = 4096;
    static constexpr u32 kShadows = 4096; // at once; more are made by taking old ones away
    static constexpr u64 kShadowSize = kShadows * kFrameSize;
    // Where the shadows lie in physical memory: beyond what the guest can address.
    static constexpr u64 kShadowBase = u64{1} << 41;

    // `ram` and `shadows` (kShadowSize bytes) are the host's memory. `shadow_all`:
    // nothing is fetched from RAM itself.
    CodeFrames(u64 ram_base, std::span<u8> ram, std::span<u8> shadows, SoftTlb& grants,
               bool shadow_all);

    // Where to fetch the page at `va` from, which lies at `physical` in RAM.
    // `fp_denied`: CPACR_EL1 denies FP at the level that fetches.
    [[nodiscard]] u64 fetch(u64 va, u64 physical, bool fp_denied);

    // Before the page at `va` is granted for writing.
    void write(u64 va, u64 physical);

    // True if the frame has no code: a read may be granted together with writing.
    [[nodiscard]] bool writable(u64 physical) const { return !frame(physical).has_code; }

    // True if clean_up() must be called before another block is executed.
    [[nodiscard]] bool due() const { return flush_due_ || !stale_.empty(); }
    // Physical addresses of the frames whose code was stored to.
    [[nodiscard]] std::span<const u64> stale() const { return stale_; }
    // Makes `engine` forget the code that was stored to. Outside Engine::run.
    void clean_up(Engine& engine);

    // What CPACR_EL1 denies has changed: takes the pages with FP away. Allowed
    // wherever Engine::flush_grants is.
    void fp_changed();

    // True once any frame with LDTR or STTR instructions has been fetched from.
    [[nodiscard]] bool seen_unprivileged() const { return seen_unprivileged_; }

private:
    // A grant of a frame: which page, and when. One page is remembered; with
    // more than one, all grants are taken away together.
    struct Grant {
        static constexpr u64 kSeveral = ~u64{0};
        u64 va = 0;
        u32 epoch = 0;
    };
    struct Frame {
        Grant fetched;
        Grant written;
        std::array<u16, 2> shadow{}; // 1 + index, or 0; without FP denied, and with
        bool has_code = false;
        bool has_system = false; // instructions that need kStandIn
        bool has_fp = false;
    };
    static constexpr std::size_t kMostFpPages = 64;

    void note(Grant& grant, u64 va);
    void revoke(Grant& grant);
    void note_fp(u64 va);

    [[nodiscard]] Frame& frame(u64 physical) { return frames_[(physical - ram_base_) / kFrameSize]; }
    [[nodiscard]] const Frame& frame(u64 physical) const {
        return frames_[(physical - ram_base_) / kFrameSize];
    }
    void scan(Frame& frame, u64 physical);
    [[nodiscard]] u64 shadow_of(Frame& frame, u64 physical, bool fp_denied);
    [[nodiscard]] u16 make_shadow(u64 base, bool fp_denied);
    void drop_shadows(Frame& frame);

    u64 ram_base_;
    std::span<u8> ram_;
    std::span<u8> shadows_;
    std::vector<Frame> frames_;
    std::vector<u64> owners_; // by shadow: physical address of its frame, or kNoOwner
    u32 next_shadow_ = 0;
    SoftTlb& grants_;
    bool shadow_all_;
    std::vector<u64> stale_;    // physical addresses whose code must be forgotten
    std::vector<u64> fp_pages_; // with FP, granted since the last fp_changed
    bool too_many_fp_pages_ = false;
    bool flush_due_ = false;
    bool seen_unprivileged_ = false;
};

} // namespace forkscope
