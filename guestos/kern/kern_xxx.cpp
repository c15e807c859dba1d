// Small system calls that belong nowhere else.
#include "abi/sysctl.hpp"
#include "machine/cpu.hpp"
#include "sys/kauth.hpp"
#include "sys/proc.hpp"
#include "sys/sysent.hpp"
#include "sys/systm.hpp"

Errno sys_reboot(lwp* l, const syscall_args* uap, register_t*) {
    const Errno error = kauth_authorize(l->l_cred, KAUTH_SYSTEM_REBOOT);
    if (error != EOK) {
        return error;
    }
    const int how = uap->integer<int>(0);
    if ((how & abi::RB_POWERDOWN) == abi::RB_POWERDOWN) {
        cpu_reboot(RebootHow::PowerOff);
    }
    cpu_reboot((how & abi::RB_HALT) != 0 ? RebootHow::Halt : RebootHow::Restart);
}
