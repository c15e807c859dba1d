// execve(2): a new program in an old process.
//
// Everything that can be checked is checked first, while the process is still
// what it was: a failed exec changes nothing. After the point of no return
// there is no old program to go back to, and failure ends the process.
#include "abi/exec.hpp"
#include "machine/cpu.hpp"
#include "sys/event.hpp"
#include "sys/exec_elf.hpp"
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

// --- arguments and environment --------------------------------------------------------

// Strings one after the other, each with its NUL: first the arguments, then the
// environment.
class exec_args {
public:
    exec_args() = default;
    ~exec_args() {
        if (buf_ != nullptr) {
            kmem_free(buf_, size_);
        }
    }
    exec_args(const exec_args&) = delete;
    exec_args& operator=(const exec_args&) = delete;

    // E2BIG: more than ARG_MAX bytes
    [[nodiscard]] Errno add(const char* s) {
        const size_t len = strlen(s) + 1;
        const Errno error = make_room(len);
        if (error == EOK) {
            memcpy(buf_ + used_, s, len);
            used_ += len;
        }
        return error;
    }
    // The same, from the program's memory.
    [[nodiscard]] Errno add_user(const char* us) {
        for (;;) {
            size_t done = 0;
            Errno error = make_room(1);
            if (error == EOK) {
                error = copyinstr(us, buf_ + used_, size_ - used_, &done);
            }
            if (error == EOK) {
                used_ += done;
                return EOK;
            }
            if (error != ENAMETOOLONG) {
                return error;
            }
            error = make_room(size_ - used_ + 1); // it grows
            if (error != EOK) {
                return error;
            }
        }
    }
    void swap(exec_args& other) {
        exec_args* a = this;
        exec_args* b = &other;
        const auto exchange = [](auto& x, auto& y) {
            const auto t = x;
            x = y;
            y = t;
        };
        exchange(a->buf_, b->buf_);
        exchange(a->size_, b->size_);
        exchange(a->used_, b->used_);
        exchange(a->argc, b->argc);
        exchange(a->envc, b->envc);
    }
    [[nodiscard]] const char* data() const { return buf_; }
    [[nodiscard]] size_t used() const { return used_; }

    int argc = 0;
    int envc = 0;

private:
    [[nodiscard]] Errno make_room(size_t len) {
        if (used_ + len <= size_) {
            return EOK;
        }
        size_t size = size_ == 0 ? 1024 : size_;
        while (size < used_ + len) {
            size *= 2;
        }
        if (size > abi::ARG_MAX) {
            return E2BIG;
        }
        auto* bigger = static_cast<char*>(kmem_alloc(size, KM_SLEEP));
        if (buf_ != nullptr) {
            memcpy(bigger, buf_, used_);
            kmem_free(buf_, size_);
        }
        buf_ = bigger;
        size_ = size;
        return EOK;
    }

    char* buf_ = nullptr;
    size_t size_ = 0;
    size_t used_ = 0;
};

// A program's array of strings, ended by null.
Errno copyin_strings(exec_args& args, const u64* array, int* count) {
    for (*count = 0;; ++*count) {
        u64 us = 0;
        Errno error = copyin(array + *count, us);
        if (error != EOK || us == 0) {
            return error;
        }
        error = args.add_user(reinterpret_cast<const char*>(us));
        if (error != EOK) {
            return error;
        }
    }
}

Errno add_strings(exec_args& args, char* const* array, int* count) {
    for (*count = 0; array[*count] != nullptr; ++*count) {
        const Errno error = args.add(array[*count]);
        if (error != EOK) {
            return error;
        }
    }
    return EOK;
}

// --- the program's file ---------------------------------------------------------------

// An exec on its way.
struct exec_package {
    lwp* l;
    proc* p;
    const char* path;
    exec_args args;
    vnode* vp;  // the program, or the interpreter; referenced
    vattr va;   // of vp
    u8* header; // its first bytes
    size_t headerlen;
    exec_image image;
    exec_script script;
    char comm[MAXCOMLEN + 1];
    bool fatal; // it failed when there was no way back
};

// Opens the file and reads its beginning. => on failure epp->vp is null
Errno exec_read_header(exec_package& epp, const char* path) {
    nameidata nd{};
    nd.ni_path = path;
    Errno error = namei(epp.l, &nd);
    if (error != EOK) {
        return error;
    }
    vnode* vp = nd.ni_vp;
    error = vp->v_type != VREG ? EACCES : vn_access(vp, VEXEC, epp.l->l_cred);
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
    Errno error = exec_read_header(epp, epp.path);
    if (error != EOK) {
        return error;
    }
    if (script_parse(epp.header, epp.headerlen, &epp.script) == EOK) {
        vrele(epp.vp);
        epp.vp = nullptr;
        error = exec_use_interpreter(epp);
        if (error == EOK) {
            error = exec_read_header(epp, epp.script.interpreter);
        }
        if (error != EOK) {
            return error;
        }
    }
    return elf64_parse(epp.header, epp.headerlen, epp.va.va_size, &epp.image);
}

