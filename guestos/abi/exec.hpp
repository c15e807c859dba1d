// What a program finds when it starts.
//
// The stack, from SP upwards: argc, argv[argc], NULL, envp[], NULL, auxiliary
// vector, strings; ps_strings at the very top. x0 holds the address of
// ps_strings, all other registers are zero.
#pragma once

#include "abi/types.hpp"

ABI_BEGIN

struct ps_strings {
    uint64_t ps_argvstr; // address of argv[0]'s pointer
    int32_t ps_nargvstr;
    uint64_t ps_envstr;
    int32_t ps_nenvstr;
};
ABI_SIZE(struct ps_strings, 32);

struct auxv {
    uint64_t a_type;
    uint64_t a_v;
};

enum {
    AT_NULL = 0,
    AT_PHDR = 3,
    AT_PHENT = 4,
    AT_PHNUM = 5,
    AT_PAGESZ = 6,
    AT_BASE = 7,
    AT_FLAGS = 8,
    AT_ENTRY = 9,
    AT_STACKBASE = 13,
    AT_EUID = 2000,
    AT_RUID = 2001,
    AT_EGID = 2002,
    AT_RGID = 2003,
    AT_EXECNAME = 2014,
};

enum { MAXPATHLEN = 1024, ARG_MAX = 256 * 1024 };

ABI_END
