#include "bus/physical_map.hpp"

#include <algorithm>
#include <cassert>

#include <sys/mman.h>

namespace forkscope {

namespace {

bool is_access_size(unsigned size) {
    return size == 1 || size == 2 || size == 4 || size == 8;
}

u64 load_little_endian(const u8* from, unsigned size) {
    u64 value = 0;
    for (unsigned i = 0; i < size; i++) {
        value |= u64{from[i]} << (8 * i);
    }
    return value;
}

void store_little_endian(u8* to, unsigned size, u64 value) {
    for (unsigned i = 0; i < size; i++) {
        to[i] = static_cast<u8>(value >> (8 * i));
    }
}

} // namespace

PhysicalMap::~PhysicalMap() {
    for (const Region& region : regions_) {
        if (region.host != nullptr) {
            munmap(region.host, region.size);
        }
    }
}

bool PhysicalMap::add_ram(u64 base, u64 size) {
    return add_memory(RegionKind::Ram, base, size, "ram") != nullptr;
}

bool PhysicalMap::add_rom(u64 base, u64 size, std::span<const u8> contents) {
    assert(contents.size() <= size);
    u8* host = add_memory(RegionKind::Rom, base, size, "rom");
    if (host == nullptr) {
        return false;
    }
    std::copy(contents.begin(), contents.end(), host);
    return true;
}

void PhysicalMap::add_device(u64 base, u64 size, Device& device, std::string_view name) {
    insert({RegionKind::Device, base, size, std::string(name), nullptr, &device});
}

u8* PhysicalMap::add_memory(RegionKind kind, u64 base, u64 size, std::string_view name) {
    assert(base % kPageSize == 0 && size % kPageSize == 0);
    void* host = mmap(nullptr, size, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (host == MAP_FAILED) {
        return nullptr;
    }
    insert({kind, base, size, std::string(name), static_cast<u8*>(host), nullptr});
    return static_cast<u8*>(host);
}

void PhysicalMap::insert(Region region) {
    assert(region.size > 0 && region.base <= ~u64{0} - (region.size - 1));
    const auto next =
        std::upper_bound(regions_.begin(), regions_.end(), region.base,
                         [](u64 base, const Region& other) { return base < other.base; });
    assert(next == regions_.end() || region.base + (region.size - 1) < next->base);
    assert(next == regions_.begin() || !std::prev(next)->contains(region.base, 1));
    regions_.insert(next, std::move(region));
}

const Region* PhysicalMap::find(u64 physical) const {
    const auto next =
        std::upper_bound(regions_.begin(), regions_.end(), physical,
                         [](u64 address, const Region& region) { return address < region.base; });
    if (next == regions_.begin() || !std::prev(next)->contains(physical, 1)) {
        return nullptr;
    }
    return &*std::prev(next);
}

u8* PhysicalMap::ram(u64 physical, u64 size) const {
    const Region* region = find(physical);
    if (region == nullptr || region->kind != RegionKind::Ram || !region->contains(physical, size)) {
        return nullptr;
    }
    return region->host + (physical - region->base);
}

BusStatus PhysicalMap::read(u64 physical, unsigned size, u64& value) {
    value = 0;
    const Region* region = find(physical);
    if (region == nullptr || !is_access_size(size) || !region->contains(physical, size)) {
        return BusStatus::NotBacked;
    }
    const u64 offset = physical - region->base;
    if (region->kind == RegionKind::Device) {
        value = region->device->read(offset, size);
    } else {
        value = load_little_endian(region->host + offset, size);
    }
    return BusStatus::Ok;
}

BusStatus PhysicalMap::write(u64 physical, unsigned size, u64 value) {
    const Region* region = find(physical);
    if (region == nullptr || !is_access_size(size) || !region->contains(physical, size)) {
        return BusStatus::NotBacked;
    }
    const u64 offset = physical - region->base;
    switch (region->kind) {
    case RegionKind::Rom:
        return BusStatus::NotWritable;
    case RegionKind::Device:
        region->device->write(offset, size, value);
        return BusStatus::Ok;
    case RegionKind::Ram:
        store_little_endian(region->host + offset, size, value);
        return BusStatus::Ok;
    }
    return BusStatus::NotBacked;
}

bool PhysicalMap::read(u64 physical, std::span<u8> out) const {
    const u8* from = ram(physical, out.size());
    if (from == nullptr) {
        return false;
    }
    std::copy_n(from, out.size(), out.begin());
    return true;
}

bool PhysicalMap::write(u64 physical, std::span<const u8> in) {
    u8* to = ram(physical, in.size());
    if (to == nullptr) {
        return false;
    }
    std::copy(in.begin(), in.end(), to);
    return true;
}

} // namespace forkscope
