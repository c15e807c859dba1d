// execve(2): a new program in an old process.
//
// Everything that can be checked is checked first, while the process is still
// what it was: a failed exec changes nothing. After the point of no return
// there is no old program to go back to, and failure ends the process.
#include "abi/exec.hpp"
#include "machine/cpu.hpp"
#include "sys/event.hpp"
#include "sys/exec.hpp"
#include "sys/filedesc.hpp"
#include "sys/kauth.hpp"
#include "sys/kmem.hpp"
#include "sys/ktrace.hpp"
#include "sys/lwpctl.hpp"
#include "sys/proc.hpp"
#include "sys/resourcevar.hpp"
#include "sys/sdt.hpp"
#include "sys/sysent.hpp"
#include "sys/systm.hpp"
#include "sys/vnode.hpp"
#include "uvm/uvm_extern.hpp"

namespace {

// --- the program's file ---------------------------------------------------------------

Errno exec_lookup(lwp* l, const char* path, vnode** vpp) {
    nameidata nd{};
    nd.ni_path = path;
    const Errno error = namei(l, &nd);
    *vpp = nd.ni_vp;
    return error;
}

// The file of a descriptor that fexecve got.
Errno exec_by_descriptor(int fd, vnode** vpp) {
    file* fp = nullptr;
    const Errno error = fd_getvnode(fd, &fp);
    if (error == EOK) {
        *vpp = file_vnode(fp);
        vref(*vpp);
        fd_putfile(fp);
    }
    return error;
}

// Reads the file's beginning, if it may be executed.
// => vp's reference becomes epp's; on failure epp.vp is null
Errno exec_read_header(exec_package& epp, vnode* vp) {
    Errno error = vp->v_type != VREG ? EACCES : vn_access(vp, VEXEC, epp.l->l_cred);
    if (error == EOK) {
        error = vp->v_op->vop_getattr(vp, &epp.va);
    }
    if (error == EOK) {
        size_t resid = 0;
        error = vn_rdwr(UIO_READ, vp, epp.header, kExecHeaderSize, 0, &resid);
        epp.headerlen = kExecHeaderSize - resid;
    }
    if (error != EOK) {
        vrele(vp);
        return error;
    }
    epp.vp = vp;
    return EOK;
}

// A script: its interpreter is run with the script's path in the place of its
// first argument.
Errno exec_use_interpreter(exec_package& epp) {
    exec_args args;
    Errno error = args.add(epp.script.interpreter);
    args.argc = 1;
    if (error == EOK && epp.script.argument[0] != '\0') {
        error = args.add(epp.script.argument);
        args.argc++;
    }
    if (error == EOK) {
        error = args.add(epp.path);
        args.argc++;
    }
    const char* s = epp.args.data();
    for (int i = 0; i < epp.args.argc + epp.args.envc && error == EOK; i++) {
        if (i != 0 || epp.args.argc == 0) { // its own argv[0] goes
            error = args.add(s);
        }
        s += strlen(s) + 1;
    }
    if (error != EOK) {
        return error;
    }
    args.argc += max(epp.args.argc - 1, 0);
    args.envc = epp.args.envc;
    epp.args.swap(args);
    return EOK;
}

// Finds out what to load. A script's interpreter must be a program itself.
Errno exec_check(exec_package& epp) {
    vnode* vp = nullptr;
    Errno error =
        epp.fd == -1 ? exec_lookup(epp.l, epp.path, &vp) : exec_by_descriptor(epp.fd, &vp);
    error = error != EOK ? error : exec_read_header(epp, vp);
    if (error != EOK) {
        return error;
    }
    if (script_parse(epp.header, epp.headerlen, &epp.script) == EOK) {
        vrele(epp.vp);
        epp.vp = nullptr;
        error = exec_lookup(epp.l, epp.script.interpreter, &vp);
        error = error != EOK ? error : exec_read_header(epp, vp);
        if (error != EOK) {
            return error;
        }
    }
    return elf64_parse(epp.header, epp.headerlen, epp.va.va_size, &epp.image);
}

// --- the process changes --------------------------------------------------------------

// Set-user-ID programs run as their owner, unless a tracer could make them do
// what it likes.
void exec_credentials(exec_package& epp) {
    const bool traced = (epp.p->p_slflag & PSL_TRACED) != 0;
    const bool setuid = (epp.va.va_mode & abi::S_ISUID) != 0 && !traced;
    const bool setgid = (epp.va.va_mode & abi::S_ISGID) != 0 && !traced;
    kauth_cred* cred = kauth_cred_dup(epp.p->p_cred);
    if (setuid) {
        cred->cr_euid = epp.va.va_uid;
    }
    if (setgid) {
        cred->cr_egid = epp.va.va_gid;
    }
    cred->cr_svuid = cred->cr_euid;
    cred->cr_svgid = cred->cr_egid;
    const bool changed = setuid || setgid;
    if (changed) {
        ktr_setugid(epp.p);
    }
    mutex_enter(epp.p->p_lock);
    kauth_cred* old = epp.p->p_cred;
    epp.p->p_cred = cred;
    epp.p->p_flag = changed ? epp.p->p_flag | PK_SUGID : epp.p->p_flag & ~PK_SUGID;
    mutex_exit(epp.p->p_lock);
    kauth_cred_hold(cred);
    kauth_cred_free(epp.l->l_cred);
    epp.l->l_cred = cred;
    kauth_cred_free(old);
}

// The name that ps shows: the path's last component.
void exec_name(exec_package& epp) {
    const char* name = epp.path;
    for (const char* p = epp.path; *p != '\0'; p++) {
        if (*p == '/' && p[1] != '\0') {
            name = p + 1;
        }
    }
    kstrlcpy(epp.comm, name, sizeof(epp.comm));
}

// The other LWPs of the process end: the program that they run goes.
void exec_single_lwp(lwp* l, proc* p) {
    mutex_enter(p->p_lock);
    if (p->p_nlwps > 1) {
        exit_lwps(l);
    }
    mutex_exit(p->p_lock);
}

// What belonged to the old program goes, the new one's takes its place.
// => epp.vp's reference becomes p_textvp's
void exec_identity(exec_package& epp) {
    proc* p = epp.p;
    fd_closeexec();
    execsigs(p);
    stopprofclock(p);
    exec_credentials(epp);
    vnode* oldtext = p->p_textvp;
    p->p_textvp = epp.vp;
    epp.vp = nullptr;
    if (oldtext != nullptr) {
        vrele(oldtext);
    }
    if (p->p_path != nullptr) {
        kmem_strfree(p->p_path);
    }
    p->p_path = kmem_strdupsize(epp.path, nullptr, KM_SLEEP);
    kstrlcpy(p->p_comm, epp.comm, sizeof(p->p_comm));
    mutex_enter(p->p_lock);
    p->p_flag |= PK_EXEC;
    p->p_acflag &= static_cast<u16>(~AFORK);
    mutex_exit(p->p_lock);
}

// A tracer sees the new program before it runs.
void exec_tell_tracer(proc* p) {
    if ((p->p_slflag & PSL_TRACED) != 0) {
        mutex_enter(&proc_lock);
        mutex_enter(p->p_lock);
        eventswitch(abi::TRAP_EXEC, 0, 0);
    }
}

// After the point of no return.
Errno exec_run(exec_package& epp) {
    lwp* l = epp.l;
    vaddr_t sp = 0;
    exec_single_lwp(l, epp.p);
    if (epp.p->p_lwpctl != nullptr) {
        lwp_ctl_exit(l, epp.p);
    }
    Errno error = exec_map(epp);
    if (error == EOK) {
        error = exec_stack(epp, &sp);
    }
    if (error != EOK) {
        epp.fatal = true;
        return error;
    }
    exec_identity(epp);
    mutex_enter(&proc_lock);
    proc_vfork_done(epp.p);
    knote_proc_exec(epp.p);
    mutex_exit(&proc_lock);

    l->l_private = nullptr;
    cpu_setregs(l, epp.image.entry, sp);
    l->l_md.md_utf->tf_x[0] = epp.p->p_psstrp;
    sdt_probe(abi::ProbeId::ProcExecSuccess, epp.p->p_pid, sdt_string_arg(epp.p->p_comm, 0),
              sdt_string_arg(epp.p->p_comm, 1));
    exec_tell_tracer(epp.p);
    return EJUSTRETURN;
}

// collect(args) gets arguments and environment, when the file has been found good.
template <typename Collect> Errno execve1(exec_package& epp, Collect collect) {
    epp.p = epp.l->l_proc;
    exec_name(epp);
    epp.header = static_cast<u8*>(kmem_alloc(kExecHeaderSize, KM_SLEEP));
    Errno error = exec_check(epp);
    kmem_free(epp.header, kExecHeaderSize);
    if (error == EOK) {
        error = collect(epp.args);
    }
    if (error == EOK && epp.script.interpreter[0] != '\0') {
        error = exec_use_interpreter(epp);
    }
    if (error == EOK) {
        error = exec_run(epp);
    } else {
        sdt_probe(abi::ProbeId::ProcExecFailure, epp.p->p_pid, error);
    }
    if (epp.vp != nullptr) {
        vrele(epp.vp);
    }
    return error;
}

// Half a program can't run.
[[noreturn]] void exec_abort(lwp* l) {
    mutex_enter(l->l_proc->p_lock);
    sigexit(l, SIGABRT);
}

Errno user_strings(exec_args& args, const syscall_args* uap) {
    const auto* argv = uap->pointer<const u64>(1);
    const auto* envp = uap->pointer<const u64>(2);
    if (argv == nullptr) {
        return EINVAL;
    }
    const Errno error = copyin_strings(args, argv, &args.argc);
    return error != EOK || envp == nullptr ? error : copyin_strings(args, envp, &args.envc);
}

// => *fatal: the old program is gone and the new one is not there
Errno execve_user(lwp* l, const char* path, int fd, const syscall_args* uap, bool* fatal) {
    exec_package epp{};
    epp.l = l;
    epp.path = path;
    epp.fd = fd;
    const Errno error = execve1(epp, [uap](exec_args& args) { return user_strings(args, uap); });
    *fatal = epp.fatal;
    return error;
}

} // namespace

