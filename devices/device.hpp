// What a device knows of the world: three narrow interfaces and nothing else.
// A device includes neither CPU nor bus; the machine wires it up.
//
// Every device has the same anatomy, one folder each:
//   X.hpp     the state, in one plain struct `State`, and the class
//   X.cpp     register access, by table
//   X_time.cpp, X_state.cpp  timing and saving, where there is any
#pragma once

#include "base/types.hpp"

#include <span>

namespace forkscope {

// A level-sensitive interrupt wire into the interrupt controller.
class IrqLine {
public:
    virtual ~IrqLine() = default;
    virtual void set(bool level) = 0;
};

// Is called when the moment it asked its Clock for has come.
class DeadlineOwner {
public:
    virtual ~DeadlineOwner() = default;
    virtual void on_deadline() = 0;
};

// The machine's time, in cycles. Each DeadlineOwner has a Clock of its own; one
// that needs to act later asks for a call; asking again replaces the earlier
// request.
class Clock {
public:
    virtual ~Clock() = default;
    [[nodiscard]] virtual Cycle now() const = 0;
    // Calls on_deadline of the owner at the first block boundary at or after
    // `when`; kNever cancels. A request is over once it has been answered.
    virtual void request(Cycle when) = 0;
    static constexpr Cycle kNever = ~Cycle{0};
};

// Guest RAM as a bus master sees it. False if any byte is not RAM; then
// nothing was read or written.
class GuestMemory {
public:
    virtual ~GuestMemory() = default;
    [[nodiscard]] virtual bool read(u64 physical, std::span<u8> out) const = 0;
    [[nodiscard]] virtual bool write(u64 physical, std::span<const u8> in) = 0;
};

// A memory-mapped device. Offsets are in bytes from the start of its window;
// size is 1, 2, 4 or 8. Reserved offsets read as zero and ignore writes
// (RAZ/WI): a guest's bad access never reaches the host.
class Device : public DeadlineOwner {
public:
    [[nodiscard]] virtual u64 read(u64 offset, unsigned size) = 0;
    virtual void write(u64 offset, unsigned size, u64 value) = 0;
    void on_deadline() override {}
    virtual void reset() = 0;
};

} // namespace forkscope
