#include "engine/access_window.hpp"

namespace forkscope {

thread_local AccessWindow* AccessWindow::current = nullptr;

void AccessWindow::forget_all() {
    for (Pages* pages : {&reads_, &writes_})
        for (Page& page : *pages)
            page.tag = kNone;
    seen_ = kNone;
}

void AccessWindow::forget_page(u64 va) {
    for (Pages* pages : {&reads_, &writes_})
        (*pages)[slot_of(va)].tag = kNone;
    seen_ = kNone;
}

// A helper has made an access, of which the hooks have seen `seen_`.
void AccessWindow::learn(Pages& pages, u64 va, u64 size, u32 how) {
    const bool crosses = ((va ^ (va + size - 1)) & ~kPageMask) != 0;
    if (seen_ - memory_.physical >= memory_.size || crosses)
        return;
    const u64 host = reinterpret_cast<u64>(memory_.host) + (seen_ - memory_.physical);
    pages[slot_of(va)] = {tag_of(va, how & kRegime), seen_ - va, host - va};
}

} // namespace forkscope

// Unicorn 2.1.1, qemu/accel/tcg/cputlb.c, as tcg.c uses them: "mmu" helpers return
// their value extended with zeros, and take the address translated code returns to.
#define FORKSCOPE_LOAD(name, type)                                                                 \
    extern "C" std::uint64_t __real_##name(void*, std::uint64_t, std::uint32_t, std::uint64_t);    \
    extern "C" std::uint64_t __wrap_##name(void* env, std::uint64_t va, std::uint32_t how,         \
                                           std::uint64_t from) {                                   \
        forkscope::AccessWindow* window = forkscope::AccessWindow::current;                        \
        return window != nullptr ? window->load<type>(__real_##name, env, va, how, from)           \
                                 : __real_##name(env, va, how, from);                              \
    }
#define FORKSCOPE_STORE(name, type)                                                                \
    extern "C" void __real_##name(void*, std::uint64_t, type, std::uint32_t, std::uint64_t);       \
    extern "C" void __wrap_##name(void* env, std::uint64_t va, type value, std::uint32_t how,      \
                                  std::uint64_t from) {                                            \
        if (forkscope::AccessWindow* window = forkscope::AccessWindow::current)                    \
            return window->store<type>(__real_##name, env, va, value, how, from);                  \
        __real_##name(env, va, value, how, from);                                                  \
    }

FORKSCOPE_LOAD(helper_ret_ldub_mmu_aarch64, std::uint8_t)
FORKSCOPE_LOAD(helper_le_lduw_mmu_aarch64, std::uint16_t)
FORKSCOPE_LOAD(helper_le_ldul_mmu_aarch64, std::uint32_t)
FORKSCOPE_LOAD(helper_le_ldq_mmu_aarch64, std::uint64_t)
FORKSCOPE_STORE(helper_ret_stb_mmu_aarch64, std::uint8_t)
FORKSCOPE_STORE(helper_le_stw_mmu_aarch64, std::uint16_t)
FORKSCOPE_STORE(helper_le_stl_mmu_aarch64, std::uint32_t)
FORKSCOPE_STORE(helper_le_stq_mmu_aarch64, std::uint64_t)
