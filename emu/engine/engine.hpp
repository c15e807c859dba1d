// The instruction engine: Unicorn behind one class, the only place that knows
// it. It executes A64 instructions and asks its host for everything else:
// translations, devices, system registers, exceptions, time.
//
// What the host decides is executed exactly; the engine's own ideas of MMU,
// exceptions, interrupts and time are never used.
#pragma once

#include "base/result.hpp"
#include "base/types.hpp"
#include "engine/block_counter.hpp"
#include "engine/inline_count.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace forkscope {

enum class PageAccess : u8 { Read, Write, Fetch };

// What the engine may do with one page (of Engine::page_size() bytes) until the
// next flush, without asking again.
struct PageGrant {
    u64 physical = 0;
    bool read = false;
    bool write = false;
    bool execute = false;
};

// Instructions that the engine does not execute itself.
enum class Trap : u8 {
    SupervisorCall, // SVC: pc() is after it
    Breakpoint,     // BRK: pc() is at it
    MonitorCall,    // SMC: pc() is after it
    Undefined,      // HVC, unallocated, or not allowed at this level: pc() is at it
    Unaligned,      // misaligned exclusive: pc() is at it
    Unexpected,     // nothing an A64 program should be able to cause
};

// A system register's or instruction's name, bits 20:5 of its encoding:
// op0 (2 bits), op1 (3), CRn (4), CRm (4), op2 (3).
using SystemEncoding = u16;

constexpr SystemEncoding system_encoding(unsigned op0, unsigned op1, unsigned crn, unsigned crm,
                                         unsigned op2) {
    return static_cast<SystemEncoding>((op0 & 3) << 14 | op1 << 11 | crn << 7 | crm << 3 | op2);
}

// The instruction that stands for others: MSR TPIDR_EL0, Xt, with Xt in its low
// five bits. The engine may execute it at both levels, and asks before it does;
// after it begins a new block.
inline constexpr u32 kStandIn = 0xd51b'd040;

enum class SystemAction : u8 {
    Native, // the engine does it, or raises Trap::Undefined if it may not
    Done,   // the host has done it, or will before the next block
};

// What the engine asks of the CPU that it is part of. Nothing may be thrown.
class EngineHost {
public:
    virtual ~EngineHost() = default;

    // Before the block at `pc`, if it is due (see BlockCounter). True: execute
    // it. False: leave run() with the block not executed. May change registers
    // only if it returns false.
    [[nodiscard]] virtual bool at_boundary(u64 pc) = 0;

    // An access to the page at `page` that no grant covers. False refuses it:
    // run() ends with RunExit::Refused, pc() at the instruction.
    [[nodiscard]] virtual bool fill(u64 page, PageAccess access, PageGrant& grant) = 0;

    // May change all registers, pc() included, and call leave().
    virtual void trap(Trap trap) = 0;

    // An MSR (register) of Xt has come to execution, at pc(), before any check of
    // privilege. MRS, SYS and SYSL are the engine's own: what it must not execute
    // it must not be given (kStandIn).
    [[nodiscard]] virtual SystemAction system_write(SystemEncoding encoding, unsigned rt,
                                                    u64 value) = 0;

    // Accesses to memory mapped as a device; 1, 2 or 4 bytes, aligned.
    [[nodiscard]] virtual u64 device_read(u64 physical, unsigned size) = 0;
    virtual void device_write(u64 physical, unsigned size, u64 value) = 0;
};

// Who watches every block and every access to memory, to count cycles and not
// instructions. Functions and no interface: they are called for nearly every
// instruction. Nothing may be thrown. The unnamed parameters are the engine's own
// affair.
struct ExecutionWatch {
    void* context = nullptr; // the last argument of each
    // Before a block of `size` bytes at `pc`: the one before it, if it was not
    // left, has run to its end. The block runs if BlockCounter::arrive() or else
    // Engine::admit() says so.
    void (*block)(void*, u64 pc, u32 size, void* context) = nullptr;
    // Loads and stores, in program order. One that crosses a page comes in parts.
    void (*read)(u64 physical, int size, void* context) = nullptr;
    void (*write)(u64 physical, int size, void* context) = nullptr;
};

enum class RunExit : u8 {
    Left,             // at_boundary or leave() said so
    WaitForInterrupt, // WFI; pc() is after it
    AtStop,           // pc() is one of the stops, or after a WFI that stands before one
    Refused,          // the host refused a fill; pc() is at the instruction
    Broken,           // the engine failed; message() says how
};

