#include "devices/probe/probe.hpp"

#include <array>
#include <cstring>

namespace forkscope {

const RegisterTable<ProbeDevice>& ProbeDevice::registers() {
    using enum RegisterAccess;
    using abi::ProbeRegister;
    static constexpr std::array<Register<ProbeDevice>, 3> kEntries{{
        {.offset = static_cast<u32>(ProbeRegister::Identification),
         .name = "IDENTIFICATION",
         .access = ReadOnly,
         .reset = abi::kProbeIdentification},
        {.offset = static_cast<u32>(ProbeRegister::Version),
         .name = "VERSION",
         .access = ReadOnly,
         .reset = abi::kProbeVersion},
        {.offset = static_cast<u32>(ProbeRegister::Doorbell),
         .name = "DOORBELL",
         .access = WriteOnly,
         .on_write = &ProbeDevice::ring},
    }};
    static constexpr RegisterTable<ProbeDevice> kTable{kEntries};
    return kTable;
}

u64 ProbeDevice::read(u64 offset, unsigned size) {
    return registers().read(*this, offset, size);
}

void ProbeDevice::write(u64 offset, unsigned size, u64 value) {
    registers().write(*this, offset, size, value);
}

void ProbeDevice::ring(u32, u32 doorbell) {
    std::array<u8, sizeof(abi::ProbeRecord)> bytes;
    if (!memory_.read(u64{doorbell} << 6, bytes)) {
        sink_.on_malformed(doorbell, 0);
        return;
    }
    abi::ProbeRecord record;
    std::memcpy(&record, bytes.data(), sizeof(record));
    if (record.id == 0 || record.count > abi::kProbeMaxArgs) {
        sink_.on_malformed(doorbell, record.id);
        return;
    }
    sink_.on_probe(record);
}

} // namespace forkscope
