// Fault injection: which allocation fails.
#include "sys/inject.hpp"

#include "sys/systm.hpp"

inject_point inject_points[INJECT_KINDS];

namespace {

constexpr const char* kWords[INJECT_KINDS] = {
    "inject.uarea", "inject.pid",   "inject.page", "inject.anon",
    "inject.amap",  "inject.table", "inject.kmem",
};

// "3" is 3, "3+" is -3; anything else 0.
i64 parse(const char* text) {
    i64 n = 0;
    for (; *text >= '0' && *text <= '9' && n < i64{1} << 40; text++) {
        n = n * 10 + (*text - '0');
    }
    const bool forever = *text == '+';
    text += forever;
    return *text != '\0' && *text != ' ' ? 0 : forever ? -n : n;
}

} // namespace

void inject_arm(Inject kind, i64 n) {
    inject_points[static_cast<unsigned>(kind)] = {n < 0 ? -n : n, n < 0, 0};
}

void inject_init() {
    for (unsigned i = 0; i < INJECT_KINDS; i++) {
        const char* value;
        if (boot_option(kWords[i], &value)) {
            inject_arm(static_cast<Inject>(i), parse(value));
        }
    }
}

const char* inject_lasting() {
    for (unsigned i = 0; i < INJECT_KINDS; i++) {
        if (inject_points[i].forever && inject_points[i].failed != 0) {
            return kWords[i];
        }
    }
    return nullptr;
}

bool inject_hit(inject_point& point) {
    if (--point.left > 0) {
        return false;
    }
    point.left = point.forever ? 1 : 0;
    point.failed++;
    return true;
}
