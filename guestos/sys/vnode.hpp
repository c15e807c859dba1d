// Vnodes: files, directories and devices, whatever holds them. vnode(9).
// fs/vfs_vnode.cpp, fs/vfs_lookup.cpp, fs/vfs_vnops.cpp
#pragma once

#include "abi/exec.hpp"
#include "abi/stat.hpp"
#include "sys/file.hpp"
#include "sys/time.hpp"
#include "sys/uio.hpp"

struct cwdinfo;
struct knote;
struct pipe;
struct kauth_cred;
struct lwp;
struct uvm_object;
struct vnode;

enum vtype : u8 { VNON, VREG, VDIR, VBLK, VCHR, VLNK, VSOCK, VFIFO };

inline constexpr mode_t VREAD = 4, VWRITE = 2, VEXEC = 1; // VOP_ACCESS

// Attributes. In VOP_SETATTR a field left at its VNOVAL is not changed.
struct vattr {
    vtype va_type;
    mode_t va_mode;    // permissions only
    u32 va_nlink;
    uid_t va_uid;
    gid_t va_gid;
    ino_t va_fileid;
    off_t va_size;     // bytes
    dev_t va_rdev;
    abi::timespec va_atime, va_mtime, va_ctime, va_birthtime;
    u32 va_vaflags;    // VA_*; never VNOVAL
};
inline constexpr u32 VNOVAL = ~u32{0};
inline constexpr u32 VA_UTIMES_NULL = 1; // the times are now: who may write may do that
void vattr_null(vattr* vap);

// A name within a directory: not NUL-terminated.
struct componentname {
    const char* cn_nameptr;
    size_t cn_namelen;
};

// Operations that a file system supplies; those of directories may be null for
// other kinds of node. Each takes the locks it needs.
// => vnodes are referenced by the caller; those returned are referenced too
struct vnodeops {
    Errno (*vop_lookup)(vnode* dvp, const componentname* cnp, vnode** vpp);
    Errno (*vop_create)(vnode* dvp, const componentname* cnp, const vattr* vap,
                        const kauth_cred* cred, vnode** vpp);
    Errno (*vop_symlink)(vnode* dvp, const componentname* cnp, const vattr* vap,
                         const char* target, const kauth_cred* cred);
    Errno (*vop_link)(vnode* dvp, const componentname* cnp, vnode* vp);
    Errno (*vop_remove)(vnode* dvp, const componentname* cnp, vnode* vp);
    Errno (*vop_rmdir)(vnode* dvp, const componentname* cnp, vnode* vp);
    Errno (*vop_rename)(vnode* fdvp, const componentname* fcnp, vnode* tdvp,
                        const componentname* tcnp);
    Errno (*vop_open)(vnode* vp, int fflags, lwp* l);
    Errno (*vop_close)(vnode* vp, int fflags);
    Errno (*vop_getattr)(vnode* vp, vattr* vap);
    Errno (*vop_setattr)(vnode* vp, const vattr* vap, const kauth_cred* cred);
    Errno (*vop_read)(vnode* vp, uio* uio, int fflags);
    Errno (*vop_write)(vnode* vp, uio* uio, int fflags);
    Errno (*vop_ioctl)(vnode* vp, u64 com, void* data, int fflags);
    int (*vop_poll)(vnode* vp, int events, int fflags);
    // One entry after another as abi::dirent; uio_offset is the place in the
    // directory.
    Errno (*vop_readdir)(vnode* vp, uio* uio, bool* eof);
    Errno (*vop_readlink)(vnode* vp, char* buf, size_t size, size_t* len);
    // The name that the directory dvp has for vp; NUL-terminated.
    Errno (*vop_nameof)(vnode* dvp, vnode* vp, char* buf, size_t size);
    // The caller's is the last reference. The file system drops it under the
    // lock that its lookups hold, and frees the node if no name is left.
    void (*vop_inactive)(vnode* vp);
};

struct vnode {
    std::atomic<u32> v_usecount;
    vtype v_type;
    const vnodeops* v_op;
    void* v_data;         // the file system's node
    uvm_object* v_uobj;   // of a regular file: its contents; null otherwise
    dev_t v_rdev;         // of a device
    struct pipe* v_fifo;  // of a FIFO that is open. fs/fifo_vnops.cpp
    knote* v_klist;       // event queues that watch it. fs/genfs_vnops.cpp
};

// => the vnode is part of the file system's node; no references yet
void vnode_init(vnode* vp, vtype type, const vnodeops* ops, void* data);
void vref(vnode* vp);
void vrele(vnode* vp);
extern vnode* rootvnode;