Errno sys_execve(lwp* l, const syscall_args* uap, register_t*) {
    bool fatal = false;
    auto* path = static_cast<char*>(kmem_alloc(abi::MAXPATHLEN, KM_SLEEP));
    Errno error = copyinpath(uap->pointer(0), path);
    if (error == EOK) {
        error = execve_user(l, path, -1, uap, &fatal);
    }
    kmem_free(path, abi::MAXPATHLEN);
    if (fatal) {
        exec_abort(l);
    }
    return error;
}

// The same for a program that is open: descriptor, arguments, environment. It has the
// descriptor's path, and a script's interpreter opens that.
Errno sys_fexecve(lwp* l, const syscall_args* uap, register_t*) {
    bool fatal = false;
    char path[24];
    const int fd = uap->integer<int>(0);
    if (fd < 0) {
        return EBADF;
    }
    ksnprintf(path, sizeof(path), "/dev/fd/%d", fd);
    const Errno error = execve_user(l, path, fd, uap, &fatal);
    if (fatal) {
        exec_abort(l);
    }
    return error;
}

Errno kern_execve(lwp* l, const char* path, char* const* argv, char* const* envp) {
    exec_package epp{};
    epp.l = l;
    epp.path = path;
    epp.fd = -1;
    return execve1(epp, [argv, envp](exec_args& args) {
        const Errno error = add_strings(args, argv, &args.argc);
        return error != EOK ? error : add_strings(args, envp, &args.envc);
    });
}
