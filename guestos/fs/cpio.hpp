// Reader of cpio archives in the "newc" format: cpio(5). Knows nothing of file
// systems; names and contents are given as they lie in the archive.
#pragma once

#include "sys/types.hpp"

struct cpio_entry {
    const char* name; // NUL-terminated, without leading slashes or "./"
    size_t namelen;
    const u8* data;
    u32 size; // bytes of data: contents, or a symbolic link's target
    u32 mode; // as st_mode
    u32 uid, gid;
    u32 nlink;
    u32 ino;
    u32 mtime; // seconds since 1970
    u32 rdevmajor, rdevminor;
};

enum class cpio_status { Entry, End, Malformed };

// Goes through one archive, or several one after the other.
class cpio_reader {
public:
    cpio_reader(const u8* begin, size_t size) : pos_(begin), end_(begin + size) {}
    // The next entry that is not a trailer.
    [[nodiscard]] cpio_status next(cpio_entry* entry);

private:
    [[nodiscard]] cpio_status read_entry(cpio_entry* entry);
    [[nodiscard]] bool skip_padding();

    const u8* pos_;
    const u8* end_;
    const u8* begin_ = pos_;
};
