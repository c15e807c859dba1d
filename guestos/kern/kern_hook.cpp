// Hooks: functions that want to know of every new process.
#include "sys/proc.hpp"
#include "sys/systm.hpp"

namespace {

constexpr unsigned kMaxHooks = 8;
forkhook hooks[kMaxHooks];
unsigned nhooks;

} // namespace

void forkhook_establish(forkhook hook) {
    KASSERT(nhooks < kMaxHooks);
    hooks[nhooks++] = hook;
}

void forkhook_disestablish(forkhook hook) {
    for (unsigned i = 0; i < nhooks; i++) {
        if (hooks[i] == hook) {
            hooks[i] = hooks[--nhooks];
            return;
        }
    }
}

void doforkhooks(proc* p2, proc* p1) {
    for (unsigned i = 0; i < nhooks; i++) {
        hooks[i](p2, p1);
    }
}
