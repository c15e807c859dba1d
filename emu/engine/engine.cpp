#include "engine/engine.hpp"

#include "engine/access_window.hpp"
#include "engine/code_buffer.hpp"
#include "engine/page_size.hpp"

#include <unicorn/unicorn.h>

#include <algorithm>
#include <string>

namespace forkscope {

namespace {

constexpr u32 kPatience = 13;         // a prime: no loop's blocks stay in step with it
constexpr u32 kCodeBuffer = 32 << 20; // bytes; larger ones make emptying it slow
constexpr u64 kCodeReserve = 1 << 20; // more than any block's code

// EngineHost::trap's reasons by the engine's exception numbers.
enum EngineException : u32 {
    kUndefined = 1,
    kSupervisorCall = 2,
    kDataAbort = 4,
    kBreakpoint = 7,
    kMonitorCall = 13,
};

// PSTATE after an exception: D, A, I, F set, EL1 with SP_EL1.
constexpr u64 kEntryPstate = 0x3c5;
constexpr u64 kFlags = 0xf000'0000; // N, Z, C, V
constexpr u64 kUsesOwnSp = 1;       // PSTATE.SP: SP_EL1, not SP_EL0

// Addresses that a guest's translations never reach: bit 55 tells the half, so
// that 54:48 differing from it is never canonical. Physical memory appears here
// one to one, for those calls of the engine that take virtual addresses.
constexpr u64 kPhysicalWindow = u64{0x002a} << 48;
constexpr u64 kWindowMask = u64{0xffff} << 48;

uc_engine* engine_of(void* uc) {
    return static_cast<uc_engine*>(uc);
}

int x_register(unsigned index) {
    if (index <= 28)
        return UC_ARM64_REG_X0 + static_cast<int>(index);
    return index == 29 ? UC_ARM64_REG_X29 : UC_ARM64_REG_X30;
}

// The number of Xt; 31 is XZR.
unsigned x_index(uc_arm64_reg which) {
    switch (which) {
    case UC_ARM64_REG_X29:
        return 29;
    case UC_ARM64_REG_X30:
        return 30;
    case UC_ARM64_REG_XZR:
        return 31;
    default:
        return static_cast<unsigned>(which - UC_ARM64_REG_X0);
    }
}

uc_arm64_cp_reg unpack(SystemEncoding encoding) {
    return {.crn = encoding >> 7 & 15u,
            .crm = encoding >> 3 & 15u,
            .op0 = encoding >> 14 & 3u,
            .op1 = encoding >> 11 & 7u,
            .op2 = encoding & 7u,
            .val = 0};
}

u64 read(void* uc, int which) {
    u64 value = 0;
    uc_reg_read(engine_of(uc), which, &value);
    return value;
}

void write(void* uc, int which, u64 value) {
    uc_reg_write(engine_of(uc), which, &value);
}

constexpr SystemEncoding kTlbiVae1 = system_encoding(1, 0, 8, 7, 1);
constexpr SystemEncoding kSpsrEl1 = system_encoding(3, 0, 4, 0, 0);

// The model's EL3 and EL2, which nobody else sees, make EL1 AArch64 and
// Non-secure (else an ERET from EL1 to EL1 is illegal), and trap instructions that
// maintain caches by address, at EL1 and EL0: those that the host does not want
// executed then raise Trap::Undefined at once, and not at the end of their block.
constexpr SystemEncoding kScrEl3 = system_encoding(3, 6, 1, 1, 0);
constexpr u64 kScr = 1u << 10 | 1u << 0; // RW, NS
constexpr SystemEncoding kHcrEl2 = system_encoding(3, 4, 1, 1, 0);
constexpr u64 kHcr = u64{1} << 31 | 1u << 24 | 1u << 23; // RW, TPU, TPC
constexpr SystemEncoding kMdcrEl2 = system_encoding(3, 4, 1, 1, 1);
constexpr u64 kMdcr = 1u << 6 | 1u << 5; // TPM, TPMCR: no performance monitors

Trap trap_of(u32 exception) {
    switch (exception) {
    case kUndefined:
        return Trap::Undefined;
    case kSupervisorCall:
        return Trap::SupervisorCall;
    case kDataAbort:
        return Trap::Unaligned;
    case kBreakpoint:
        return Trap::Breakpoint;
    case kMonitorCall:
        return Trap::MonitorCall;
    default:
        return Trap::Unexpected;
    }
}

Error failure(const std::string& what, uc_err error) {
    return {"instruction engine: " + what + ": " + uc_strerror(error), ExitStatus::Internal};
}

} // namespace

// One window of device memory; the engine gives offsets only.
struct Engine::Window {
    EngineHost* host;
    u64 base;
};

// What Unicorn calls back.
struct Engine::Hooks {
    static Engine& self(void* user) { return *static_cast<Engine*>(user); }

