// Core files: what a program was when a signal ended it, or when its tracer asked.
#include "rows.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/exec_elf.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysctl.h>

static char *file; // a core file, in memory
static size_t size;
static const Elf64_Ehdr *elf;

static bool load(const char *path) {
    struct stat st;
    int fd = open(path, O_RDONLY);
    free(file);
    file = NULL;
    if (fd == -1 || fstat(fd, &st) == -1)
        return false;
    size = (size_t)st.st_size;
    file = malloc(size);
    elf = (const Elf64_Ehdr *)file;
    bool all = read(fd, file, size) == (ssize_t)size;
    close(fd);
    return all && memcmp(elf->e_ident, ELFMAG, SELFMAG) == 0 && elf->e_type == ET_CORE;
}

static const Elf64_Phdr *segment(unsigned i) {
    return (const Elf64_Phdr *)(file + elf->e_phoff) + i;
}

// => NULL: no such note, or of another size
static const void *note(const char *name, unsigned type, size_t length) {
    const Elf64_Phdr *notes = segment(0);
    size_t at = notes->p_offset, end = at + notes->p_filesz;
    while (notes->p_type == PT_NOTE && at < end && end <= size) {
        const Elf64_Nhdr *header = (const Elf64_Nhdr *)(file + at);
        const char *its = file + at + sizeof(*header);
        const char *data = its + ((header->n_namesz + 3) & ~3U);
        if (strcmp(its, name) == 0 && header->n_type == type)
            return header->n_descsz == length ? data : NULL;
        at = (size_t)(data - file) + ((header->n_descsz + 3) & ~3U);
    }
    return NULL;
}

// What the file has of an address, or NULL.
static const void *memory(uintptr_t va) {
    for (unsigned i = 1; i < elf->e_phnum; i++) {
        const Elf64_Phdr *s = segment(i);
        if (s->p_type == PT_LOAD && va >= s->p_vaddr && va - s->p_vaddr < s->p_filesz)
            return file + s->p_offset + (va - s->p_vaddr);
    }
    return NULL;
}

static void limit(rlim_t most) {
    struct rlimit rl = {most, RLIM_INFINITY};
    setrlimit(RLIMIT_CORE, &rl);
}

static int finish(pid_t pid) {
    int status = -1;
    return waitpid(pid, &status, 0) == pid ? status : -1;
}

// Of this program, in the directory where it dies; the kernel knows its name.
static const char *its_core(void) {
    static char path[64];
    struct kinfo_proc2 self;
    size_t length = sizeof(self);
    int name[] = {CTL_KERN, KERN_PROC2, KERN_PROC_PID, getpid(), sizeof(self), 1};
    if (sysctl(name, 6, &self, &length, NULL, 0) == -1)
        return "none";
    snprintf(path, sizeof(path), "/tmp/core/%s.core", self.p_comm);
    return path;
}

static volatile int in_data = 41;
static volatile int *volatile nowhere = (volatile int *)64;

// A child that a fault ends, in its own directory.
static int crash(rlim_t most) {
    pid_t pid = fork();
    if (pid == 0) {
        limit(most);
        in_data = 42;
        if (chdir("/tmp/core") == 0)
            *nowhere = 1;
        _exit(9);
    }
    int status = finish(pid);
    in_data = 41;
    return status;
}

static bool of_a_fault(void) {
    struct stat st;
    mkdir("/tmp/core", 0777);
    EXPECT_EQ(crash(RLIM_INFINITY), SIGSEGV | WCOREFLAG);
    EXPECT(load(its_core()), "no core file");
    EXPECT(stat(its_core(), &st) == 0 && st.st_mode == (S_IFREG | 0600), "not ours");
    const struct netbsd_elfcore_procinfo *info =
        note(ELF_NOTE_NETBSD_CORE_NAME, ELF_NOTE_NETBSD_CORE_PROCINFO, sizeof(*info));
    EXPECT(info, "no note of the process");
    EXPECT(info->cpi_version == 1 && info->cpi_cpisize == sizeof(*info), "another version");
    EXPECT(info->cpi_signo == SIGSEGV && info->cpi_nlwps == 1, "signal %u", info->cpi_signo);
    EXPECT_EQ(info->cpi_ppid, getpid());
    EXPECT(strstr(its_core(), (const char *)info->cpi_name), "of another program");
    char name[32];
    snprintf(name, sizeof(name), "NetBSD-CORE@%d", (int)info->cpi_siglwp);
    const struct reg *regs = note(name, PT_GETREGS, sizeof(*regs));
    EXPECT(regs, "no registers of %s", name);
    EXPECT(note(name, PT_GETFPREGS, sizeof(struct fpreg)), "none of floating point");
    const int *value = memory((uintptr_t)&in_data);
    EXPECT(value && *value == 42, "what it wrote is not in the file");
    EXPECT(memory(regs->r_sp), "its stack is not in the file");
    EXPECT(!memory(regs->r_pc), "its text, which nobody changed, is in the file");
    EXPECT_EQ(unlink(its_core()), 0);
    return true;
}

