// The memory that the engine generates code into.
#pragma once

#include "base/types.hpp"

namespace forkscope {

// The end of the buffer that the engine's library has mapped last on this thread: it
// does so once for each engine, and tells nobody.
[[nodiscard]] const u8* code_buffer_end();

} // namespace forkscope
