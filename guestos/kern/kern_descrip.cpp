// Descriptors and open files: filedesc(9), file(9).
#include "sys/filedesc.hpp"

#include "machine/cpu.hpp"
#include "sys/event.hpp"
#include "sys/kauth.hpp"
#include "sys/kmem.hpp"
#include "sys/lockf.hpp"
#include "sys/pool.hpp"
#include "sys/proc.hpp"
#include "sys/resourcevar.hpp"
#include "sys/systm.hpp"

int maxfiles = 3404;
std::atomic<int> nfiles;

namespace {

pool file_pool;
pool filedesc_pool;
kmutex_t filelist_lock;
LIST_HEAD<file, &file::f_list> filelist; // [filelist_lock]

} // namespace

void fd_sys_init() {
    pool_init(&file_pool, sizeof(file), CACHE_LINE_SIZE, "file", IPL_NONE);
    pool_init(&filedesc_pool, sizeof(filedesc), 0, "filedesc", IPL_NONE);
    filelist.init();
    nfiles.store(0);
    mutex_init(&filelist_lock, MUTEX_DEFAULT, IPL_NONE);
}

// --- open files -----------------------------------------------------------------------

namespace {

Errno file_alloc(file** fpp) {
    if (nfiles.fetch_add(1) >= maxfiles) {
        nfiles.fetch_sub(1);
        return ENFILE;
    }
    auto* fp = pool_get<file>(&file_pool, PR_WAITOK | PR_ZERO);
    mutex_init(&fp->f_lock, MUTEX_DEFAULT, IPL_NONE);
    fp->f_cred = curlwp->l_cred;
    kauth_cred_hold(fp->f_cred);
    fp->f_count.store(1);
    mutex_enter(&filelist_lock);
    filelist.insert_head(fp);
    mutex_exit(&filelist_lock);
    *fpp = fp;
    return EOK;
}

void file_free(file* fp) {
    mutex_enter(&filelist_lock);
    filelist.remove(fp);
    mutex_exit(&filelist_lock);
    kauth_cred_free(fp->f_cred);
    mutex_destroy(&fp->f_lock);
    pool_put(&file_pool, fp);
    nfiles.fetch_sub(1);
}

} // namespace

Errno closef(file* fp) {
    if (fp->f_count.fetch_sub(1) > 1) {
        return EOK;
    }
    const Errno error = fp->f_ops != nullptr ? fp->f_ops->fo_close(fp) : EOK;
    file_free(fp);
    return error;
}

void fd_putfile(file* fp) {
    (void)closef(fp);
}

// --- tables ---------------------------------------------------------------------------

namespace {

// => fd_lock held
bool fd_inrange(const filedesc* fdp, int fd) {
    return fd >= 0 && static_cast<unsigned>(fd) < fdp->fd_nfiles;
}

// => fd_lock held, descriptor free and in the table
void fd_used(filedesc* fdp, int fd) {
    KASSERT(!fdp->fd_ofiles[fd].ff_allocated);
    fdp->fd_ofiles[fd] = {nullptr, true, false, false};
    fdp->fd_lastfile = max(fdp->fd_lastfile, fd);
}

// => fd_lock held
void fd_unused(filedesc* fdp, int fd) {
    fdp->fd_ofiles[fd] = {};
    fdp->fd_freefile = min(fdp->fd_freefile, fd);
    while (fdp->fd_lastfile >= 0 && !fdp->fd_ofiles[fdp->fd_lastfile].ff_allocated) {
        fdp->fd_lastfile--;
    }
}

// The table gets room for descriptor `fd`.
// => fd_lock held; released meanwhile
void fd_tryexpand(filedesc* fdp, int fd) {
    while (!fd_inrange(fdp, fd)) {
        unsigned size = fdp->fd_nfiles;
        while (size <= static_cast<unsigned>(fd)) {
            size *= 2;
        }
        mutex_exit(&fdp->fd_lock);
        auto* table = kmem_new<fdfile>(KM_SLEEP, size);
        mutex_enter(&fdp->fd_lock);
        if (fd_inrange(fdp, fd)) { // another LWP was faster
            kmem_delete(table, size);
            return;
        }
        memcpy(table, fdp->fd_ofiles, fdp->fd_nfiles * sizeof(fdfile));
        fdfile* old = fdp->fd_ofiles;
        const unsigned oldsize = fdp->fd_nfiles;
        fdp->fd_ofiles = table;
        fdp->fd_nfiles = size;
        if (old != fdp->fd_dfiles) {
            kmem_delete(old, oldsize);
        }
    }
}

int fd_limit(const proc* p) {
    const u64 limit = p->p_limit->pl_rlimit[abi::RLIMIT_NOFILE].rlim_cur;
    return static_cast<int>(min(limit, static_cast<u64>(maxfiles)));
}

} // namespace