class AccessWindow;

class Engine {
public:
    // CPU model Cortex-A57, in EL1 with SP_EL1, interrupts masked, all registers zero.
    // With a `watch`, every access to memory is slower.
    static Result<std::unique_ptr<Engine>> create(EngineHost& host,
                                                  const std::optional<ExecutionWatch>& watch);
    ~Engine();
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    // Bytes that one fill covers: 4096, or 1024 if the library insists.
    [[nodiscard]] u64 page_size() const { return page_size_; }

    // Physical memory. `host` stays the caller's. Multiples of 4 KiB. What is not
    // `executable` must not be granted for execution; one region
    // of it, of RAM, makes watched accesses fast.
    Result<void> map_memory(u64 physical, u64 size, u8* host, bool executable = true);
    Result<void> map_device(u64 physical, u64 size);

    // Executes from pc() on until one of RunExit's reasons.
    [[nodiscard]] RunExit run();
    // From EngineHost::trap only: run() ends before the next block.
    void leave();
    // From ExecutionWatch::block only: asks the host whether the block at `pc` may
    // begin. If not, run() ends before it.
    [[nodiscard]] bool admit(u64 pc);
    // From ExecutionWatch::block only, before anything else: true if no room is left
    // for more code than that which it was called from. The block may not begin; run()
    // makes room and goes on with it.
    [[nodiscard]] bool out_of_room(const void* called_from) {
        if (called_from < code_limit_) [[likely]]
            return false;
        make_room();
        return true;
    }
    [[nodiscard]] const std::string& message() const { return message_; }

    // Forgets all grants. Allowed in system_write and outside run().
    void flush_grants();
    // Forgets those of one page, if page_size() is 4096. Allowed in fill() too.
    void flush_page(u64 va);
    // Forgets what it knows of code in physical memory. Only outside run().
    void forget_code(u64 physical, u64 size);

    // Virtual addresses before which run() ends, also at its very beginning. Only
    // outside run(). Translated code is thrown away: a stop is where a block ends.
    // While there are any, blocks are therefore not those of a run without.
    void set_stops(std::vector<u64> addresses);
    [[nodiscard]] bool at_stop() const;

    [[nodiscard]] BlockCounter& counter() { return counter_; }
    [[nodiscard]] const BlockCounter& counter() const { return counter_; }

    // Registers. pc() is exact in trap() and system_write() and outside
    // run(); in fill() and the device callbacks it is the block's first
    // instruction. `index` is 0 to 30.
    [[nodiscard]] u64 pc() const;
    void set_pc(u64 value);
    [[nodiscard]] u64 x(unsigned index) const;
    void set_x(unsigned index, u64 value);
    [[nodiscard]] u64 sp() const;     // the one in use
    [[nodiscard]] u64 pstate() const; // as SPSR has it
    [[nodiscard]] u64 system_register(SystemEncoding encoding) const;
    // Performs the register's side effects in the engine.
    void set_system_register(SystemEncoding encoding, u64 value);

    // What taking an exception to EL1 does to the registers. `vector` is the
    // offset from VBAR_EL1, `spsr` and `elr` what the exception saves.
    struct Entry {
        u64 elr = 0;
        u64 spsr = 0;
        u64 vector = 0;
    };
    void enter_exception(const Entry& entry);
    void set_esr(u64 value);
    void set_far(u64 value);

private:
    struct Hooks;
    struct Window;
    Engine(EngineHost& host, const std::optional<ExecutionWatch>& watch);
    Result<void> open();
    Result<void> add_hooks();
    void forget_blocks();
    void make_room();

    EngineHost& host_;
    std::optional<ExecutionWatch> watch_;
    std::unique_ptr<AccessWindow> window_; // with a watch
    BlockCounter counter_;
    std::optional<InlineCount> inline_count_; // without a watch
    u32 patience_ = 0;                        // calls until one is taken over
    // The library throws all code away when its buffer is full, and then may still go on
    // from a block of before: it must not come to that.
    const void* code_limit_ = nullptr;
    bool room_due_ = false;
    void* uc_ = nullptr; // uc_engine
    u64 page_size_ = 0;
    std::vector<std::unique_ptr<Window>> windows_;
    std::vector<u64> stops_;
    bool left_ = false;
    bool refused_ = false;
    std::string message_;
};

} // namespace forkscope
