#include "cpu/code_frames.hpp"

#include "cpu/access_decode.hpp"
#include "cpu/system_registers.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace forkscope {

namespace {

constexpr u64 kNoOwner = ~u64{0};
constexpr u64 kWords = CodeFrames::kFrameSize / 4;
constexpr u32 kUdf = 0; // UDF #0
constexpr u32 kRt = 31;

// MRS, MSR, SYS, SYSL and their like.
bool may_be_system(u32 word) {
    return word >> 24 == 0xd5;
}

// Integer loads and stores with bits [11:10] = 2: LDTR and STTR are among them.
bool may_be_unprivileged(u32 word) {
    return (word & 0x3f20'0c00) == 0x3800'0800;
}

u32 load_word(const u8* from) {
    u32 word = 0;
    std::memcpy(&word, from, sizeof word);
    return word;
}

} // namespace

CodeFrames::CodeFrames(u64 ram_base, std::span<u8> ram, std::span<u8> shadows, SoftTlb& grants,
                       bool shadow_all)
    : ram_base_(ram_base), ram_(ram), shadows_(shadows), frames_(ram.size() / kFrameSize),
      owners_(kShadows, kNoOwner), grants_(grants), shadow_all_(shadow_all) {}

u64 CodeFrames::fetch(u64 va, u64 physical, bool fp_denied) {
    Frame& frame = this->frame(physical);
    revoke(frame.written);
    if (!frame.has_code)
        scan(frame, physical);
    note(frame.fetched, va);
    if (frame.has_fp)
        note_fp(va);
    if (shadow_all_ || frame.has_system || (frame.has_fp && fp_denied))
        return shadow_of(frame, physical, frame.has_fp && fp_denied);
    return physical;
}

void CodeFrames::write(u64 va, u64 physical) {
    Frame& frame = this->frame(physical);
    note(frame.written, va);
    if (!frame.has_code)
        return;
    revoke(frame.fetched);
    frame.has_code = false;
    stale_.push_back(physical & ~(kFrameSize - 1));
    drop_shadows(frame);
}

void CodeFrames::note(Grant& grant, u64 va) {
    const bool is_first = grant.epoch != grants_.epoch() || grant.va == va;
    grant = {is_first ? va : Grant::kSeveral, grants_.epoch()};
}

void CodeFrames::revoke(Grant& grant) {
    if (grant.epoch != grants_.epoch())
        return;
    if (grant.va == Grant::kSeveral)
        flush_due_ = true;
    else
        grants_.flush_page(grant.va);
    grant = {};
}

void CodeFrames::clean_up(Engine& engine) {
    for (const u64 frame : std::exchange(stale_, {}))
        engine.forget_code(frame, kFrameSize);
    if (std::exchange(flush_due_, false))
        grants_.flush();
}

void CodeFrames::note_fp(u64 va) {
    if (std::ranges::find(fp_pages_, va) != fp_pages_.end())
        return;
    too_many_fp_pages_ |= fp_pages_.size() == kMostFpPages;
    if (!too_many_fp_pages_)
        fp_pages_.push_back(va);
}

void CodeFrames::fp_changed() {
    if (std::exchange(too_many_fp_pages_, false))
        grants_.flush();
    else
        for (const u64 va : fp_pages_)
            grants_.flush_page(va);
    fp_pages_.clear();
}

void CodeFrames::scan(Frame& frame, u64 physical) {
    const u8* from = ram_.data() + ((physical - ram_base_) & ~(kFrameSize - 1));
    frame.has_code = true;
    frame.has_system = false;
    frame.has_fp = false;
    for (u64 i = 0; i < kWords; ++i) {
        const u32 word = load_word(from + 4 * i);
        frame.has_fp |= is_fp_instruction(word);
        if (may_be_system(word))
            frame.has_system |= needs_stand_in(word);
        if (may_be_unprivileged(word))
            seen_unprivileged_ |= is_unprivileged_access(word);
    }
}

u64 CodeFrames::shadow_of(Frame& frame, u64 physical, bool fp_denied) {
    const u64 base = physical & ~(kFrameSize - 1);
    u16& shadow = frame.shadow[fp_denied];
    if (shadow == 0)
        shadow = make_shadow(base, fp_denied);
    return kShadowBase + (shadow - 1u) * kFrameSize + (physical - base);
}

u16 CodeFrames::make_shadow(u64 base, bool fp_denied) {
    const u32 index = next_shadow_;
    next_shadow_ = (next_shadow_ + 1) % kShadows;
    if (owners_[index] != kNoOwner) {
        // Its former owner may be granted, and its code known to the engine.
        drop_shadows(this->frame(owners_[index]));
        flush_due_ = true;
    }
    owners_[index] = base;
    u8* to = shadows_.data() + index * kFrameSize;
    const u8* from = ram_.data() + (base - ram_base_);
    for (u64 i = 0; i < kWords; ++i) {
        u32 word = load_word(from + 4 * i);
        if (fp_denied && is_fp_instruction(word))
            word = kUdf;
        else if (may_be_system(word) && needs_stand_in(word))
            word = kStandIn | (word & kRt);
        std::memcpy(to + 4 * i, &word, sizeof word);
    }
    return static_cast<u16>(index + 1);
}

void CodeFrames::drop_shadows(Frame& frame) {
    for (u16& shadow : frame.shadow) {
        if (shadow == 0)
            continue;
        const u32 index = shadow - 1u;
        stale_.push_back(kShadowBase + index * kFrameSize);
        owners_[index] = kNoOwner;
        shadow = 0;
    }
}

} // namespace forkscope
