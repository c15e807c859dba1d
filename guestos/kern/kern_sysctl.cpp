// sysctl(3), by number.
#include "abi/exec.hpp"
#include "abi/sched.hpp"
#include "machine/cpu.hpp"
#include "sys/filedesc.hpp"
#include "sys/kauth.hpp"
#include "sys/pidtable.hpp"
#include "sys/proc.hpp"
#include "sys/sched.hpp"
#include "sys/sysctl.hpp"
#include "sys/sysent.hpp"
#include "sys/systm.hpp"
#include "sys/time.hpp"
#include "uvm/uvm_extern.hpp"

// Hands out a value; what does not fit is told by ENOMEM.
Errno sysctl_give(sysctl_request& r, const void* value, size_t len) {
    Errno error = EOK;
    if (r.oldp != nullptr) {
        const size_t left = r.room > r.needed ? r.room - r.needed : 0;
        error = copyout(value, r.oldp + r.needed, min(len, left));
        if (error == EOK && left < len) {
            error = ENOMEM;
        }
    }
    r.needed += len;
    return error;
}

// A number that root may change, within bounds.
Errno sysctl_exchange_int(sysctl_request& r, int* value, int low, int high) {
    const int old = *value;
    if (r.newp != nullptr) {
        Errno error = kauth_authorize(r.l->l_cred, KAUTH_SYSTEM_SYSCTL);
        if (error != EOK) {
            return error;
        }
        int fresh = 0;
        if (r.newlen != sizeof(fresh)) {
            return EINVAL;
        }
        error = copyin(r.newp, fresh);
        if (error != EOK) {
            return error;
        }
        if (fresh < low || fresh > high) {
            return EINVAL;
        }
        *value = fresh;
    }
    return sysctl_give(r, &old, sizeof(old));
}

