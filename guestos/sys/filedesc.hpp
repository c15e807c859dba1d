// Descriptors, and the directories of a process. filedesc(9).
// kern/kern_descrip.cpp, kern/vfs_cwd.cpp
#pragma once

#include "sys/file.hpp"
#include "sys/mutex.hpp"
#include "sys/rwlock.hpp"

struct lwp;
struct proc;
struct vnode;

inline constexpr unsigned NDFILE = 20; // descriptors that need no table of their own

// One descriptor.
struct fdfile {
    file* ff_file;     // null: free, or reserved
    bool ff_allocated; // in use or reserved
    bool ff_exclose;   // closed by exec
    bool ff_foclose;   // not inherited by fork
};

// A process's descriptors.
struct filedesc {
    kmutex_t fd_lock;
    std::atomic<unsigned> fd_refcnt; // processes that share it
    fdfile* fd_ofiles;    // [fd_lock] table
    unsigned fd_nfiles;   // [fd_lock] its size
    int fd_lastfile;      // [fd_lock] highest in use, -1 if none
    int fd_freefile;      // [fd_lock] nothing free below
    bool fd_exclose;      // [fd_lock] some descriptor has ff_exclose
    bool fd_foclose;      // [fd_lock] some descriptor has ff_foclose
    fdfile fd_dfiles[NDFILE];
};

void fd_sys_init();
filedesc* fd_init(filedesc* fdp);  // null: a new, empty one
void fd_share(proc* p2);           // with the running process
filedesc* fd_copy();               // of the running process
void fd_free();                    // the running process's
void fd_closeexec();               // close on exec

// Reserves the lowest free descriptor from `want` on: EMFILE. fd_affix or
// fd_abort follows.
[[nodiscard]] Errno fd_alloc(proc* p, int want, int* fd);
void fd_affix(proc* p, file* fp, int fd);
void fd_abort(proc* p, file* fp, int fd);
// A new file and a reserved descriptor: ENFILE, EMFILE.
[[nodiscard]] Errno fd_allocfile(file** fp, int* fd);
// The file of a descriptor with one more reference, or null. fd_putfile drops it.
[[nodiscard]] file* fd_getfile(int fd);
void fd_putfile(file* fp);
[[nodiscard]] Errno fd_getvnode(int fd, file** fp); // EBADF; EINVAL if not a vnode
[[nodiscard]] Errno fd_close(int fd);
[[nodiscard]] Errno fd_dup(file* fp, int minfd, int* newfd, bool exclose, bool foclose);
[[nodiscard]] Errno fd_dup2(file* fp, int newfd, bool exclose, bool foclose);
void fd_set_exclose(lwp* l, int fd, bool exclose);
void fd_set_foclose(lwp* l, int fd, bool foclose);
Errno closef(file* fp); // drops a reference

extern int maxfiles;
extern std::atomic<int> nfiles;

// The working directory, the root and the file creation mask.
struct cwdinfo {
    krwlock_t cwdi_lock;
    vnode* cwdi_cdir;
    vnode* cwdi_rdir; // null: the system's root
    mode_t cwdi_cmask;
    std::atomic<unsigned> cwdi_refcnt;
};
cwdinfo* cwdinit();        // a copy of the running process's
void cwdshare(proc* p2);
void cwdfree(cwdinfo* cwdi);
