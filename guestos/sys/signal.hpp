// Signal sets and what the kernel keeps for each pending signal.
#pragma once

#include "abi/signal.hpp"
#include "sys/types.hpp"

// A signal with its circumstances. ksiginfo(9)
struct ksiginfo {
    ksiginfo* ksi_next; // younger one of the same sigpend
    u32 ksi_flags; // KSI_*
    lwpid_t ksi_lid; // the LWP that it is for, 0: any of the process
    abi::ksiginfo_abi ksi_info;
};
enum { KSI_TRAP = 1, KSI_EMPTY = 2 }; // a fault's; no circumstances known

// Signals waiting for a process or an LWP.
struct sigpend {
    abi::sigset_t sp_set; // which
    ksiginfo* sp_info;    // their circumstances, oldest first
};

inline void sigemptyset(abi::sigset_t* s) { *s = {}; }
inline void sigfillset(abi::sigset_t* s) { *s = {{~0U, ~0U, ~0U, ~0U}}; }
inline void sigaddset(abi::sigset_t* s, int sig) { s->bits[(sig - 1) / 32] |= 1U << (sig - 1) % 32; }
inline void sigdelset(abi::sigset_t* s, int sig) {
    s->bits[(sig - 1) / 32] &= ~(1U << (sig - 1) % 32);
}
inline bool sigismember(const abi::sigset_t* s, int sig) {
    return (s->bits[(sig - 1) / 32] >> (sig - 1) % 32 & 1) != 0;
}
inline void sigplusset(const abi::sigset_t* s, abi::sigset_t* d) {
    for (unsigned i = 0; i < 4; i++) {
        d->bits[i] |= s->bits[i];
    }
}
inline void sigminusset(const abi::sigset_t* s, abi::sigset_t* d) {
    for (unsigned i = 0; i < 4; i++) {
        d->bits[i] &= ~s->bits[i];
    }
}
inline bool sigisempty(const abi::sigset_t* s) {
    return (s->bits[0] | s->bits[1] | s->bits[2] | s->bits[3]) == 0;
}
// The lowest signal in the set, 0 if there is none.
inline int sigfirst(const abi::sigset_t* s) {
    for (int i = 0; i < 4; i++) {
        if (s->bits[i] != 0) {
            return i * 32 + __builtin_ctz(s->bits[i]) + 1;
        }
    }
    return 0;
}
