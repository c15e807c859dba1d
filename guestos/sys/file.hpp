// Open files: what descriptors refer to. file(9). kern/kern_descrip.cpp
#pragma once

#include "abi/fcntl.hpp"
#include "abi/stat.hpp"
#include "sys/mutex.hpp"
#include "sys/queue.hpp"
#include "sys/uio.hpp"

struct file;
struct kauth_cred;
struct knote;
struct uvm_object;
struct vnode;

enum file_type : u8 { DTYPE_VNODE = 1, DTYPE_PIPE = 3, DTYPE_KQUEUE = 4 };

// f_flag: the access and status flags of open(2), plus one: FREAD, FWRITE.
inline constexpr int FREAD = 1;
inline constexpr int FWRITE = 2;
constexpr int FFLAGS(int oflags) { return oflags + 1; }
constexpr int OFLAGS(int fflags) { return fflags - 1; }
inline constexpr int FHASLOCK = 0x4000; // may have a lock of flock(2)
inline constexpr int FOF_UPDATE_OFFSET = 1; // fo_read, fo_write: move f_offset

struct fileops {
    const char* fo_name;
    // At *offset, which moves if FOF_UPDATE_OFFSET is given.
    Errno (*fo_read)(file* fp, off_t* offset, uio* uio, kauth_cred* cred, int flags);
    Errno (*fo_write)(file* fp, off_t* offset, uio* uio, kauth_cred* cred, int flags);
    Errno (*fo_ioctl)(file* fp, u64 com, void* data); // data: kernel copy of the argument
    int (*fo_poll)(file* fp, int events);             // those of `events` that hold
    Errno (*fo_stat)(file* fp, abi::stat* st);
    Errno (*fo_close)(file* fp);                      // the last reference has gone
    Errno (*fo_seek)(file* fp, off_t delta, int whence, off_t* newoffset); // null: ESPIPE
    Errno (*fo_kqfilter)(file* fp, knote* kn);        // null: not supported
};

struct file {
    off_t f_offset;        // [f_lock]
    kauth_cred* f_cred;    // of who opened it
    const fileops* f_ops;
    void* f_data;          // vnode, pipe, kqueue
    std::atomic<int> f_flag; // FREAD, FWRITE, O_APPEND, O_NONBLOCK, ...
    file_type f_type;
    std::atomic<unsigned> f_count; // references: descriptors and calls at work
    kmutex_t f_lock;
    LIST_ENTRY<file> f_list; // [filelist_lock] every open file
};

inline vnode* file_vnode(file* fp) { return static_cast<vnode*>(fp->f_data); }
