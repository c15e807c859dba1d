// __clone(2): what is shared with the child; the low byte is its exit signal.
#pragma once

#include "abi/types.hpp"

ABI_BEGIN

enum {
    CLONE_CSIGNAL = 0x000000ff,
    CLONE_VM = 0x00000100,
    CLONE_FS = 0x00000200,
    CLONE_FILES = 0x00000400,
    CLONE_SIGHAND = 0x00000800,
    CLONE_PID = 0x00001000,
    CLONE_PTRACE = 0x00002000,
    CLONE_VFORK = 0x00004000,
};

ABI_END
