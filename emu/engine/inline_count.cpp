#include "engine/inline_count.hpp"

#include <sys/mman.h>

#include <array>
#include <cstring>
#include <limits>

namespace forkscope {

namespace {

// Host code, to be placed at `at`. Opcodes: Intel 64 manual, volume 2.
class Assembler {
public:
    explicit Assembler(const u8* at) : at_(reinterpret_cast<u64>(at)) {}

    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] const u8* bytes() const { return bytes_.data(); }
    // False if an operand did not fit, or the code.
    [[nodiscard]] bool good() const { return good_; }

    void byte(u8 value) {
        good_ = good_ && size_ < bytes_.size();
        if (good_)
            bytes_[size_++] = value;
    }
    void bytes(std::initializer_list<u8> values) {
        for (const u8 value : values)
            byte(value);
    }
    void word(u64 value) { // 32 bits
        for (int shift = 0; shift < 32; shift += 8)
            byte(static_cast<u8>(value >> shift));
    }
    // A displacement from the end of an instruction that goes on for `rest` bytes.
    void relative(const void* target, std::size_t rest = 0) {
        const auto distance =
            static_cast<i64>(reinterpret_cast<u64>(target) - (at_ + size_ + 4 + rest));
        good_ = good_ && distance == static_cast<i32>(distance);
        word(static_cast<u64>(distance));
    }
    void zero_extended(u64 value) {
        good_ = good_ && value <= std::numeric_limits<u32>::max();
        word(value);
    }
    void sign_extended(u64 value) {
        good_ = good_ && static_cast<i64>(value) == static_cast<i32>(value);
        word(value);
    }

private:
    u64 at_;
    std::array<u8, 48> bytes_{};
    std::size_t size_ = 0;
    bool good_ = true;
};

// The ways to load RSI with a constant, as the engine's code generator chooses them.
enum class LoadForm : u8 { ZeroExtended, SignExtended, Whole };

LoadForm form_of(u64 value) {
    if (value <= std::numeric_limits<u32>::max())
        return LoadForm::ZeroExtended;
    return static_cast<i64>(value) == static_cast<i32>(value) ? LoadForm::SignExtended
                                                              : LoadForm::Whole;
}

void load_rsi(Assembler& code, u64 value) {
    switch (form_of(value)) {
    case LoadForm::ZeroExtended:
        code.byte(0xbe); // MOV ESI, imm32
        return code.word(value);
    case LoadForm::SignExtended:
        code.bytes({0x48, 0xc7, 0xc6}); // MOV RSI, imm32
        return code.word(value);
    case LoadForm::Whole:
        code.bytes({0x48, 0xbe}); // MOV RSI, imm64
        code.word(value);
        return code.word(value >> 32);
    }
}

struct Call {
    void* engine;
    u64 pc;
    u32 size;
    void* user;
};

void write_call(Assembler& code, const Call& call, const void* target) {
    code.byte(0xbf); // MOV EDI, imm32
    code.zero_extended(reinterpret_cast<u64>(call.engine));
    load_rsi(code, call.pc);
    code.byte(0xba); // MOV EDX, imm32
    code.word(call.size);
    code.byte(0xb9); // MOV ECX, imm32
    code.zero_extended(reinterpret_cast<u64>(call.user));
    code.byte(0xe8); // CALL rel32
    code.relative(target);
}

void write_count(Assembler& code, const BlockCounter::Cells& cells, u32 size, const Block* block,
                 const u8* stub) {
    const bool is_short = size <= 127;
    code.bytes({static_cast<u8>(is_short ? 0x83 : 0x81), 0x2d}); // SUB [RIP+disp32], imm
    code.relative(cells.left, is_short ? 1 : 4);
    if (is_short)
        code.byte(static_cast<u8>(size));
    else
        code.word(size);
    code.bytes({0x0f, 0x88}); // JS rel32
    code.relative(stub);
    code.bytes({0x48, 0xc7, 0x05}); // MOV qword [RIP+disp32], imm32
    code.relative(cells.inlined, 4);
    code.sign_extended(reinterpret_cast<u64>(block));
}

// What the engine's code generator makes of a call of the hook. It varies in length
// with the program counter only.
std::size_t call_size(u64 pc) {
    constexpr std::size_t kLoads[] = {5, 7, 10};
    return 4 * 5 + kLoads[static_cast<std::size_t>(form_of(pc))];
}

constexpr u8 kNop = 0x90;

} // namespace

InlineCount::~InlineCount() {
    if (stubs_ != nullptr)
        munmap(stubs_, kBlocks * sizeof(Stub));
}

bool InlineCount::open(const u8* near) {
    if (stubs_ != nullptr)
        return true;
    constexpr u64 kBelow = 64 << 20; // of the code buffer, which is smaller
    constexpr u64 kPage = 4096;
    void* wish = reinterpret_cast<void*>((reinterpret_cast<u64>(near) - kBelow) / kPage * kPage);
    void* got = mmap(wish, kBlocks * sizeof(Stub), PROT_READ | PROT_WRITE | PROT_EXEC,
                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (got == MAP_FAILED)
        return false;
    stubs_ = static_cast<Stub*>(got);
    return true;
}

bool InlineCount::take_over([[maybe_unused]] u8* after, [[maybe_unused]] u64 pc,
                            [[maybe_unused]] u32 size) {
#if defined(__x86_64__)
    const Call call{engine_, pc, size, user_};
    const std::size_t length = call_size(pc);
    u8* const site = after - length;
    Assembler expected(site);
    write_call(expected, call, reinterpret_cast<const void*>(hook_));
    if (!expected.good() || std::memcmp(site, expected.bytes(), length) != 0)
        return false;
    if (full() || !open(site))
        return false;
    Stub& stub = stubs_[used_];

    Assembler out_of_line(stub.code);
    write_call(out_of_line, call, reinterpret_cast<const void*>(slow_));
    out_of_line.byte(0xe9); // JMP rel32
    out_of_line.relative(after);

    Assembler in_line(site);
    write_count(in_line, counter_.cells(pc), size, &stub.block, stub.code);
    while (in_line.size() < length)
        in_line.byte(kNop);
    if (!in_line.good() || !out_of_line.good() || in_line.size() != length)
        return false;
    stub.block = {pc, size};
    std::memcpy(stub.code, out_of_line.bytes(), out_of_line.size());
    std::memcpy(site, in_line.bytes(), length);
    ++used_;
    return true;
#else
    return false;
#endif
}

void InlineCount::clear() {
    counter_.keep_block();
    used_ = 0;
}

} // namespace forkscope
