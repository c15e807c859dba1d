// The debug part of sysctl(2): counts, faults to inject, leaks, and switches that
// show what something is for. abi/sysctl.hpp
#include "sys/inject.hpp"
#include "sys/kauth.hpp"
#include "sys/leakcheck.hpp"
#include "sys/proc.hpp"
#include "sys/sysctl.hpp"
#include "sys/systm.hpp"
#include "uvm/uvm_extern.hpp"

namespace {

Errno debug_vm_sysctl(sysctl_request& r) {
    const pmap_counts pc = pmap_get_counts();
    const uvmexp_t& u = uvmexp;
    return sysctl_give_number(
        r, abi::debug_vm{u.npages, u.free, u.anons, u.amaps, pc.spaces, pc.tablepages, u.uareas,
                         uvm_mapent_count(), u.faults, u.cow_copy, u.cow_reuse, u.zero_fill,
                         u.file_fill, u.anon_map, u.eager_copy, u.write_protected});
}

Errno inject_sysctl(sysctl_request& r) {
    i64 n = 0;
    if (r.namelen != 3 || r.name[2] < 0 || static_cast<unsigned>(r.name[2]) >= INJECT_KINDS ||
        (r.newp != nullptr && r.newlen != sizeof(n))) {
        return EINVAL;
    }
    const auto kind = static_cast<Inject>(r.name[2]);
    i64 left = inject_points[r.name[2]].left;
    if (r.newp != nullptr) {
        Errno error = kauth_authorize(r.l->l_cred, KAUTH_SYSTEM_SYSCTL);
        if (error == EOK) {
            error = copyin(r.newp, n);
        }
        if (error != EOK) {
            return error;
        }
        inject_arm(kind, n);
    }
    return sysctl_give(r, &left, sizeof(left));
}

Errno leaks_sysctl(sysctl_request& r) {
    int value = 0;
    if (r.newp == nullptr) {
        value = static_cast<int>(leakcheck_end(LeakCheck::Program, r.l->l_proc));
        return sysctl_give(r, &value, sizeof(value));
    }
    const Errno error = sysctl_exchange_int(r, &value, 0, 1);
    if (error == EOK) {
        leakcheck_begin(LeakCheck::Program, r.l->l_proc);
    }
    return error;
}

Errno asids_sysctl(sysctl_request& r) {
    int limit = static_cast<int>(pmap_asid_limit(0));
    const Errno error = sysctl_exchange_int(r, &limit, 4, 65536);
    if (error == EOK && r.newp != nullptr) {
        pmap_asid_limit(static_cast<unsigned>(limit));
    }
    return error;
}

} // namespace

Errno debug_sysctl(sysctl_request& r) {
    switch (r.name[1]) {
    case abi::DEBUG_VM:
        return debug_vm_sysctl(r);
    case abi::DEBUG_INJECT:
        return inject_sysctl(r);
    case abi::DEBUG_LEAKS:
        return leaks_sysctl(r);
    case abi::DEBUG_FAULTAROUND: {
        int pages = static_cast<int>(uvm_fault_around);
        const Errno error = sysctl_exchange_int(r, &pages, 0, 64);
        if ((pages & (pages - 1)) != 0) {
            return EINVAL;
        }
        uvm_fault_around = static_cast<unsigned>(pages);
        return error;
    }
    case abi::DEBUG_ASIDS:
        return asids_sysctl(r);
    case abi::DEBUG_SKIP_TLBI: {
        int skip = uvm_fork_skip_tlbi;
        const Errno error = sysctl_exchange_int(r, &skip, 0, 1);
        uvm_fork_skip_tlbi = skip != 0;
        return error;
    }
    default:
        return EOPNOTSUPP;
    }
}