filedesc* fd_init(filedesc* fdp) {
    if (fdp == nullptr) {
        fdp = pool_get<filedesc>(&filedesc_pool, PR_WAITOK | PR_ZERO);
    }
    mutex_init(&fdp->fd_lock, MUTEX_DEFAULT, IPL_NONE);
    fdp->fd_refcnt.store(1);
    fdp->fd_ofiles = fdp->fd_dfiles;
    fdp->fd_nfiles = NDFILE;
    fdp->fd_lastfile = -1;
    return fdp;
}

void fd_share(proc* p2) {
    filedesc* fdp = curlwp->l_fd;
    fdp->fd_refcnt.fetch_add(1);
    p2->p_fd = fdp;
}

// The child's descriptors refer to the same open files, with their offsets.
// Queues of events stay the parent's alone, and so does what is marked
// close-on-fork.
filedesc* fd_copy() {
    filedesc* old = curlwp->l_fd;
    filedesc* fdp = fd_init(nullptr);
    mutex_enter(&old->fd_lock);
    mutex_enter(&fdp->fd_lock);
    while (old->fd_lastfile >= static_cast<int>(fdp->fd_nfiles)) {
        mutex_exit(&old->fd_lock);
        fd_tryexpand(fdp, old->fd_lastfile);
        mutex_exit(&fdp->fd_lock);
        mutex_enter(&old->fd_lock);
        mutex_enter(&fdp->fd_lock);
    }
    for (int fd = 0; fd <= old->fd_lastfile; fd++) {
        const fdfile& ff = old->fd_ofiles[fd];
        if (ff.ff_file == nullptr || ff.ff_foclose || ff.ff_file->f_type == DTYPE_KQUEUE) {
            continue;
        }
        ff.ff_file->f_count.fetch_add(1);
        fd_used(fdp, fd);
        fdp->fd_ofiles[fd].ff_file = ff.ff_file;
        fdp->fd_ofiles[fd].ff_exclose = ff.ff_exclose;
        fdp->fd_exclose |= ff.ff_exclose;
    }
    mutex_exit(&fdp->fd_lock);
    mutex_exit(&old->fd_lock);
    return fdp;
}

void fd_free() {
    lwp* l = curlwp;
    filedesc* fdp = l->l_fd;
    l->l_fd = nullptr;
    l->l_proc->p_fd = nullptr;
    if (fdp->fd_refcnt.fetch_sub(1) > 1) {
        return;
    }
    knote_fdclose(fdp, -1);
    for (int fd = 0; fd <= fdp->fd_lastfile; fd++) {
        if (fdp->fd_ofiles[fd].ff_file != nullptr) {
            (void)closef(fdp->fd_ofiles[fd].ff_file);
        }
    }
    if (fdp->fd_ofiles != fdp->fd_dfiles) {
        kmem_delete(fdp->fd_ofiles, fdp->fd_nfiles);
    }
    mutex_destroy(&fdp->fd_lock);
    pool_put(&filedesc_pool, fdp);
}

// Exec: a table that is shared becomes the process's own first.
void fd_closeexec() {
    lwp* l = curlwp;
    filedesc* fdp = l->l_fd;
    if (fdp->fd_refcnt.load() > 1) {
        filedesc* own = fd_copy();
        fd_free();
        l->l_fd = own;
        l->l_proc->p_fd = own;
        fdp = own;
    }
    if (!fdp->fd_exclose) {
        return;
    }
    fdp->fd_exclose = false;
    for (int fd = 0; fd <= fdp->fd_lastfile; fd++) {
        if (fdp->fd_ofiles[fd].ff_exclose) {
            (void)fd_close(fd);
        }
    }
}

// --- descriptors ----------------------------------------------------------------------

namespace {

// => fd_lock held
Errno fd_alloc_locked(const proc* p, filedesc* fdp, int want, int* result) {
    const int limit = fd_limit(p);
    for (int fd = max(want, fdp->fd_freefile); fd < limit; fd++) {
        fd_tryexpand(fdp, fd);
        if (!fdp->fd_ofiles[fd].ff_allocated) {
            fd_used(fdp, fd);
            if (want <= fdp->fd_freefile) {
                fdp->fd_freefile = fd + 1;
            }
            *result = fd;
            return EOK;
        }
    }
    return EMFILE;
}

} // namespace

Errno fd_alloc(proc* p, int want, int* result) {
    filedesc* fdp = p->p_fd;
    mutex_enter(&fdp->fd_lock);
    const Errno error = fd_alloc_locked(p, fdp, want, result);
    mutex_exit(&fdp->fd_lock);
    return error;
}

void fd_affix(proc* p, file* fp, int fd) {
    filedesc* fdp = p->p_fd;
    mutex_enter(&fdp->fd_lock);
    KASSERT(fdp->fd_ofiles[fd].ff_allocated && fdp->fd_ofiles[fd].ff_file == nullptr);
    fdp->fd_ofiles[fd].ff_file = fp;
    mutex_exit(&fdp->fd_lock);
}

