// The probe device: the guest kernel rings its doorbell with the address of a
// record, the device hands the record on. guestos/abi/probe.hpp is its manual.
#pragma once

#include "abi/probe.hpp"
#include "devices/device.hpp"
#include "devices/register_table.hpp"

namespace forkscope {

// Receives what the guest's probes say. Must not change the machine.
class ProbeSink {
public:
    virtual ~ProbeSink() = default;
    // A record with at most kProbeMaxArgs arguments and a non-zero id; ids this
    // build has no name for are passed on.
    virtual void on_probe(const abi::ProbeRecord& record) = 0;
    // A doorbell whose record is not in RAM (id is then 0) or is not well formed.
    virtual void on_malformed(u32 doorbell, u32 id) = 0;
};

class ProbeDevice final : public Device {
public:
    static constexpr u64 kWindowSize = 0x1000;

    struct State {}; // every doorbell is answered at once; nothing stays

    ProbeDevice(const GuestMemory& memory, ProbeSink& sink) : memory_(memory), sink_(sink) {}

    [[nodiscard]] u64 read(u64 offset, unsigned size) override;
    void write(u64 offset, unsigned size, u64 value) override;
    void reset() override {}

private:
    friend class RegisterTable<ProbeDevice>;
    static const RegisterTable<ProbeDevice>& registers();

    void ring(u32, u32 doorbell);

    const GuestMemory& memory_;
    ProbeSink& sink_;
    State state_;
};

} // namespace forkscope