namespace {

Errno sysctl_give_string(sysctl_request& r, const char* s) {
    return r.newp != nullptr ? EPERM : sysctl_give(r, s, strlen(s) + 1);
}

// Milliseconds outside, ticks inside.
Errno forkfsleep_sysctl(sysctl_request& r) {
    constexpr int kMaxMs = 100'000 / hz * 1000; // as many ticks as NetBSD allows
    int ms = forkfsleep * 1000 / hz;
    const Errno error = sysctl_exchange_int(r, &ms, 0, kMaxMs);
    if (error == EOK) {
        forkfsleep = mstohz(ms);
    }
    return error;
}

// {CTL_KERN, KERN_SCHED, what}
Errno sched_sysctl(sysctl_request& r) {
    switch (r.namelen == 3 ? r.name[2] : 0) {
    case abi::KERN_SCHED_NAME:
        return sysctl_give_string(r, "TS");
    case abi::KERN_SCHED_RTTS:
        return sysctl_give_number(r, sched_rrticks * 1000 / hz);
    case abi::KERN_SCHED_PRI_MIN:
        return sysctl_give_number(r, int{abi::SCHED_PRI_MIN});
    case abi::KERN_SCHED_PRI_MAX:
        return sysctl_give_number(r, int{abi::SCHED_PRI_MAX});
    default:
        return EOPNOTSUPP;
    }
}

// --- the tree -------------------------------------------------------------------------

Errno kern_sysctl(sysctl_request& r) {
    switch (r.name[1]) {
    case abi::KERN_OSTYPE:
        return sysctl_give_string(r, "Forkscope");
    case abi::KERN_OSRELEASE:
        return sysctl_give_string(r, "0.1");
    case abi::KERN_OSREV:
        return sysctl_give_number(r, int{1});
    case abi::KERN_VERSION:
        return sysctl_give_string(r, "Forkscope guest kernel 0.1\n");
    case abi::KERN_MAXPROC:
        return sysctl_exchange_int(r, &maxproc, 10, PID_MAX);
    case abi::KERN_MAXFILES:
        return sysctl_exchange_int(r, &maxfiles, 100, 1 << 20);
    case abi::KERN_ARGMAX:
        return sysctl_give_number(r, int{abi::ARG_MAX});
    case abi::KERN_SECURELVL:
        return sysctl_give_number(r, int{-1}); // never secure
    case abi::KERN_HOSTNAME:
        return sysctl_give_string(r, "forkscope");
    case abi::KERN_BOOTTIME: {
        abi::timespec now;
        nanotime(&now);
        return sysctl_give_number(r, ns2timespec(timespec2ns(now) - nsecuptime()));
    }
    case abi::KERN_PROC2:
        return proc2_sysctl(r);
    case abi::KERN_FORKFSLEEP:
        return forkfsleep_sysctl(r);
    case abi::KERN_SCHED:
        return sched_sysctl(r);
    default:
        return EOPNOTSUPP;
    }
}

Errno hw_sysctl(sysctl_request& r) {
    switch (r.name[1]) {
    case abi::HW_MACHINE:
        return sysctl_give_string(r, "evbarm");
    case abi::HW_MODEL:
        return sysctl_give_string(r, boot.bi_model);
    case abi::HW_NCPU:
        return sysctl_give_number(r, static_cast<int>(ncpu));
    case abi::HW_PHYSMEM:
        return sysctl_give_number(r, static_cast<int>(min(boot.bi_memsize, psize_t{0x7fffffff})));
    case abi::HW_PHYSMEM64:
        return sysctl_give_number(r, static_cast<u64>(boot.bi_memsize));
    case abi::HW_PAGESIZE:
        return sysctl_give_number(r, static_cast<int>(PAGE_SIZE));
    case abi::HW_MACHINE_ARCH:
        return sysctl_give_string(r, "aarch64");
    default:
        return EOPNOTSUPP;
    }
}

// What one CPU has counted is added to `exp`.
void add_counts(const cpu_info* ci, abi::uvmexp_sysctl* exp) {
    const u64* counts = ci->ci_data.cpu_counts;
    exp->forks += static_cast<i64>(counts[CPU_COUNT_FORKS]);
    exp->forks_ppwait += static_cast<i64>(counts[CPU_COUNT_FORKS_PPWAIT]);
    exp->forks_sharevm += static_cast<i64>(counts[CPU_COUNT_FORKS_SHAREVM]);
    exp->swtch += static_cast<i64>(counts[CPU_COUNT_NSWTCH]);
    exp->syscalls += static_cast<i64>(counts[CPU_COUNT_NSYSCALL]);
    exp->traps += static_cast<i64>(counts[CPU_COUNT_NTRAP]);
    exp->intrs += static_cast<i64>(counts[CPU_COUNT_NINTR]);
}

// {VM_UVMEXP2}, or {VM_UVMEXP2, CPU}
Errno uvmexp_sysctl(sysctl_request& r) {
    if (r.namelen > 3) {
        return EOPNOTSUPP;
    }
    // There is one CPU yet.
    if (r.namelen == 3 && (r.name[2] < 0 || static_cast<unsigned>(r.name[2]) >= ncpu)) {
        return ENOENT;
    }
    abi::uvmexp_sysctl exp{};
    exp.pagesize = PAGE_SIZE;
    exp.pagemask = PAGE_SIZE - 1;
    exp.pageshift = PAGE_SHIFT;
    exp.npages = static_cast<i64>(uvmexp.npages);
    exp.free = static_cast<i64>(uvmexp.free);
    add_counts(curcpu(), &exp);
    return sysctl_give_number(r, exp);
}

Errno vm_sysctl(sysctl_request& r) {
    switch (r.name[1]) {
    case abi::VM_UVMEXP2:
        return uvmexp_sysctl(r);
    case abi::VM_MINADDRESS:
        return sysctl_give_number(r, static_cast<i64>(VM_MIN_ADDRESS));
    case abi::VM_MAXADDRESS:
        return sysctl_give_number(r, static_cast<i64>(VM_MAXUSER_ADDRESS));
    case abi::VM_USER_VA0_DISABLE: // no program ever has page 0
        return sysctl_give_number(r, int{1});
    default:
        return EOPNOTSUPP;
    }
}

} // namespace

// name, namelen, oldp, oldlenp, newp, newlen
Errno sys___sysctl(lwp* l, const syscall_args* uap, register_t*) {
    int name[abi::CTL_MAXNAME];
    const auto namelen = uap->integer<unsigned>(1);
    if (namelen < 2 || namelen > abi::CTL_MAXNAME) {
        return EINVAL;
    }
    Errno error = copyin(uap->pointer(0), name, namelen * sizeof(int));
    size_t room = 0;
    if (error == EOK && uap->pointer(3) != nullptr) {
        error = copyin(uap->pointer(3), room);
    }
    if (error != EOK) {
        return error;
    }
    sysctl_request r{l,    name, namelen,         uap->pointer<char>(2),
                     room, 0,    uap->pointer(4), uap->integer<size_t>(5)};
    switch (name[0]) {
    case abi::CTL_KERN:
        error = kern_sysctl(r);
        break;
    case abi::CTL_VM:
        error = vm_sysctl(r);
        break;
    case abi::CTL_DEBUG:
        error = debug_sysctl(r);
        break;
    case abi::CTL_HW:
        error = hw_sysctl(r);
        break;
    case abi::CTL_PROC:
        error = proc_sysctl(r);
        break;
    default:
        error = EOPNOTSUPP;
        break;
    }
    if (uap->pointer(3) != nullptr && (error == EOK || error == ENOMEM)) {
        const size_t told = r.oldp != nullptr ? min(r.needed, room) : r.needed;
        const Errno copy_error = copyout(told, uap->pointer(3));
        error = copy_error != EOK ? copy_error : error;
    }
    return error;
}