// --- the new address space ------------------------------------------------------------

// Zeros in a program's memory.
Errno clear_user(vaddr_t start, vaddr_t end) {
    static const char zeros[256] = {};
    while (start < end) {
        const size_t n = min(static_cast<size_t>(end - start), sizeof(zeros));
        const Errno error = copyout(zeros, reinterpret_cast<void*>(start), n);
        if (error != EOK) {
            return error;
        }
        start += n;
    }
    return EOK;
}

uvm_flag exec_map_flags(vm_prot_t prot) {
    uvm_flag flags;
    flags.prot = prot;
    flags.fixed = true;
    flags.copyonwrite = true;
    return flags;
}

Errno map_segment(vm_map* map, vnode* vp, const exec_segment& s) {
    const vaddr_t file_end = s.start + s.filesz;
    const vaddr_t end = round_page(s.start + s.memsz);
    vaddr_t va = trunc_page(s.start);
    const uvm_flag flags = exec_map_flags(s.prot);
    if (s.filesz > 0) {
        uao_reference(vp->v_uobj);
        const auto offset = static_cast<voff_t>(trunc_page(static_cast<u64>(s.offset)));
        Errno error = uvm_map(map, &va, round_page(file_end) - va, vp->v_uobj, offset, 0, flags);
        if (error == EOK && s.memsz > s.filesz) {
            error = clear_user(file_end, min(round_page(file_end), s.start + s.memsz));
        }
        if (error != EOK) {
            return error;
        }
        va = round_page(file_end);
    }
    return va < end ? uvm_map(map, &va, end - va, nullptr, 0, 0, flags) : EOK;
}

// Text is the first segment that can be executed, data the last that can be
// written; the break begins at data's end.
void note_segments(vmspace* vm, const exec_image& image) {
    for (unsigned i = 0; i < image.nsegments; i++) {
        const exec_segment& s = image.segments[i];
        const vaddr_t start = trunc_page(s.start);
        const vsize_t pages = atop(round_page(s.start + s.memsz) - start);
        if ((s.prot & VM_PROT_EXECUTE) != 0 && vm->vm_tsize == 0) {
            vm->vm_taddr = start;
            vm->vm_tsize = pages;
        }
        if ((s.prot & VM_PROT_WRITE) != 0 || i + 1 == image.nsegments) {
            vm->vm_daddr = start;
            vm->vm_dsize = pages;
        }
    }
}

Errno map_stack(proc* p, vmspace* vm) {
    const u64 limit = p->p_limit->pl_rlimit[abi::RLIMIT_STACK].rlim_cur;
    const vsize_t size = round_page(min(limit, u64{MAXSSIZ}));
    vaddr_t va = USRSTACK - size;
    vm->vm_maxsaddr = USRSTACK;
    vm->vm_minsaddr = va;
    vm->vm_ssize = atop(size);
    p->p_stackbase = USRSTACK;
    return uvm_map(&vm->vm_map_, &va, size, nullptr, 0, 0, exec_map_flags(VM_PROT_RW));
}

Errno exec_map(exec_package& epp) {
    uvmspace_exec(epp.l, VM_MIN_ADDRESS, VM_MAXUSER_ADDRESS);
    vmspace* vm = epp.p->p_vmspace;
    vm->vm_tsize = 0;
    note_segments(vm, epp.image);
    for (unsigned i = 0; i < epp.image.nsegments; i++) {
        const Errno error = map_segment(&vm->vm_map_, epp.vp, epp.image.segments[i]);
        if (error != EOK) {
            return error;
        }
    }
    return map_stack(epp.p, vm);
}

// --- the first stack ------------------------------------------------------------------

constexpr unsigned kAuxEntries = 13;

// Where everything lies. From the top down: ps_strings, strings, then the block
// of pointers that SP points at.
struct stack_layout {
    vaddr_t psstr;
    vaddr_t strings;
    vaddr_t sp;
    size_t words; // of the block at sp
};

stack_layout layout_stack(const exec_args& args) {
    stack_layout at;
    at.psstr = USRSTACK - sizeof(abi::ps_strings);
    at.strings = rounddown2(at.psstr - args.used(), 8);
    at.words = 1 + static_cast<size_t>(args.argc + 1 + args.envc + 1) + kAuxEntries * 2;
    at.sp = rounddown2(at.strings - at.words * 8, 16);
    return at;
}

u64* put_aux(u64* w, u64 type, u64 value) {
    *w++ = type;
    *w++ = value;
    return w;
}