// --- names: vfs_lookup.cpp -------------------------------------------------------
enum NameiFlags : u32 {
    NAMEI_NOFOLLOW = 1, // the last symbolic link is the result
    NAMEI_PARENT = 2,   // the directory as well; the last name need not exist
};
struct nameidata {
    const char* ni_path;  // kernel memory
    vnode* ni_startdir;   // null: the working directory
    u32 ni_flags;
    // Results
    vnode* ni_vp;         // referenced; null if it does not exist (NAMEI_PARENT)
    vnode* ni_dvp;        // referenced (NAMEI_PARENT)
    componentname ni_cnd; // the last name (NAMEI_PARENT), within ni_namebuf
    bool ni_trailing;     // it ended with a slash
    char ni_namebuf[abi::MAXNAMLEN + 1];
};
[[nodiscard]] Errno namei(lwp* l, nameidata* ndp);
// A path copied in from the program, for the time of a call.
class user_path {
public:
    explicit user_path(const void* upath);
    ~user_path();
    user_path(const user_path&) = delete;
    user_path& operator=(const user_path&) = delete;

    [[nodiscard]] Errno error() const { return error_; }
    [[nodiscard]] const char* get() const { return buf_; }

private:
    char* buf_;
    Errno error_;
};
// The directory that the path of an ...at call begins in: null for the working
// directory, and for a path from the root; else referenced.
[[nodiscard]] Errno start_directory(int fd, const user_path& path, vnode** vpp);
// namei for a path in the program's memory that begins in the directory `dirfd`
// (openat(2)). => what is found is referenced; the path itself is gone
[[nodiscard]] Errno namei_at(lwp* l, int dirfd, const void* upath, u32 flags, nameidata* ndp);
// The same, for whom only the file counts.
[[nodiscard]] Errno namei_user(lwp* l, int dirfd, const void* upath, u32 flags, vnode** vpp);
// Path from a user's address into `buf`, MAXPATHLEN bytes.
[[nodiscard]] Errno copyinpath(const void* upath, char* buf);
// Path of a directory; writes to the end of buf and returns its beginning.
// Is the directory the root or somewhere below it?
[[nodiscard]] bool vn_isunder(vnode* vp, const vnode* root);
[[nodiscard]] Errno getcwd_path(lwp* l, char* buf, size_t size, char** path);

// --- help for system calls: vfs_vnops.cpp ------------------------------------------
[[nodiscard]] Errno vn_open(lwp* l, const char* path, vnode* startdir, int fflags, mode_t cmode,
                            vnode** vpp);
Errno vn_close(vnode* vp, int fflags);
[[nodiscard]] Errno vn_rdwr(uio_rw rw, vnode* vp, void* base, size_t len, off_t offset,
                            size_t* resid); // to or from kernel memory
[[nodiscard]] Errno vn_stat(vnode* vp, abi::stat* st);
[[nodiscard]] Errno vn_access(vnode* vp, mode_t want, const kauth_cred* cred);
extern const fileops vnops;

// --- devices: dev/, fs/spec_vnops.cpp -----------------------------------------------
struct cdevsw {
    const char* d_name;
    Errno (*d_open)(dev_t dev, int fflags, lwp* l); // null: always
    Errno (*d_close)(dev_t dev, int fflags);
    Errno (*d_read)(dev_t dev, uio* uio, int fflags);
    Errno (*d_write)(dev_t dev, uio* uio, int fflags);
    Errno (*d_ioctl)(dev_t dev, u64 com, void* data, int fflags, vnode* vp);
    int (*d_poll)(dev_t dev, int events);
    Errno (*d_kqfilter)(dev_t dev, knote* kn); // null: as a file
};
constexpr dev_t makedev(unsigned major, unsigned minor) {
    return (dev_t{major} << 8 & 0xfff00) | (dev_t{minor} << 12 & 0xfff00000) | (minor & 0xff);
}
constexpr unsigned major(dev_t dev) { return static_cast<unsigned>((dev & 0xfff00) >> 8); }
constexpr unsigned minor(dev_t dev) {
    return static_cast<unsigned>((dev & 0xfff00000) >> 12 | (dev & 0xff));
}
const cdevsw* cdevsw_lookup(dev_t dev);
// What vnodes of devices do; the file system of the node does the rest.
Errno spec_open(vnode* vp, int fflags, lwp* l);
Errno spec_close(vnode* vp, int fflags);
Errno spec_read(vnode* vp, uio* uio, int fflags);
Errno spec_write(vnode* vp, uio* uio, int fflags);
Errno spec_ioctl(vnode* vp, u64 com, void* data, int fflags);
int spec_poll(vnode* vp, int events);

// --- FIFOs: fs/fifo_vnops.cpp -------------------------------------------------------
void fifo_init();
Errno fifo_open(vnode* vp, int fflags, lwp* l);
Errno fifo_close(vnode* vp, int fflags);

// --- event queues: fs/genfs_vnops.cpp -----------------------------------------------
void genfs_init();
Errno vn_kqfilter(file* fp, knote* kn);
// Something has happened to the vnode: NOTE_* of EVFILT_VNODE. => it is referenced
void vn_knote(vnode* vp, u32 what);

// --- the root file system: tmpfs, cpio ------------------------------------------------
void vfs_init();
void vfs_mountroot(); // makes the root and unpacks the initial RAM disk
