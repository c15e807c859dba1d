// Places the code buffer, which the engine maps wherever the kernel likes, far from
// its own functions. Calls between the two are direct, and shorter, if they lie within
// 2 GiB of each other. The linker leads the library's calls of mmap here (--wrap, see
// cmake/Dependencies.cmake).
#include "engine/code_buffer.hpp"

#include <sys/mman.h>

namespace {

thread_local const forkscope::u8* end = nullptr;

} // namespace

namespace forkscope {

const u8* code_buffer_end() {
    return end;
}

} // namespace forkscope

extern "C" {

void* __real_mmap64(void* address, size_t size, int protection, int flags, int file, off_t offset);

void* __wrap_mmap64(void* address, size_t size, int protection, int flags, int file, off_t offset) {
    constexpr forkscope::u64 kDistance = 0x6c00'0000; // with the buffer, less than 2 GiB
    constexpr forkscope::u64 kPage = 4096;
    const bool is_code_buffer = address == nullptr && (protection & PROT_EXEC) != 0 && file == -1;
    if (!is_code_buffer)
        return __real_mmap64(address, size, protection, flags, file, offset);
    const forkscope::u64 here = reinterpret_cast<forkscope::u64>(&__wrap_mmap64);
    void* near = reinterpret_cast<void*>((here + kDistance) / kPage * kPage); // a wish
    void* buffer = __real_mmap64(near, size, protection, flags, file, offset);
    if (buffer != MAP_FAILED)
        end = static_cast<const forkscope::u8*>(buffer) + size;
    return buffer;
}

} // extern "C"
