// What turns the guest's output, probes and interrupt acknowledgements into
// events.
#pragma once

#include "cpu/cpu.hpp"
#include "devices/console.hpp"
#include "devices/gicv2/gicv2.hpp"
#include "devices/probe/probe.hpp"

#include <string>

namespace forkscope {

// Passes the console's bytes on and reports each finished line.
class ConsoleRecorder final : public ConsoleSink {
public:
    static constexpr std::size_t kLongestLine = 4096; // bytes; longer ones are reported in parts

    ConsoleRecorder(Reporter& reporter, ConsoleSink* output)
        : reporter_(reporter), output_(output) {}

    // Before the first byte.
    void connect(const Cpu& cpu) { cpu_ = &cpu; }
    void put(u8 byte) override;
    // Reports a line that has not been ended.
    void flush();

private:
    Reporter& reporter_;
    ConsoleSink* output_;
    const Cpu* cpu_ = nullptr;
    std::string line_;
};

// Reports the kernel's probes, and keeps what concerns the run.
class ProbeRecorder final : public ProbeSink {
public:
    explicit ProbeRecorder(Reporter& reporter) : reporter_(reporter) {}

    void connect(Cpu& cpu) { cpu_ = &cpu; }
    void on_probe(const abi::ProbeRecord& record) override;
    void on_malformed(u32 doorbell, u32 id) override;

    [[nodiscard]] u64 guest_status() const { return guest_status_; }
    [[nodiscard]] bool panicked() const { return panicked_; }

private:
    Reporter& reporter_;
    Cpu* cpu_ = nullptr;
    u64 guest_status_ = 0;
    bool panicked_ = false;
};

// Tells the CPU which interrupt it has acknowledged.
class AcknowledgeRecorder final : public InterruptObserver {
public:
    void connect(Cpu& cpu) { cpu_ = &cpu; }
    void on_acknowledge(unsigned, u32 intid) override { cpu_->note_acknowledge(intid); }

private:
    Cpu* cpu_ = nullptr;
};

} // namespace forkscope
