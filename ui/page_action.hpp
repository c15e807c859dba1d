// What the kernel did about a page, as its probes tell.
#pragma once

#include "base/types.hpp"

namespace forkscope {

enum class PageAction : u8 {
    None,
    Copy,      // cow_copy: the others keep the old frame
    Reuse,     // cow_reuse: the last sharer gets it as it is
    ZeroFill,  // zero_fill
    FileFill,  // file_fill
    Share,     // anon_map: a resident page, mapped as it is
    EagerCopy, // eager_copy: at fork, because it is wired
};

} // namespace forkscope
