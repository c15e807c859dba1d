// Where a serial port's bytes go to and come from. The machine connects these
// to a file, a terminal or a test.
#pragma once

#include "base/types.hpp"

#include <optional>

namespace forkscope {

// Takes the bytes that the guest transmits, in order.
class ConsoleSink {
public:
    virtual ~ConsoleSink() = default;
    virtual void put(u8 byte) = 0;
};

// Gives the bytes that the guest is to receive. It is asked at moments that
// depend on cycles only, one byte at a time, and only when the receiver has
// room. A source whose bytes are all there beforehand (a file, a string)
// therefore makes the same run each time; a terminal can't.
class ConsoleSource {
public:
    virtual ~ConsoleSource() = default;
    // The next byte, if there is one now. Never blocks for long.
    [[nodiscard]] virtual std::optional<u8> take() = 0;
    // True once take() will never give a byte again; it is then no longer asked.
    [[nodiscard]] virtual bool ended() const = 0;
};

} // namespace forkscope
