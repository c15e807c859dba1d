// Checks of ELF-64 programs. ELF-64 Object File Format; ELF for the Arm 64-bit
// Architecture (AAELF64).
#include "sys/exec_elf.hpp"
#include "sys/param.hpp"
#include "sys/systm.hpp"

namespace {

constexpr u16 ET_EXEC = 2;
constexpr u32 PT_INTERP = 3;

bool check_header(const Elf64_Ehdr& eh, size_t len) {
    return memcmp(eh.e_ident, kElfIdent, sizeof(kElfIdent)) == 0 && eh.e_type == ET_EXEC &&
           eh.e_machine == EM_AARCH64 && eh.e_phentsize == sizeof(Elf64_Phdr) && eh.e_phnum > 0 &&
           eh.e_phoff <= len && eh.e_phnum <= (len - eh.e_phoff) / sizeof(Elf64_Phdr);
}

vm_prot_t prot_of(u32 flags) {
    vm_prot_t prot = VM_PROT_NONE;
    prot |= (flags & PF_R) != 0 ? VM_PROT_READ : VM_PROT_NONE;
    prot |= (flags & PF_W) != 0 ? VM_PROT_WRITE : VM_PROT_NONE;
    prot |= (flags & PF_X) != 0 ? VM_PROT_EXECUTE : VM_PROT_NONE;
    return prot;
}

// Is the segment within the file and user space, and can it be mapped?
bool check_segment(const Elf64_Phdr& ph, off_t filesize) {
    const auto size = static_cast<u64>(filesize);
    if (ph.p_filesz > ph.p_memsz || ph.p_offset > size || ph.p_filesz > size - ph.p_offset) {
        return false;
    }
    if (ph.p_vaddr < VM_MIN_ADDRESS || ph.p_vaddr >= VM_MAXUSER_ADDRESS - MAXSSIZ ||
        ph.p_memsz > VM_MAXUSER_ADDRESS - MAXSSIZ - ph.p_vaddr) {
        return false;
    }
    if (((ph.p_vaddr ^ ph.p_offset) & PAGE_MASK) != 0) {
        return false;
    }
    // The zeros after the file's last byte are written: the page must allow it.
    const bool partial = ph.p_memsz > ph.p_filesz && ((ph.p_vaddr + ph.p_filesz) & PAGE_MASK) != 0;
    return ph.p_filesz == 0 || !partial || (ph.p_flags & PF_W) != 0;
}

Errno add_segment(const Elf64_Phdr& ph, off_t filesize, exec_image* image) {
    if (ph.p_memsz == 0) {
        return EOK;
    }
    if (image->nsegments == kExecMaxSegments || !check_segment(ph, filesize)) {
        return ENOEXEC;
    }
    if (image->nsegments > 0) {
        const exec_segment& last = image->segments[image->nsegments - 1];
        if (trunc_page(ph.p_vaddr) < round_page(last.start + last.memsz)) {
            return ENOEXEC;
        }
    }
    image->segments[image->nsegments++] = {ph.p_vaddr, ph.p_filesz, ph.p_memsz,
                                           static_cast<off_t>(ph.p_offset), prot_of(ph.p_flags)};
    return EOK;
}

// The program headers' address, if some segment brings them into memory.
vaddr_t phdr_address(const Elf64_Ehdr& eh, const exec_image* image) {
    for (unsigned i = 0; i < image->nsegments; i++) {
        const exec_segment& s = image->segments[i];
        const auto offset = static_cast<u64>(s.offset);
        if (eh.e_phoff >= offset &&
            eh.e_phoff + eh.e_phnum * sizeof(Elf64_Phdr) <= offset + s.filesz) {
            return s.start + eh.e_phoff - offset;
        }
    }
    return 0;
}

bool entry_in_text(const exec_image* image) {
    for (unsigned i = 0; i < image->nsegments; i++) {
        const exec_segment& s = image->segments[i];
        if ((s.prot & VM_PROT_EXECUTE) != 0 && image->entry >= s.start &&
            image->entry < s.start + s.memsz) {
            return (image->entry & 3) == 0;
        }
    }
    return false;
}

} // namespace

Errno elf64_parse(const u8* header, size_t len, off_t filesize, exec_image* image) {
    Elf64_Ehdr eh;
    if (len < sizeof(eh)) {
        return ENOEXEC;
    }
    memcpy(&eh, header, sizeof(eh));
    if (!check_header(eh, len)) {
        return ENOEXEC;
    }
    *image = {};
    image->entry = eh.e_entry;
    image->phnum = eh.e_phnum;
    for (u16 i = 0; i < eh.e_phnum; i++) {
        Elf64_Phdr ph;
        memcpy(&ph, header + eh.e_phoff + i * sizeof(ph), sizeof(ph));
        if (ph.p_type == PT_INTERP) {
            return ENOEXEC; // dynamic
        }
        if (ph.p_type == PT_LOAD) {
            const Errno error = add_segment(ph, filesize, image);
            if (error != EOK) {
                return error;
            }
        }
    }
    image->phdr = phdr_address(eh, image);
    return entry_in_text(image) ? EOK : ENOEXEC;
}
