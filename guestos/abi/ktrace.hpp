// ktrace(2): operations, facilities and records. NetBSD: sys/sys/ktrace.h
#pragma once

#include "abi/signal.hpp"

ABI_BEGIN

enum { KTROP_SET = 0, KTROP_CLEAR = 1, KTROP_CLEARFILE = 2, KTROP_MASK = 3, KTRFLAG_DESCEND = 4 };

// Kinds of records; the facility of kind n is 1 << n.
enum { KTR_SYSCALL = 1, KTR_SYSRET = 2, KTR_PSIG = 5, KTR_EMUL = 7, KTR_USER = 8 };

enum : uint32_t {
    KTRFAC_MASK = 0x00ffffff,
    KTRFAC_TRC_EMUL = 0x10000000,
    KTRFAC_INHERIT = 0x40000000,    // children are traced too
    KTRFAC_PERSISTENT = 0x80000000, // a set-user-ID program stays traced
};

enum { KTR_VERSION = 2, KTR_USER_MAXIDLEN = 20, KTR_USER_MAXLEN = 2048 };

struct ktr_header {
    int32_t ktr_len; // bytes that follow the header
    int16_t ktr_type;
    int16_t ktr_version;
    pid_t ktr_pid;
    char ktr_comm[17];
    struct timespec ktr_ts;
    lwpid_t ktr_lid;
};
ABI_SIZE(struct ktr_header, 56);

struct ktr_syscall {
    int32_t ktr_code;
    int32_t ktr_argsize; // bytes
    uint64_t ktr_args[8];
};

struct ktr_sysret {
    int16_t ktr_code;
    int16_t ktr_eosys;
    int32_t ktr_error;
    int64_t ktr_retval;
    int64_t ktr_retval_1;
};
ABI_SIZE(struct ktr_sysret, 24);

struct ktr_psig {
    int32_t ktr_signo;
    uint64_t ktr_action;
    sigset_t ktr_mask;
    int32_t ktr_code;
};

ABI_END