    // Called before every block, until InlineCount takes the call over: every so
    // many calls one, so that blocks executed once are left as they are.
    static void block(void* uc, u64 pc, u32 size, void* user) {
        Engine& engine = self(user);
        u8* const after = static_cast<u8*>(__builtin_return_address(0));
        if (engine.out_of_room(after)) [[unlikely]]
            return;
        if (!engine.counter_.step(pc, size)) [[unlikely]]
            return block_due(uc, pc, size, user);
        if (--engine.patience_ != 0)
            return;
        engine.patience_ = kPatience;
        engine.inline_count_->take_over(after, pc, size);
    }

    [[gnu::noinline]] static void block_due(void* uc, u64 pc, u32 size, void* user) {
        Engine& engine = self(user);
        if (!engine.counter_.is_due(pc, size))
            return;
        if (!engine.left_ && engine.host_.at_boundary(pc))
            return engine.counter_.begin(pc, size);
        engine.left_ = true;
        uc_emu_stop(engine_of(uc));
    }

    // With an ExecutionWatch.
    static void watched_read(uc_engine*, uc_mem_type, u64 physical, int size, i64, void* user) {
        self(user).window_->seen_read(physical, size);
    }
    static void watched_write(uc_engine*, uc_mem_type, u64 physical, int size, i64, void* user) {
        self(user).window_->seen_write(physical, size);
    }

    static bool fill(uc_engine*, u64 page, uc_mem_type type, uc_tlb_entry* entry, void* user) {
        Engine& engine = self(user);
        if ((page & kWindowMask) == kPhysicalWindow) [[unlikely]] {
            entry->paddr = page & ~kWindowMask;
            entry->perms = UC_PROT_ALL;
            return true;
        }
        // After a run the library looks up the stops' pages. The guest fetches from
        // where its PC is.
        if (type == UC_MEM_FETCH && !engine.stops_.empty() &&
            (engine.refused_ || (engine.pc() ^ page) >= engine.page_size_))
            return false;
        const PageAccess access = type == UC_MEM_FETCH   ? PageAccess::Fetch
                                  : type == UC_MEM_WRITE ? PageAccess::Write
                                                         : PageAccess::Read;
        PageGrant grant;
        if (!engine.host_.fill(page, access, grant)) {
            engine.refused_ = true;
            return false;
        }
        entry->paddr = grant.physical;
        entry->perms = static_cast<uc_prot>((grant.read ? UC_PROT_READ : 0) |
                                            (grant.write ? UC_PROT_WRITE : 0) |
                                            (grant.execute ? UC_PROT_EXEC : 0));
        return true;
    }

    static void interrupt(uc_engine*, u32 number, void* user) {
        self(user).host_.trap(trap_of(number));
    }

    static u32 system_write(uc_engine*, uc_arm64_reg rt, const uc_arm64_cp_reg* name, void* user) {
        const SystemEncoding encoding =
            system_encoding(name->op0, name->op1, name->crn, name->crm, name->op2);
        const SystemAction action = self(user).host_.system_write(encoding, x_index(rt), name->val);
        return action == SystemAction::Done;
    }

    static u64 device_read(uc_engine*, u64 offset, unsigned size, void* user) {
        const Window& window = *static_cast<Window*>(user);
        return window.host->device_read(window.base + offset, size);
    }

