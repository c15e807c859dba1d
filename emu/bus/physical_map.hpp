// The physical address space: RAM, ROM and device windows, and what an access
// to each comes to.
#pragma once

#include "devices/device.hpp"

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace forkscope {

// How an access ended. All but Ok are synchronous external aborts to the CPU.
enum class BusStatus : u8 {
    Ok,
    NotBacked,   // no region holds all of the bytes, or the size is not 1, 2, 4 or 8
    NotWritable, // a write to ROM
};

enum class RegionKind : u8 { Ram, Rom, Device };

// A run of physical addresses. RAM and ROM begin and end at multiples of 4 KiB.
struct Region {
    RegionKind kind;
    u64 base;
    u64 size;
    std::string name;
    u8* host = nullptr;       // RAM and ROM: the host's copy of the bytes
    Device* device = nullptr; // device windows

    [[nodiscard]] bool contains(u64 physical, u64 bytes) const {
        return physical >= base && bytes <= size && physical - base <= size - bytes;
    }
};

class PhysicalMap final : public GuestMemory {
public:
    static constexpr u64 kPageSize = 4096;

    PhysicalMap() = default;
    ~PhysicalMap() override;
    PhysicalMap(const PhysicalMap&) = delete;
    PhysicalMap& operator=(const PhysicalMap&) = delete;

    // Regions may not overlap: that is the machine's error, and asserted.
    // The memory is zeroed, page-aligned and stays where it is. False if the
    // host has not got it.
    [[nodiscard]] bool add_ram(u64 base, u64 size);
    // As add_ram; begins with `contents`, the rest is zero.
    [[nodiscard]] bool add_rom(u64 base, u64 size, std::span<const u8> contents);
    void add_device(u64 base, u64 size, Device& device, std::string_view name);

    // One access of the CPU. Bytes in memory order; a value's unused high bits
    // are zero when read and ignored when written.
    [[nodiscard]] BusStatus read(u64 physical, unsigned size, u64& value);
    [[nodiscard]] BusStatus write(u64 physical, unsigned size, u64 value);

    // The region that holds the byte, or nullptr.
    [[nodiscard]] const Region* find(u64 physical) const;
    // All regions, in ascending order.
    [[nodiscard]] std::span<const Region> regions() const { return regions_; }
    // The host's copy of `size` bytes of RAM, or nullptr if any is not RAM.
    [[nodiscard]] u8* ram(u64 physical, u64 size) const;

    // GuestMemory: RAM only.
    [[nodiscard]] bool read(u64 physical, std::span<u8> out) const override;
    [[nodiscard]] bool write(u64 physical, std::span<const u8> in) override;

private:
    [[nodiscard]] u8* add_memory(RegionKind kind, u64 base, u64 size, std::string_view name);
    void insert(Region region);

    std::vector<Region> regions_;
};

} // namespace forkscope
