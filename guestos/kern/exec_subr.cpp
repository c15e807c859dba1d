// The memory that a new program finds: its segments, its stack, and what stands
// on that.
#include "abi/exec.hpp"
#include "sys/exec.hpp"
#include "sys/kauth.hpp"
#include "sys/kmem.hpp"
#include "sys/proc.hpp"
#include "sys/resourcevar.hpp"
#include "sys/systm.hpp"
#include "uvm/uvm_extern.hpp"

// --- the new address space ------------------------------------------------------------

namespace {

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

} // namespace

// Deviation: NetBSD reserves all of the largest stack when it executes a program;
// here the part that was never allowed is not there yet.
void exec_resize_stack(proc* p, vsize_t before, vsize_t now) {
    vmspace* vm = p->p_vmspace;
    vm_map* map = &vm->vm_map_;
    if (now < before) {
        (void)uvm_map_protect(map, USRSTACK - before, USRSTACK - now, VM_PROT_NONE, false);
        return;
    }
    vaddr_t start = USRSTACK - now;
    if (start < vm->vm_minsaddr && uvm_map(map, &start, vm->vm_minsaddr - start, nullptr, 0, 0,
                                           exec_map_flags(VM_PROT_RW)) == EOK) {
        vm->vm_minsaddr = start;
    }
    (void)uvm_map_protect(map, max(USRSTACK - now, vm->vm_minsaddr), USRSTACK - before, VM_PROT_RW,
                          false);
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

namespace {

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

} // namespace

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
