// Block counting, written into the translated code.
//
// The engine calls Engine's hook before every block. The hook has little to do; to
// call it costs more than that. So calls that have come back a few times are
// overwritten with what the hook does (BlockCounter::step):
//
//     sub  [left], size       bytes until the host is called
//     js   stub               none: ask the hook's slow path
//     mov  [inlined], block   the block begun last
//
// The stub makes the call as it was, to the slow path. A call that does not look
// exactly as expected is left alone, on hosts other than x86-64 all are: that is
// slower and nothing else.
#pragma once

#include "engine/block_counter.hpp"

#include <cstddef>

namespace forkscope {

class InlineCount {
public:
    using Hook = void (*)(void* engine, u64 pc, u32 size, void* user);

    // `hook` is what translated code calls, with `engine` and `user`; `slow` takes its
    // place once a block is due.
    InlineCount(BlockCounter& counter, void* engine, void* user, Hook hook, Hook slow)
        : counter_(counter), engine_(engine), user_(user), hook_(hook), slow_(slow) {}
    ~InlineCount();
    InlineCount(const InlineCount&) = delete;
    InlineCount& operator=(const InlineCount&) = delete;

    // The hook was called for the block of `size` bytes at `pc` and returns to
    // `after`. True if that call is overwritten now.
    bool take_over(u8* after, u64 pc, u32 size);

    // No more blocks fit: throw the translated code away and clear().
    [[nodiscard]] bool full() const { return used_ == kBlocks; }
    // No translated code is left that take_over() has changed.
    void clear();

private:
    static constexpr std::size_t kBlocks = std::size_t{1} << 15;
    struct alignas(64) Stub {
        Block block;
        u8 code[48];
    };

    [[nodiscard]] bool open(const u8* near);

    BlockCounter& counter_;
    void* engine_;
    void* user_;
    Hook hook_;
    Hook slow_;
    Stub* stubs_ = nullptr; // kBlocks of them, or null
    std::size_t used_ = 0;
};

} // namespace forkscope