u64* put_auxv(u64* w, const exec_package& epp) {
    const kauth_cred* cred = epp.l->l_cred;
    w = put_aux(w, abi::AT_PHDR, epp.image.phdr);
    w = put_aux(w, abi::AT_PHENT, 56);
    w = put_aux(w, abi::AT_PHNUM, epp.image.phnum);
    w = put_aux(w, abi::AT_PAGESZ, PAGE_SIZE);
    w = put_aux(w, abi::AT_BASE, 0);
    w = put_aux(w, abi::AT_FLAGS, 0);
    w = put_aux(w, abi::AT_ENTRY, epp.image.entry);
    w = put_aux(w, abi::AT_STACKBASE, USRSTACK);
    w = put_aux(w, abi::AT_EUID, cred->cr_euid);
    w = put_aux(w, abi::AT_RUID, cred->cr_uid);
    w = put_aux(w, abi::AT_EGID, cred->cr_egid);
    w = put_aux(w, abi::AT_RGID, cred->cr_gid);
    return put_aux(w, abi::AT_NULL, 0);
}

// Addresses of `count` strings, then null. `*s` walks through the strings, whose
// copies in the program begin at `base`.
u64* put_pointers(u64* w, int count, const char** s, const char* data, vaddr_t base) {
    for (int i = 0; i < count; i++) {
        *w++ = base + static_cast<u64>(*s - data);
        *s += strlen(*s) + 1;
    }
    *w++ = 0;
    return w;
}

Errno exec_stack(exec_package& epp, vaddr_t* sp) {
    const exec_args& args = epp.args;
    const stack_layout at = layout_stack(args);
    auto* block = static_cast<u64*>(kmem_alloc(at.words * 8, KM_SLEEP));
    const char* s = args.data();
    u64* w = block;
    *w++ = static_cast<u64>(args.argc);
    w = put_pointers(w, args.argc, &s, args.data(), at.strings);
    w = put_pointers(w, args.envc, &s, args.data(), at.strings);
    w = put_auxv(w, epp);
    KASSERT(w == block + at.words);

    const vaddr_t argv = at.sp + 8;
    const vaddr_t envp = argv + static_cast<u64>(args.argc + 1) * 8;
    const abi::ps_strings ps{argv, args.argc, envp, args.envc};
    Errno error = copyout(ps, reinterpret_cast<void*>(at.psstr));
    if (error == EOK && args.used() > 0) {
        error = copyout(args.data(), reinterpret_cast<void*>(at.strings), args.used());
    }
    if (error == EOK) {
        error = copyout(block, reinterpret_cast<void*>(at.sp), at.words * 8);
    }
    kmem_free(block, at.words * 8);
    epp.p->p_psstrp = at.psstr;
    *sp = at.sp;
    return error;
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

// A tracer sees the new program before it runs. => proc_lock held
void exec_tell_tracer(proc* p) {
    if ((p->p_slflag & PSL_TRACED) != 0) {
        ksiginfo ksi;
        ksiginfo_init(&ksi, SIGTRAP);
        ksi.ksi_info.code = abi::TRAP_EXEC;
        kpsignal(p, &ksi);
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
    exec_tell_tracer(epp.p);
    mutex_exit(&proc_lock);

    l->l_private = nullptr;
    cpu_setregs(l, epp.image.entry, sp);
    l->l_md.md_utf->tf_x[0] = epp.p->p_psstrp;
    sdt_probe(abi::ProbeId::ProcExecSuccess, epp.p->p_pid, sdt_string_arg(epp.p->p_comm, 0),
              sdt_string_arg(epp.p->p_comm, 1));
    return EJUSTRETURN;
}

Errno execve1(exec_package& epp) {
    epp.p = epp.l->l_proc;
    exec_name(epp);
    epp.header = static_cast<u8*>(kmem_alloc(kExecHeaderSize, KM_SLEEP));
    Errno error = exec_check(epp);
    kmem_free(epp.header, kExecHeaderSize);
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

// => *fatal: the old program is gone and the new one is not there
Errno execve_user(lwp* l, const char* path, const syscall_args* uap, bool* fatal) {
    if (uap->pointer(1) == nullptr) {
        return EFAULT;
    }
    exec_package epp{};
    epp.l = l;
    epp.path = path;
    Errno error = copyin_strings(epp.args, uap->pointer<const u64>(1), &epp.args.argc);
    if (error == EOK && uap->pointer(2) != nullptr) {
        error = copyin_strings(epp.args, uap->pointer<const u64>(2), &epp.args.envc);
    }
    if (error == EOK) {
        error = execve1(epp);
    }
    *fatal = epp.fatal;
    return error;
}

} // namespace

Errno sys_execve(lwp* l, const syscall_args* uap, register_t*) {
    bool fatal = false;
    auto* path = static_cast<char*>(kmem_alloc(abi::MAXPATHLEN, KM_SLEEP));
    Errno error = copyinpath(uap->pointer(0), path);
    if (error == EOK) {
        error = execve_user(l, path, uap, &fatal);
    }
    kmem_free(path, abi::MAXPATHLEN);
    if (fatal) {
        exec_abort(l);
    }
    return error;
}

Errno kern_execve(lwp* l, const char* path, char* const* argv, char* const* envp) {
    exec_package epp{};
    epp.l = l;
    epp.path = path;
    Errno error = add_strings(epp.args, argv, &epp.args.argc);
    if (error == EOK) {
        error = add_strings(epp.args, envp, &epp.args.envc);
    }
    return error == EOK ? execve1(epp) : error;
}
