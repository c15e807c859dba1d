#include "devices/pl031/pl031.hpp"

#include <array>
#include <cassert>

namespace forkscope {

namespace {

// DDI 0224C 3.3.5 to 3.3.8: one interrupt, bit 0 in all four registers.
constexpr u32 kInterrupt = 1;

// RTCPeriphID0-3 and RTCPCellID0-3, DDI 0224C 3.3.9 and 3.3.10
constexpr std::array<u8, 8> kIdentification{0x31, 0x10, 0x14, 0x00, 0x0d, 0xf0, 0x05, 0xb1};

} // namespace

// DDI 0224C table 3-1
const RegisterTable<Pl031>& Pl031::registers() {
    using enum RegisterAccess;
    static constexpr std::array<Register<Pl031>, 9> kEntries{{
        {.offset = 0x000, .name = "RTCDR", .access = ReadOnly, .on_read = &Pl031::read_data},
        {.offset = 0x004,
         .name = "RTCMR",
         .storage = &State::match,
         .on_write = &Pl031::write_match},
        {.offset = 0x008, .name = "RTCLR", .storage = &State::load, .on_write = &Pl031::write_load},
        // The counter can't be stopped: RTCCR reads as one once it has been started,
        // which here is at reset.
        {.offset = 0x00c, .name = "RTCCR", .access = ReadOnly, .reset = 1, .mask = 1},
        {.offset = 0x010,
         .name = "RTCIMSC",
         .mask = kInterrupt,
         .storage = &State::mask,
         .on_write = &Pl031::write_mask},
        {.offset = 0x014, .name = "RTCRIS", .access = ReadOnly, .storage = &State::raw_interrupt},
        {.offset = 0x018,
         .name = "RTCMIS",
         .access = ReadOnly,
         .on_read = &Pl031::read_masked_interrupt},
        {.offset = 0x01c,
         .name = "RTCICR",
         .access = WriteOnly,
         .mask = kInterrupt,
         .on_write = &Pl031::clear_interrupt},
        {.offset = 0xfe0,
         .name = "RTCPeriphID0-3, RTCPCellID0-3",
         .access = ReadOnly,
         .count = kIdentification.size(),
         .on_read = &Pl031::read_identification},
    }};
    static constexpr RegisterTable<Pl031> kTable{kEntries};
    return kTable;
}

Pl031::Pl031(Clock& clock, IrqLine& irq, u64 cpu_hz, u32 epoch)
    : clock_(clock), irq_(irq), cpu_hz_(cpu_hz), epoch_(epoch) {
    assert(cpu_hz > 0);
    state_.offset = epoch;
}

u64 Pl031::read(u64 offset, unsigned size) {
    return registers().read(*this, offset, size);
}

void Pl031::write(u64 offset, unsigned size, u64 value) {
    registers().write(*this, offset, size, value);
}

u64 Pl031::seconds_since_reset() const {
    return clock_.now() / cpu_hz_;
}

u32 Pl031::read_data(u32) {
    return state_.offset + static_cast<u32>(seconds_since_reset());
}

void Pl031::write_match(u32, u32 value) {
    state_.match = value;
    schedule();
}

void Pl031::write_load(u32, u32 value) {
    state_.load = value;
    state_.offset = value - static_cast<u32>(seconds_since_reset());
    schedule();
}

void Pl031::write_mask(u32, u32 value) {
    state_.mask = value;
    update();
}

u32 Pl031::read_masked_interrupt(u32) {
    return state_.raw_interrupt & state_.mask;
}

void Pl031::clear_interrupt(u32, u32 value) {
    state_.raw_interrupt &= ~value;
    update();
}

u32 Pl031::read_identification(u32 index) {
    return kIdentification[index];
}

void Pl031::on_deadline() {
    if (clock_.now() >= state_.match_due) {
        state_.match_due = Clock::kNever;
        state_.raw_interrupt = kInterrupt;
        update();
    }
}

// RTCRIS is set when RTCDR comes to equal RTCMR, which is at once if it does
// so now. Like QEMU's, the comparator starts with the first write to RTCMR or
// RTCLR.
void Pl031::schedule() {
    const u64 seconds = seconds_since_reset();
    const u32 ticks = state_.match - (state_.offset + static_cast<u32>(seconds));
    if (ticks == 0) {
        state_.match_due = Clock::kNever;
        state_.raw_interrupt = kInterrupt;
        update();
    } else {
        state_.match_due = (seconds + ticks) * cpu_hz_;
    }
    clock_.request(state_.match_due);
}

void Pl031::update() {
    irq_.set((state_.raw_interrupt & state_.mask) != 0);
}

void Pl031::reset() {
    state_ = State{};
    state_.offset = epoch_;
    registers().reset(state_);
    clock_.request(Clock::kNever);
    update();
}

} // namespace forkscope