void fd_abort(proc* p, file* fp, int fd) {
    filedesc* fdp = p->p_fd;
    mutex_enter(&fdp->fd_lock);
    fd_unused(fdp, fd);
    mutex_exit(&fdp->fd_lock);
    if (fp != nullptr) {
        file_free(fp);
    }
}

Errno fd_allocfile(file** fp, int* fd) {
    proc* p = curlwp->l_proc;
    Errno error = fd_alloc(p, 0, fd);
    if (error == EOK) {
        error = file_alloc(fp);
        if (error != EOK) {
            fd_abort(p, nullptr, *fd);
        }
    }
    return error;
}

file* fd_getfile(int fd) {
    filedesc* fdp = curlwp->l_fd;
    mutex_enter(&fdp->fd_lock);
    file* fp = fd_inrange(fdp, fd) ? fdp->fd_ofiles[fd].ff_file : nullptr;
    if (fp != nullptr) {
        fp->f_count.fetch_add(1);
    }
    mutex_exit(&fdp->fd_lock);
    return fp;
}

Errno fd_getvnode(int fd, file** fpp) {
    file* fp = fd_getfile(fd);
    if (fp == nullptr) {
        return EBADF;
    }
    if (fp->f_type != DTYPE_VNODE) {
        fd_putfile(fp);
        return EINVAL;
    }
    *fpp = fp;
    return EOK;
}

namespace {

// A process that closes any of its descriptors of a file loses its locks on it.
void fd_unlock(file* fp) {
    proc* p = curlwp->l_proc;
    if (predict_false((p->p_flag & PK_ADVLOCK) != 0) && fp->f_type == DTYPE_VNODE) {
        lf_release(file_vnode(fp), {p, nullptr});
    }
}

} // namespace

Errno fd_close(int fd) {
    filedesc* fdp = curlwp->l_fd;
    knote_fdclose(fdp, fd);
    mutex_enter(&fdp->fd_lock);
    file* fp = fd_inrange(fdp, fd) ? fdp->fd_ofiles[fd].ff_file : nullptr;
    if (fp == nullptr) {
        mutex_exit(&fdp->fd_lock);
        return EBADF;
    }
    fd_unused(fdp, fd);
    mutex_exit(&fdp->fd_lock);
    fd_unlock(fp);
    return closef(fp);
}

namespace {

// => fd_lock held; the descriptor takes over one reference
void fd_install(filedesc* fdp, int fd, file* fp, bool exclose, bool foclose) {
    fdfile& ff = fdp->fd_ofiles[fd];
    ff.ff_file = fp;
    ff.ff_exclose = exclose;
    ff.ff_foclose = foclose;
    fdp->fd_exclose |= exclose;
    fdp->fd_foclose |= foclose;
}

} // namespace

Errno fd_dup(file* fp, int minfd, int* newfd, bool exclose, bool foclose) {
    proc* p = curlwp->l_proc;
    filedesc* fdp = p->p_fd;
    mutex_enter(&fdp->fd_lock);
    const Errno error = fd_alloc_locked(p, fdp, minfd, newfd);
    if (error == EOK) {
        fp->f_count.fetch_add(1);
        fd_install(fdp, *newfd, fp, exclose, foclose);
    }
    mutex_exit(&fdp->fd_lock);
    return error;
}

Errno fd_dup2(file* fp, int newfd, bool exclose, bool foclose) {
    proc* p = curlwp->l_proc;
    filedesc* fdp = p->p_fd;
    if (newfd < 0 || newfd >= fd_limit(p)) {
        return EBADF;
    }
    knote_fdclose(fdp, newfd);
    mutex_enter(&fdp->fd_lock);
    fd_tryexpand(fdp, newfd);
    fdfile& ff = fdp->fd_ofiles[newfd];
    if (ff.ff_allocated && ff.ff_file == nullptr) {
        mutex_exit(&fdp->fd_lock); // another LWP is about to fill it
        return EBUSY;
    }
    file* old = ff.ff_file;
    if (old == nullptr) {
        fd_used(fdp, newfd);
    }
    fp->f_count.fetch_add(1);
    fd_install(fdp, newfd, fp, exclose, foclose);
    mutex_exit(&fdp->fd_lock);
    if (old != nullptr) {
        fd_unlock(old);
        (void)closef(old);
    }
    return EOK;
}

void fd_set_exclose(lwp* l, int fd, bool exclose) {
    filedesc* fdp = l->l_fd;
    fdp->fd_ofiles[fd].ff_exclose = exclose;
    fdp->fd_exclose |= exclose;
}

void fd_set_foclose(lwp* l, int fd, bool foclose) {
    filedesc* fdp = l->l_fd;
    fdp->fd_ofiles[fd].ff_foclose = foclose;
    fdp->fd_foclose |= foclose;
}
