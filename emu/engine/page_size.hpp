// Makes the engine's TLB work in pages of 4 KiB.
#pragma once

#include <unicorn/unicorn.h>

namespace forkscope {

// Asks for pages of 4 KiB. To be called before anything else is done with `uc`.
// It may not come to anything: uc_ctl_get_page_size tells.
//
// Unicorn's AArch64 starts with pages of 1 KiB, the smallest of any Arm, so
// that every page of the guest is asked for four times and a native TLBI by
// address reaches a quarter of it. uc_ctl_set_page_size changes that, but up to
// 2.1.1 it refuses engines other than UC_ARCH_ARM (later versions accept
// UC_ARCH_ARM64). The field that it sets means the same for both.
void ask_for_4k_pages(uc_engine* uc);

} // namespace forkscope
