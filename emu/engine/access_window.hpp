// Loads and stores of watched execution, made short.
//
// Where accesses are watched, translated code calls a helper of Unicorn's for each
// of them, which looks the page, its region and the list of hooks up anew; that is
// most of what cycle timing costs. The linker puts functions of ours in the place
// of those helpers (--wrap, cmake/Dependencies.cmake). They remember the pages of
// RAM of which a helper has let an access through, and make further ones
// themselves; all others they hand on. What is watched is the same either way.
//
// A page is remembered until the engine's grants are taken away. Grants that the
// engine has dropped by itself may still be used: it would be granted them again.
#pragma once

#include "engine/engine.hpp"

#include <array>
#include <cstdint>

namespace forkscope {

class AccessWindow {
public:
    explicit AccessWindow(const ExecutionWatch& watch) : watch_(watch) {}

    // Memory that holds no code for the engine.
    void set_memory(u64 physical, u64 size, u8* host) { memory_ = {physical, size, host}; }

    // What a hook of Unicorn's has been told of.
    void seen_read(u64 physical, int size) {
        seen_ = physical;
        watch_.read(physical, size, watch_.context);
    }
    void seen_write(u64 physical, int size) {
        seen_ = physical;
        watch_.write(physical, size, watch_.context);
    }

    void forget_all();
    void forget_page(u64 va);

    // The window of the engine that runs on this thread, or null: the helpers are
    // told of no host.
    static thread_local AccessWindow* current;

    // `real` is the helper; `how` and `from` are its own affair but for the bits
    // below.
    template <class T, class Real> u64 load(Real real, void* env, u64 va, u32 how, u64 from) {
        const Page& page = reads_[slot_of(va)];
        if (page.tag != tag_of(va + sizeof(T) - 1, how)) [[unlikely]] {
            seen_ = kNone;
            const u64 value = real(env, va, how, from);
            learn(reads_, va, sizeof(T), how);
            return value;
        }
        watch_.read(va + page.to_physical, sizeof(T), watch_.context);
        return *reinterpret_cast<const T*>(va + page.to_host);
    }
    template <class T, class Real>
    void store(Real real, void* env, u64 va, T value, u32 how, u64 from) {
        const Page& page = writes_[slot_of(va)];
        if (page.tag != tag_of(va + sizeof(T) - 1, how)) [[unlikely]] {
            seen_ = kNone;
            real(env, va, value, how, from);
            learn(writes_, va, sizeof(T), how);
            return;
        }
        watch_.write(va + page.to_physical, sizeof(T), watch_.context);
        *reinterpret_cast<T*>(va + page.to_host) = value;
    }

private:
    static constexpr u64 kPageMask = 4095;
    static constexpr u64 kNone = ~u64{0};
    static constexpr std::size_t kSlots = 256;
    // Of `how`, Unicorn's TCGMemOpIdx: the translation regime, and which alignment
    // is asked for, if any.
    static constexpr u32 kRegime = 0xf;
    static constexpr u32 kAligned = 0x700;

    struct alignas(32) Page {
        u64 tag = kNone;
        u64 to_physical = 0; // to be added to the virtual address
        u64 to_host = 0;
    };
    using Pages = std::array<Page, kSlots>;

    static std::size_t slot_of(u64 va) { return va / (kPageMask + 1) % kSlots; }
    // No page's if an alignment is asked for.
    static u64 tag_of(u64 va, u32 how) { return (va & ~kPageMask) | (how & (kRegime | kAligned)); }
    void learn(Pages& pages, u64 va, u64 size, u32 how);

    ExecutionWatch watch_;
    struct {
        u64 physical = 0;
        u64 size = 0;
        u8* host = nullptr;
    } memory_;
    u64 seen_ = kNone;
    Pages reads_, writes_;
};

} // namespace forkscope
