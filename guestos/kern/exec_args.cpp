// The strings that a new program gets: collected before its memory is there.
#include "sys/exec.hpp"

#include "abi/exec.hpp"
#include "sys/kmem.hpp"
#include "sys/systm.hpp"

exec_args::~exec_args() {
    if (buf_ != nullptr) {
        kmem_free(buf_, size_);
    }
}

Errno exec_args::add(const char* s) {
    const size_t len = strlen(s) + 1;
    const Errno error = make_room(len);
    if (error == EOK) {
        memcpy(buf_ + used_, s, len);
        used_ += len;
    }
    return error;
}

Errno exec_args::add_user(const char* us) {
    for (;;) {
        size_t done = 0;
        Errno error = make_room(1);
        if (error == EOK) {
            error = copyinstr(us, buf_ + used_, size_ - used_, &done);
        }
        if (error == EOK) {
            used_ += done;
            return EOK;
        }
        if (error != ENAMETOOLONG) {
            return error;
        }
        error = make_room(size_ - used_ + 1); // it grows
        if (error != EOK) {
            return error;
        }
    }
}

void exec_args::swap(exec_args& other) {
    const auto exchange = [](auto& x, auto& y) {
        const auto t = x;
        x = y;
        y = t;
    };
    exchange(buf_, other.buf_);
    exchange(size_, other.size_);
    exchange(used_, other.used_);
    exchange(argc, other.argc);
    exchange(envc, other.envc);
}

Errno exec_args::make_room(size_t len) {
    if (used_ + len <= size_) {
        return EOK;
    }
    size_t size = size_ == 0 ? 1024 : size_;
    while (size < used_ + len) {
        size *= 2;
    }
    if (size > abi::ARG_MAX) {
        return E2BIG;
    }
    auto* bigger = static_cast<char*>(kmem_alloc(size, KM_SLEEP));
    if (buf_ != nullptr) {
        memcpy(bigger, buf_, used_);
        kmem_free(buf_, size_);
    }
    buf_ = bigger;
    size_ = size;
    return EOK;
}

Errno copyin_strings(exec_args& args, const u64* array, int* count) {
    for (*count = 0;; ++*count) {
        u64 us = 0;
        Errno error = copyin(array + *count, us);
        if (error != EOK || us == 0) {
            return error;
        }
        error = args.add_user(reinterpret_cast<const char*>(us));
        if (error != EOK) {
            return error;
        }
    }
}

Errno add_strings(exec_args& args, char* const* array, int* count) {
    for (*count = 0; array[*count] != nullptr; ++*count) {
        const Errno error = args.add(array[*count]);
        if (error != EOK) {
            return error;
        }
    }
    return EOK;
}