static bool within_limits(void) {
    struct stat st;
    EXPECT_EQ(crash(0), SIGSEGV);
    EXPECT_EQ(crash(4096), SIGSEGV); // too small
    EXPECT_EQ(stat(its_core(), &st), -1);
    EXPECT_EQ(symlink("/tmp/core/elsewhere", its_core()), 0);
    EXPECT_EQ(crash(RLIM_INFINITY), SIGSEGV); // not through a link
    EXPECT_EQ(stat("/tmp/core/elsewhere", &st), -1);
    EXPECT_EQ(unlink(its_core()), 0);
    EXPECT_EQ(rmdir("/tmp/core"), 0);
    return true;
}

static bool for_a_tracer(void) {
    static const char path[] = "/tmp/asked.core and more";
    char *page = mmap(NULL, 4 * 4096, PROT_READ | PROT_WRITE, MAP_ANON | MAP_PRIVATE, -1, 0);
    page[2 * 4096] = 'm';
    pid_t pid = fork();
    if (pid == 0) {
        ptrace(PT_TRACE_ME, 0, NULL, 0);
        raise(SIGUSR1);
        _exit(page[2 * 4096]);
    }
    EXPECT_EQ(finish(pid), W_STOPCODE(SIGUSR1));
    EXPECT_EQ(ptrace(PT_DUMPCORE, pid, (void *)path, 15), -1);
    EXPECT_EQ(errno, EFBIG); // its limit counts, and is 0
    struct rlimit rl = {RLIM_INFINITY, RLIM_INFINITY};
    ptrace(PT_KILL, pid, NULL, 0);
    EXPECT_EQ(finish(pid), SIGKILL);
    EXPECT_EQ(setrlimit(RLIMIT_CORE, &rl), 0);
    pid = fork();
    if (pid == 0) {
        ptrace(PT_TRACE_ME, 0, NULL, 0);
        raise(SIGUSR1);
        _exit(page[2 * 4096]);
    }
    EXPECT_EQ(finish(pid), W_STOPCODE(SIGUSR1));
    EXPECT_EQ(ptrace(PT_DUMPCORE, pid, (void *)path, 1024), -1);
    EXPECT_EQ(errno, EINVAL);
    EXPECT_EQ(ptrace(PT_DUMPCORE, pid, (void *)path, 15), 0);
    EXPECT(load("/tmp/asked.core"), "no core file");
    const struct netbsd_elfcore_procinfo *info =
        note(ELF_NOTE_NETBSD_CORE_NAME, ELF_NOTE_NETBSD_CORE_PROCINFO, sizeof(*info));
    EXPECT(info && info->cpi_pid == pid && info->cpi_signo == SIGUSR1, "of another process");
    const char *there = memory((uintptr_t)page + 2 * 4096);
    EXPECT(there && *there == 'm', "what its parent wrote is not in the file");
    EXPECT(!memory((uintptr_t)page), "what nobody touched is in the file");
    EXPECT_EQ(ptrace(PT_CONTINUE, pid, (void *)1, 0), 0);
    EXPECT_EQ(finish(pid), W_EXITCODE('m', 0)); // it is none the worse
    EXPECT_EQ(ptrace(PT_DUMPCORE, pid, NULL, 0), -1);
    EXPECT_EQ(errno, ESRCH);
    EXPECT_EQ(unlink("/tmp/asked.core"), 0);
    return true;
}

static const struct row rows[] = {
    ROW("N1", "a fault leaves a core file with registers and memory", of_a_fault),
    ROW("N1", "no core file is left where none may be", within_limits),
    ROW("N5", "a tracer has a core file written of who goes on", for_a_tracer),
};
ROWS_MAIN(rows)