    static void device_write(uc_engine*, u64 offset, unsigned size, u64 value, void* user) {
        const Window& window = *static_cast<Window*>(user);
        window.host->device_write(window.base + offset, size, value);
    }
};

Engine::Engine(EngineHost& host, const std::optional<ExecutionWatch>& watch)
    : host_(host), watch_(watch) {
    if (watch_)
        window_ = std::make_unique<AccessWindow>(*watch_);
}

Engine::~Engine() {
    if (uc_ != nullptr)
        uc_close(engine_of(uc_));
}

Result<std::unique_ptr<Engine>> Engine::create(EngineHost& host,
                                               const std::optional<ExecutionWatch>& watch) {
    std::unique_ptr<Engine> engine(new Engine(host, watch));
    if (Result<void> opened = engine->open(); !opened)
        return opened.error();
    if (Result<void> hooked = engine->add_hooks(); !hooked)
        return hooked.error();
    return engine;
}

// The order matters: page size, CPU model and TLB mode before anything that
// makes the library build its CPU.
Result<void> Engine::open() {
    uc_engine* uc = nullptr;
    if (const uc_err error = uc_open(UC_ARCH_ARM64, UC_MODE_ARM, &uc); error != UC_ERR_OK)
        return failure("open", error);
    uc_ = uc;
    ask_for_4k_pages(uc);
    // Not MAX: some encodings that it lets through abort the host.
    if (const uc_err error = uc_ctl_set_cpu_model(uc, UC_CPU_ARM64_A57); error != UC_ERR_OK)
        return failure("CPU model", error);
    if (const uc_err error = uc_ctl_set_tcg_buffer_size(uc, kCodeBuffer); error != UC_ERR_OK)
        return failure("code buffer", error);
    if (const uc_err error = uc_ctl_tlb_mode(uc, UC_TLB_VIRTUAL); error != UC_ERR_OK)
        return failure("TLB mode", error);
    // With exits in use and none set, no address ends a run.
    u64 none = 0;
    if (const uc_err error = uc_ctl_exits_enable(uc); error != UC_ERR_OK)
        return failure("exits", error);
    if (const uc_err error = uc_ctl_set_exits(uc, &none, 0); error != UC_ERR_OK)
        return failure("exits", error);
    u32 page_size = 0;
    if (const uc_err error = uc_ctl_get_page_size(uc, &page_size); error != UC_ERR_OK)
        return failure("page size", error);
    page_size_ = page_size;
    set_system_register(kScrEl3, kScr);
    set_system_register(kHcrEl2, kHcr);
    set_system_register(kMdcrEl2, kMdcr);
    write(uc_, UC_ARM64_REG_PSTATE, kEntryPstate);
    code_limit_ = code_buffer_end() - kCodeReserve;
    return {};
}

Result<void> Engine::add_hooks() {
    uc_engine* uc = engine_of(uc_);
    uc_hook hook = 0;
    if (!watch_) {
        inline_count_.emplace(counter_, uc, this, Hooks::block, Hooks::block_due);
        patience_ = kPatience;
    }
    const auto add = [&](int type, auto callback, auto... more) {
        return uc_hook_add(uc, &hook, type, reinterpret_cast<void*>(callback), this, u64{1}, u64{0},
                           more...);
    };
    for (const uc_err error : {
             add(UC_HOOK_TLB_FILL, Hooks::fill),
             add(UC_HOOK_INTR, Hooks::interrupt),
             add(UC_HOOK_INSN, Hooks::system_write, UC_ARM64_INS_MSR),
             watch_ ? uc_hook_add(uc, &hook, UC_HOOK_BLOCK, reinterpret_cast<void*>(watch_->block),
                                  watch_->context, u64{1}, u64{0})
                    : add(UC_HOOK_BLOCK, Hooks::block),
             watch_ ? add(UC_HOOK_MEM_READ, Hooks::watched_read) : UC_ERR_OK,
             watch_ ? add(UC_HOOK_MEM_WRITE, Hooks::watched_write) : UC_ERR_OK,
         })
        if (error != UC_ERR_OK)
            return failure("hook", error);
    return {};
}

Result<void> Engine::map_memory(u64 physical, u64 size, u8* host, bool executable) {
    const u32 rights = executable ? UC_PROT_ALL : UC_PROT_READ | UC_PROT_WRITE;
    const uc_err error = uc_mem_map_ptr(engine_of(uc_), physical, size, rights, host);
    if (error != UC_ERR_OK)
        return failure("map memory", error);
    if (window_ && !executable)
        window_->set_memory(physical, size, host);
    return {};
}

Result<void> Engine::map_device(u64 physical, u64 size) {
    windows_.push_back(std::make_unique<Window>(Window{&host_, physical}));
    void* window = windows_.back().get();
    const uc_err error = uc_mmio_map(engine_of(uc_), physical, size, Hooks::device_read, window,
                                     Hooks::device_write, window);
    if (error != UC_ERR_OK)
        return failure("map device", error);
    return {};
}

RunExit Engine::run() {
    left_ = false;
    refused_ = false;
    if (!stops_.empty() && at_stop())
        return RunExit::AtStop;
    AccessWindow::current = window_.get();
    uc_err error = UC_ERR_OK;
    do {
        if (room_due_ || (inline_count_ && inline_count_->full()))
            forget_blocks();
        error = uc_emu_start(engine_of(uc_), pc(), 0, 0, 0);
    } while (room_due_ && error == UC_ERR_OK && !left_);
    AccessWindow::current = nullptr;
    const bool looked_up_stop = error == UC_ERR_EXCEPTION && !refused_ && !stops_.empty();
    const bool ended = error == UC_ERR_OK || looked_up_stop;
    if (ended && !left_ && at_stop())
        return RunExit::AtStop;
    if (ended)
        return left_ ? RunExit::Left : RunExit::WaitForInterrupt;
    if (error == UC_ERR_EXCEPTION && refused_)
        return RunExit::Refused;
    message_ = uc_strerror(error);
    return RunExit::Broken;
}

bool Engine::at_stop() const {
    return std::find(stops_.begin(), stops_.end(), pc()) != stops_.end();
}

void Engine::set_stops(std::vector<u64> addresses) {
    if (addresses == stops_)
        return;
    stops_ = std::move(addresses);
    uc_ctl_set_exits(engine_of(uc_), stops_.data(), stops_.size());
    forget_blocks();
}

void Engine::forget_blocks() {
    uc_ctl_flush_tb(engine_of(uc_));
    room_due_ = false;
    if (inline_count_)
        inline_count_->clear();
}

void Engine::make_room() {
    room_due_ = true;
    uc_emu_stop(engine_of(uc_));
}

void Engine::leave() {
    left_ = true;
    uc_emu_stop(engine_of(uc_));
}

bool Engine::admit(u64 pc) {
    if (!left_ && host_.at_boundary(pc))
        return true;
    leave();
    return false;
}

void Engine::flush_grants() {
    uc_ctl_flush_tlb(engine_of(uc_));
    if (window_)
        window_->forget_all();
}

// Performs the engine's own TLBI by address, which reaches one of its pages.
void Engine::flush_page(u64 va) {
    constexpr u64 kPage = (u64{1} << 44) - 1; // Xt[43:0]: VA[55:12]
    set_system_register(kTlbiVae1, va >> 12 & kPage);
    if (window_)
        window_->forget_page(va);
}

void Engine::forget_code(u64 physical, u64 size) {
    const u64 start = kPhysicalWindow | physical;
    uc_ctl_remove_cache(engine_of(uc_), start, start + size);
}

u64 Engine::pc() const {
    return read(uc_, UC_ARM64_REG_PC);
}

void Engine::set_pc(u64 value) {
    write(uc_, UC_ARM64_REG_PC, value);
}

u64 Engine::x(unsigned index) const {
    return read(uc_, x_register(index));
}

void Engine::set_x(unsigned index, u64 value) {
    write(uc_, x_register(index), value);
}

u64 Engine::sp() const {
    return read(uc_, UC_ARM64_REG_SP);
}

u64 Engine::pstate() const {
    return read(uc_, UC_ARM64_REG_PSTATE);
}

u64 Engine::system_register(SystemEncoding encoding) const {
    uc_arm64_cp_reg name = unpack(encoding);
    uc_reg_read(engine_of(uc_), UC_ARM64_REG_CP_REG, &name);
    return name.val;
}

void Engine::set_system_register(SystemEncoding encoding, u64 value) {
    uc_arm64_cp_reg name = unpack(encoding);
    name.val = value;
    uc_reg_write(engine_of(uc_), UC_ARM64_REG_CP_REG, &name);
}

void Engine::enter_exception(const Entry& entry) {
    write(uc_, UC_ARM64_REG_ELR_EL1, entry.elr);
    if ((entry.spsr & kUsesOwnSp) == 0) {
        write(uc_, UC_ARM64_REG_SP_EL0, read(uc_, UC_ARM64_REG_SP));
        write(uc_, UC_ARM64_REG_SP, read(uc_, UC_ARM64_REG_SP_EL1));
    }
    write(uc_, UC_ARM64_REG_PSTATE, kEntryPstate | (entry.spsr & kFlags));
    // Writing a register by name also makes the engine look at PSTATE again.
    set_system_register(kSpsrEl1, entry.spsr);
    set_pc(read(uc_, UC_ARM64_REG_VBAR_EL1) + entry.vector);
}

void Engine::set_esr(u64 value) {
    write(uc_, UC_ARM64_REG_ESR_EL1, value);
}

void Engine::set_far(u64 value) {
    write(uc_, UC_ARM64_REG_FAR_EL1, value);
}

} // namespace forkscope
