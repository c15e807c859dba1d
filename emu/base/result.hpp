// Errors of the host as values: a one-line message and the exit status that
// the program ends with if nobody handles it.
#pragma once

#include <cassert>
#include <string>
#include <utility>
#include <variant>

namespace forkscope {

// The program's exit statuses (docs/architecture.md, emu/cli).
enum class ExitStatus : int {
    Success = 0,      // the guest powered off with status 0
    GuestFailure = 1, // the guest ended with another status, or panicked
    Usage = 2,        // bad usage, config or input file
    Limit = 3,        // a limit was reached
    Internal = 70,    // a fault of ours
};

struct Error {
    std::string message; // one line, without a newline at its end
    ExitStatus status = ExitStatus::Usage;
};

// Holds a T or an Error. `T` must not be Error itself.
template <class T>
class [[nodiscard]] Result {
public:
    using Value = T;

    Result(T value) : content_(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : content_(std::in_place_index<1>, std::move(error)) {}

    [[nodiscard]] bool ok() const { return content_.index() == 0; }
    explicit operator bool() const { return ok(); }

    // Only if ok().
    [[nodiscard]] T& value() & {
        assert(ok());
        return std::get<0>(content_);
    }
    [[nodiscard]] const T& value() const& {
        assert(ok());
        return std::get<0>(content_);
    }
    [[nodiscard]] T&& value() && {
        assert(ok());
        return std::get<0>(std::move(content_));
    }
    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T&& operator*() && { return std::move(*this).value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }

    // Only if !ok().
    [[nodiscard]] const Error& error() const {
        assert(!ok());
        return std::get<1>(content_);
    }

private:
    std::variant<T, Error> content_;
};

// The outcome of something that yields nothing: `return {};` is success.
template <>
class [[nodiscard]] Result<void> {
public:
    Result() = default;
    Result(Error error) : error_(std::move(error)), failed_(true) {}

    [[nodiscard]] bool ok() const { return !failed_; }
    explicit operator bool() const { return ok(); }
    [[nodiscard]] const Error& error() const {
        assert(failed_);
        return error_;
    }

private:
    Error error_;
    bool failed_ = false;
};

} // namespace forkscope
