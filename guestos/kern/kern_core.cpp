// Core files: what a process was when a signal ended it, or when its tracer asked.
// An ELF file with notes (the process, and the registers of its LWPs) and the pages
// of its memory. NetBSD: kern/kern_core.c, kern/core_elf32.c; core(5)
//
// Deviation: of a process that a signal ends only the LWP that got it is in the
// file; the others are gone by then.
#include "sys/core.hpp"

#include "abi/exec.hpp"
#include "abi/fcntl.hpp"
#include "machine/cpu.hpp"
#include "sys/exec.hpp"
#include "sys/exec_elf.hpp"
#include "sys/file.hpp"
#include "sys/filedesc.hpp"
#include "sys/kauth.hpp"
#include "sys/kmem.hpp"
#include "sys/ptrace.hpp"
#include "sys/resourcevar.hpp"
#include "sys/systm.hpp"
#include "sys/vnode.hpp"
#include "uvm/uvm_amap.hpp"
#include "uvm/uvm_extern.hpp"
#include "uvm/uvm_map.hpp"

namespace {

constexpr u16 ET_CORE = 4;
constexpr u32 PT_NOTE = 4;

// NetBSD: sys/exec_elf.h, struct netbsd_elfcore_procinfo
struct core_procinfo {
    u32 cpi_version;
    u32 cpi_cpisize;
    u32 cpi_signo;
    u32 cpi_sigcode;
    abi::sigset_t cpi_sigpend;
    abi::sigset_t cpi_sigmask;
    abi::sigset_t cpi_sigignore;
    abi::sigset_t cpi_sigcatch;
    pid_t cpi_pid;
    pid_t cpi_ppid;
    pid_t cpi_pgrp;
    pid_t cpi_sid;
    uid_t cpi_ruid;
    uid_t cpi_euid;
    uid_t cpi_svuid;
    gid_t cpi_rgid;
    gid_t cpi_egid;
    gid_t cpi_svgid;
    u32 cpi_nlwps;
    char cpi_name[32];
    lwpid_t cpi_siglwp;
};
static_assert(sizeof(core_procinfo) == 160);

struct core_segment {
    vaddr_t start;
    vsize_t size;
    vsize_t filesz; // of it, what the file has: whole pages
    vm_prot_t prot;
};

struct core {
    proc* p;
    core_segment* segments;
    u32 nsegments;
    u8* notes;
    size_t room; // for them
    size_t notesz;
    vnode* vp;
    off_t written;
};

// --- notes ------------------------------------------------------------------------------

void append(core* c, const void* data, size_t size) {
    KASSERT(c->notesz + size <= c->room);
    memcpy(c->notes + c->notesz, data, size);
    c->notesz = (c->notesz + size + 3) & ~size_t{3};
}

void note(core* c, const char* name, u32 type, const void* data, size_t size) {
    const u32 header[] = {static_cast<u32>(strlen(name) + 1), static_cast<u32>(size), type};
    append(c, header, sizeof(header));
    append(c, name, header[0]);
    append(c, data, size);
}

// => proc_lock and p_lock held
void note_process(core* c) {
    proc* p = c->p;
    const kauth_cred* cred = p->p_cred;
    core_procinfo info{};
    info.cpi_version = 1;
    info.cpi_cpisize = sizeof(info);
    info.cpi_signo = static_cast<u32>(p->p_sigctx.ps_info.signo);
    info.cpi_sigcode = static_cast<u32>(p->p_sigctx.ps_info.code);
    info.cpi_sigpend = p->p_sigpend.sp_set;
    info.cpi_sigmask = p->p_lwps.first()->l_sigmask;
    info.cpi_sigignore = p->p_sigctx.ps_sigignore;
    info.cpi_sigcatch = p->p_sigctx.ps_sigcatch;
    info.cpi_pid = p->p_pid;
    info.cpi_ppid = p->p_pptr->p_pid;
    info.cpi_pgrp = p->p_pgrp->pg_id;
    info.cpi_sid = p->p_pgrp->pg_session->s_sid;
    info.cpi_ruid = cred->cr_uid;
    info.cpi_euid = cred->cr_euid;
    info.cpi_svuid = cred->cr_svuid;
    info.cpi_rgid = cred->cr_gid;
    info.cpi_egid = cred->cr_egid;
    info.cpi_svgid = cred->cr_svgid;
    info.cpi_nlwps = static_cast<u32>(p->p_nlwps);
    kstrlcpy(info.cpi_name, p->p_comm, sizeof(info.cpi_name));
    info.cpi_siglwp = p->p_sigctx.ps_lwp;
    note(c, "NetBSD-CORE", 1, &info, sizeof(info));
}

// The types are the requests of ptrace(2) that read the same. => p_lock held
void note_lwp(core* c, lwp* l) {
    char name[24];
    (void)ksnprintf(name, sizeof(name), "NetBSD-CORE@%d", l->l_lid);
    abi::reg regs;
    process_read_regs(l, &regs);
    note(c, name, abi::PT_GETREGS, &regs, sizeof(regs));
    abi::fpreg fpregs;
    process_read_fpregs(l, &fpregs);
    note(c, name, abi::PT_GETFPREGS, &fpregs, sizeof(fpregs));
}

void collect_notes(core* c) {
    abi::auxv aux[kAuxEntries];
    vaddr_t at = 0;
    const bool has_aux =
        process_auxv(c->p, &at) == EOK &&
        uvm_io(&c->p->p_vmspace->vm_map_, at, aux, sizeof(aux), VM_PROT_READ) == EOK;
    c->room = 512 + static_cast<size_t>(c->p->p_nlwps) * 1024;
    c->notes = static_cast<u8*>(kmem_zalloc(c->room, KM_SLEEP));
    mutex_enter(&proc_lock);
    mutex_enter(c->p->p_lock);
    note_process(c);
    if (has_aux) {
        note(c, "NetBSD-CORE", 2, aux, sizeof(aux));
    }
    for (lwp& l : c->p->p_lwps) {
        if (l.l_stat != LSZOMB) {
            note_lwp(c, &l);
        }
    }
    mutex_exit(c->p->p_lock);
    mutex_exit(&proc_lock);
}

// --- memory -----------------------------------------------------------------------------

// What the program never could change is in its file; of memory without a file there
// are the pages from the first that was touched to the last. => map locked
core_segment segment_of(const vm_map_entry& e) {
    core_segment s{e.start, e.end - e.start, 0, e.protection};
    if (e.uobj != nullptr) {
        const bool changed = e.aref.ar_amap != nullptr || (e.protection & VM_PROT_WRITE) != 0;
        s.filesz = changed ? s.size : 0;
        return s;
    }
    if (e.aref.ar_amap == nullptr) {
        return s;
    }
    vaddr_t first = e.end;
    vaddr_t last = e.end;
    amap_lock(e.aref.ar_amap);
    for (vaddr_t va = e.start; va < e.end; va += PAGE_SIZE) {
        if (amap_lookup(&e.aref, va - e.start) != nullptr) {
            first = min(first, va);
            last = va + PAGE_SIZE;
        }
    }
    amap_unlock(e.aref.ar_amap);
    return first == e.end ? s : core_segment{first, e.end - first, last - first, e.protection};
}

void collect_segments(core* c) {
    vm_map* map = &c->p->p_vmspace->vm_map_;
    vm_map_lock_read(map);
    c->segments = static_cast<core_segment*>(
        kmem_zalloc((map->nentries + 1) * sizeof(core_segment), KM_SLEEP));
    for (const vm_map_entry& e : map->entries) {
        c->segments[c->nsegments++] = segment_of(e);
    }
    vm_map_unlock_read(map);
}

// --- the file ---------------------------------------------------------------------------

size_t headers_size(const core* c) {
    return sizeof(Elf64_Ehdr) + (c->nsegments + 1) * sizeof(Elf64_Phdr);
}

// Where the memory begins.
size_t memory_offset(const core* c) {
    return round_page(headers_size(c) + c->notesz);
}

u64 file_size(const core* c) {
    u64 size = memory_offset(c);
    for (u32 i = 0; i < c->nsegments; i++) {
        size += c->segments[i].filesz;
    }
    return size;
}

Errno put(core* c, void* data, size_t size) {
    const Errno error = vn_rdwr(UIO_WRITE, c->vp, data, size, c->written, nullptr);
    c->written += static_cast<off_t>(size);
    return error;
}

Errno write_headers(core* c) {
    Elf64_Ehdr eh{};
    memcpy(eh.e_ident, kElfIdent, sizeof(kElfIdent));
    eh.e_type = ET_CORE;
    eh.e_machine = EM_AARCH64;
    eh.e_version = 1;
    eh.e_phoff = sizeof(eh);
    eh.e_ehsize = sizeof(eh);
    eh.e_phentsize = sizeof(Elf64_Phdr);
    eh.e_phnum = static_cast<u16>(c->nsegments + 1);
    Errno error = put(c, &eh, sizeof(eh));
    Elf64_Phdr ph{PT_NOTE, PF_R, headers_size(c), 0, 0, c->notesz, 0, 4};
    u64 offset = memory_offset(c);
    for (u32 i = 0; error == EOK; i++) {
        error = put(c, &ph, sizeof(ph));
        if (i == c->nsegments) {
            break;
        }
        const core_segment& s = c->segments[i];
        const u32 flags = ((s.prot & VM_PROT_READ) != 0 ? PF_R : 0) |
                          ((s.prot & VM_PROT_WRITE) != 0 ? PF_W : 0) |
                          ((s.prot & VM_PROT_EXECUTE) != 0 ? PF_X : 0);
        ph = {PT_LOAD, flags, offset, s.start, 0, s.filesz, s.size, PAGE_SIZE};
        offset += s.filesz;
    }
    return error;
}

Errno write_memory(core* c) {
    auto* page = static_cast<u8*>(kmem_alloc(PAGE_SIZE, KM_SLEEP));
    vm_map* map = &c->p->p_vmspace->vm_map_;
    Errno error = EOK;
    c->written = static_cast<off_t>(memory_offset(c));
    for (u32 i = 0; i < c->nsegments; i++) {
        const core_segment& s = c->segments[i];
        for (vsize_t at = 0; at < s.filesz && error == EOK; at += PAGE_SIZE) {
            if (uvm_io(map, s.start + at, page, PAGE_SIZE, VM_PROT_READ) != EOK) {
                memset(page, 0, PAGE_SIZE); // behind the end of a file
            }
            error = put(c, page, PAGE_SIZE);
        }
    }
    kmem_free(page, PAGE_SIZE);
    return error;
}

// Only a new file, or one that is the caller's alone, is written.
Errno write_file(core* c) {
    abi::stat st;
    Errno error = vn_stat(c->vp, &st);
    if (error == EOK && ((st.st_mode & abi::S_IFMT) != abi::S_IFREG || st.st_nlink != 1 ||
                         st.st_uid != curlwp->l_cred->cr_euid)) {
        error = EACCES;
    }
    if (error != EOK) {
        return error;
    }
    vattr va;
    vattr_null(&va);
    va.va_size = 0;
    error = c->vp->v_op->vop_setattr(c->vp, &va, curlwp->l_cred);
    if (error == EOK) {
        error = write_headers(c);
    }
    if (error == EOK) {
        error = put(c, c->notes, c->notesz);
    }
    return error != EOK ? error : write_memory(c);
}

Errno open_and_write(core* c, const char* path) {
    constexpr int kFlags = abi::O_CREAT | abi::O_NOFOLLOW | FWRITE;
    char name[MAXCOMLEN + sizeof(".core")];
    (void)ksnprintf(name, sizeof(name), "%s.core", c->p->p_comm);
    Errno error =
        vn_open(curlwp, path != nullptr ? path : name,
                path != nullptr ? nullptr : c->p->p_cwdi->cwdi_cdir, kFlags, 0600, &c->vp);
    if (error == EOK) {
        error = write_file(c);
        const Errno closed = vn_close(c->vp, kFlags);
        error = error != EOK ? error : closed;
    }
    return error;
}

} // namespace

Errno coredump(proc* p, const char* path) {
    constexpr u32 kMostSegments = 0xfffe; // a header counts them in 16 bits
    const u64 limit = p->p_limit->pl_rlimit[abi::RLIMIT_CORE].rlim_cur;
    if (limit == 0 || (p->p_flag & PK_SUGID) != 0) {
        return limit == 0 ? EFBIG : EPERM;
    }
    core c{};
    c.p = p;
    collect_notes(&c);
    collect_segments(&c);
    const bool fits = c.nsegments < kMostSegments && file_size(&c) <= limit;
    const Errno error = fits ? open_and_write(&c, path) : EFBIG;
    kmem_free(c.segments, (c.nsegments + 1) * sizeof(core_segment));
    kmem_free(c.notes, c.room);
    return error;
}
