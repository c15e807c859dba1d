// Stores to translated code are no affair of the engine's.
//
// With each block that it translates, Unicorn goes through its whole TLB, for pages
// that stores to the block would use, so that they come to its notice; a fifth of what
// it does until init runs. Here no frame is granted for execution and for writing at
// once (cpu/code_frames.hpp), so that there are none. The linker leads that call here
// (--wrap, cmake/Dependencies.cmake).
#include "base/types.hpp"

extern "C" void __wrap_tlb_reset_dirty_by_vaddr_aarch64(void* /*cpu*/, forkscope::u64 /*va*/,
                                                        forkscope::u64 /*size*/) {}
