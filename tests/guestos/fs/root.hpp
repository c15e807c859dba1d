// A system with a root file system, and file operations as the running process.
#pragma once

#include "archive.hpp"
#include "host/host_kern.hpp"
#include "sys/filedesc.hpp"
#include "sys/sysent.hpp"
#include "sys/systm.hpp"
#include "sys/vnode.hpp"

#include <string>

namespace test {

struct Result {
    Errno error;
    long value;
};

inline Result call(sy_call_t* function, std::initializer_list<u64> arguments) {
    syscall_args args{};
    std::copy(arguments.begin(), arguments.end(), args.reg);
    register_t retval[2] = {0, 0};
    const Errno error = function(curlwp, &args, retval);
    return {error, retval[0]};
}

inline u64 address(const void* p) { return reinterpret_cast<u64>(p); }

struct Root : host::System {
    Archive archive; // stays: the file system refers to it

    explicit Root(Archive contents = Archive{}) : archive(std::move(contents)) {
        boot.bi_initrd = archive.data();
        boot.bi_initrd_size = archive.size();
        vfs_init();
        vfs_mountroot();
        // Process 1 was forked before there was a root.
        vref(rootvnode);
        curlwp->l_proc->p_cwdi->cwdi_cdir = rootvnode;
    }
    ~Root() { boot = {}; }

    Result open(const char* path, int flags, mode_t mode = 0644) {
        return call(sys_open, {address(path), u64(flags), mode});
    }
    Errno mkdir(const char* path) { return call(sys_mkdir, {address(path), 0755}).error; }
    Errno unlink(const char* path) { return call(sys_unlink, {address(path)}).error; }
    Errno rmdir(const char* path) { return call(sys_rmdir, {address(path)}).error; }
    Errno rename(const char* from, const char* to) {
        return call(sys_rename, {address(from), address(to)}).error;
    }
    Errno symlink(const char* target, const char* path) {
        return call(sys_symlink, {address(target), address(path)}).error;
    }
    Errno link(const char* from, const char* to) {
        return call(sys_link, {address(from), address(to)}).error;
    }
    Errno close(long fd) { return call(sys_close, {u64(fd)}).error; }
    Result write(long fd, const std::string& text) {
        return call(sys_write, {u64(fd), address(text.data()), text.size()});
    }
    std::string read(long fd, size_t size = 4096) {
        std::string text(size, '?');
        const Result r = call(sys_read, {u64(fd), address(text.data()), size});
        text.resize(r.error == EOK ? size_t(r.value) : 0);
        return text;
    }
    // The file's contents, or the error in brackets.
    std::string contents(const char* path) {
        const Result fd = open(path, abi::O_RDONLY);
        if (fd.error != EOK) {
            return "<" + std::to_string(fd.error) + ">";
        }
        std::string text = read(fd.value);
        REQUIRE_EOK(close(fd.value));
        return text;
    }
    void create(const char* path, const std::string& text) {
        const Result fd = open(path, abi::O_CREAT | abi::O_WRONLY | abi::O_TRUNC);
        REQUIRE_EOK(fd.error);
        REQUIRE_EOK(write(fd.value, text).error);
        REQUIRE_EOK(close(fd.value));
    }
    abi::stat stat(const char* path) {
        abi::stat st{};
        REQUIRE_EOK(call(sys___lstat50, {address(path), address(&st)}).error);
        return st;
    }
    static void REQUIRE_EOK(Errno error) {
        if (error != EOK) {
            throw std::runtime_error("unexpected error " + std::to_string(error));
        }
    }
};

} // namespace test
