#include "cpu/psci.hpp"

#include <algorithm>
#include <array>

namespace forkscope {

namespace {

// DEN 0022C 5.2.2. Bit 30 marks the SMC64 calling convention.
enum Function : u32 {
    kVersion = 0x8400'0000,
    kCpuOff = 0x8400'0002,
    kCpuOn32 = 0x8400'0003,
    kCpuOn64 = 0xc400'0003,
    kAffinityInfo32 = 0x8400'0004,
    kAffinityInfo64 = 0xc400'0004,
    kSystemOff = 0x8400'0008,
    kSystemReset = 0x8400'0009,
    kFeatures = 0x8400'000a,
};
constexpr std::array kFunctions = {kVersion,        kCpuOff,    kCpuOn32,     kCpuOn64, kAffinityInfo32,
                                   kAffinityInfo64, kSystemOff, kSystemReset, kFeatures};

// DEN 0022C 5.2.2, return codes: 32-bit values, sign-extended.
constexpr u64 kSuccess = 0;
constexpr u64 kNotSupported = ~u64{0};           // -1
constexpr u64 kInvalidParameters = ~u64{0} - 1;  // -2
constexpr u64 kAlreadyOn = ~u64{0} - 3;          // -4
constexpr u64 kOn = 0;                           // AFFINITY_INFO
constexpr u64 kVersion1_0 = 0x0001'0000;

PsciReply affinity_info(u64 target, u64 lowest_level, u64 self) {
    return {target == self && lowest_level == 0 ? kOn : kInvalidParameters};
}

PsciReply features(u64 function) {
    const bool known = std::ranges::find(kFunctions, static_cast<u32>(function)) != kFunctions.end();
    return {known ? kSuccess : kNotSupported};
}

} // namespace

PsciReply psci_call(u32 function, u64 x1, u64 x2, u64, u64 self) {
    switch (function) {
    case kVersion:
        return {kVersion1_0};
    case kCpuOff:
        return {kSuccess, PowerRequest::CpuOff};
    case kCpuOn32:
    case kCpuOn64:
        return {x1 == self ? kAlreadyOn : kInvalidParameters};
    case kAffinityInfo32:
    case kAffinityInfo64:
        return affinity_info(x1, x2, self);
    case kSystemOff:
        return {kSuccess, PowerRequest::PowerOff};
    case kSystemReset:
        return {kSuccess, PowerRequest::Reset};
    case kFeatures:
        return features(x1);
    default:
        return {kNotSupported};
    }
}

} // namespace forkscope
