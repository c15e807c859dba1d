// Kernel images that are not ELF.
#include "base/text.hpp"
#include "machine/bytes.hpp"
#include "machine/loader.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>

namespace forkscope {

namespace {

constexpr u64 kBlock = u64{2} << 20;
constexpr u64 kFlatOffset = 0x8'0000;

// Linux, Documentation/arch/arm64/booting.rst, "Call the kernel image".
struct Arm64Header {
    u32 code0;
    u32 code1;
    u64 text_offset; // from a 2 MiB boundary
    u64 image_size;  // bytes of memory; 0 in kernels before 3.17
    u64 flags;
    u64 file_size;      // reserved in the protocol; see kFileSizeMark
    u64 file_size_mark; // reserved in the protocol
    u64 reserved;
    u32 magic;
    u32 pe_offset;
};
static_assert(sizeof(Arm64Header) == 64);

constexpr u32 kArm64Magic = 0x644d'5241; // "ARM\x64"

// The protocol has no word for the bytes that the file should have. The bundled
// kernel puts that number in a reserved word, and this mark in the next, so that a
// file that was cut off is seen.
constexpr u64 kFileSizeMark = 0x455a'4953'4353'4b46; // "FKSCSIZE"

bool is_arm64_image(std::span<const u8> file) {
    return file.size() >= sizeof(Arm64Header) && load_at<Arm64Header>(file, 0).magic == kArm64Magic;
}

Error truncated(const std::string& name, u64 expected, u64 actual) {
    return {name + ": kernel image is truncated: " + grouped(expected) + " bytes expected, " +
            grouped(actual) + " in the file"};
}

// An image that can also be started by EFI is a PE file, whose sections tell
// the machine and how long the file is. Microsoft, PE Format.
Result<void> check_pe(const std::string& name, std::span<const u8> file, u64 offset) {
    constexpr u64 kCoffHeader = 24; // signature included
    constexpr u64 kSectionHeader = 40;
    constexpr u16 kMachineArm64 = 0xaa64;
    if (!holds(file, offset, kCoffHeader)) {
        return truncated(name, offset + kCoffHeader, file.size());
    }
    if (load_at<u32>(file, offset) != 0x4550) { // "PE\0\0"
        return {};
    }
    if (load_at<u16>(file, offset + 4) != kMachineArm64) {
        return Error{name + ": kernel image is not for AArch64: PE machine " +
                     hex(load_at<u16>(file, offset + 4))};
    }
    const u64 count = load_at<u16>(file, offset + 6);
    const u64 table = offset + kCoffHeader + load_at<u16>(file, offset + 20);
    if (!holds(file, table, count * kSectionHeader)) {
        return truncated(name, table + count * kSectionHeader, file.size());
    }
    for (u64 i = 0; i < count; ++i) {
        const u64 section = table + i * kSectionHeader;
        const u64 size = load_at<u32>(file, section + 16);
        const u64 start = load_at<u32>(file, section + 20);
        if (!holds(file, start, size)) {
            return truncated(name, start + size, file.size());
        }
    }
    return {};
}

Result<void> check_arm64_header(const std::string& name, std::span<const u8> file) {
    const auto header = load_at<Arm64Header>(file, 0);
    if ((header.flags & 1) != 0) {
        return Error{name + ": kernel image is big-endian; this machine is little-endian"};
    }
    const u64 page_size = (header.flags >> 1) & 3;
    if (page_size > 1) {
        return Error{name + ": kernel image wants " + (page_size == 2 ? "16" : "64") +
                     " KiB pages; this machine has 4 KiB pages only"};
    }
    if (header.file_size_mark == kFileSizeMark && file.size() < header.file_size) {
        return truncated(name, header.file_size, file.size());
    }
    if ((header.code0 & 0xffff) == 0x5a4d) { // "MZ"
        return check_pe(name, file, header.pe_offset);
    }
    return {};
}

// `file` as one segment at `address` that takes `size` bytes of memory.
Result<KernelImage> one_segment(const std::string& name, ImageFormat format, std::vector<u8> file,
                                u64 address, u64 size, u64 ram_bytes) {
    if (address - kRamBase >= ram_bytes || size > ram_bytes - (address - kRamBase)) {
        return Error{name + ": kernel image is too large for RAM: " + grouped(size) + " bytes at " +
                     hex(address) + ", RAM ends at " + hex(kRamBase + ram_bytes)};
    }
    KernelImage image;
    image.format = format;
    image.entry = address;
    image.segments.push_back({address, std::move(file), size});
    return image;
}

// What a file that is no image for this machine may be, or "".
std::string foreign_format(std::span<const u8> file) {
    const auto begins = [file](std::initializer_list<u8> magic) {
        return file.size() >= magic.size() && std::equal(magic.begin(), magic.end(), file.begin());
    };
    if (begins({0x1f, 0x8b})) {
        return "is compressed by gzip; decompress it first";
    }
    if (begins({0xfd, '7', 'z', 'X', 'Z'}) || begins({0x28, 0xb5, 0x2f, 0xfd})) {
        return "is compressed; decompress it first";
    }
    if (begins({'M', 'Z'})) {
        return "is not AArch64: a PE file without the arm64 Image header";
    }
    if (file.size() < 4) {
        return "is truncated: " + byte_size(file.size()) + ", less than one instruction";
    }
    return "";
}

} // namespace

Result<KernelImage> load_arm64_image(const std::string& name, std::vector<u8> file, u64 ram_bytes) {
    if (Result<void> checked = check_arm64_header(name, file); !checked) {
        return checked.error();
    }
    const auto header = load_at<Arm64Header>(file, 0);
    const bool old = header.image_size == 0;
    u64 offset = old ? kFlatOffset : header.text_offset;
    if (offset < 4096) {
        offset += kBlock;
    }
    if (offset >= ram_bytes) {
        return Error{name + ": kernel image is too large for RAM: text offset " + hex(offset) +
                     " in " + byte_size(ram_bytes)};
    }
    const u64 size = old ? file.size() : std::max<u64>(header.image_size, file.size());
    return one_segment(name, ImageFormat::Arm64Image, std::move(file), kRamBase + offset, size,
                       ram_bytes);
}

Result<KernelImage> load_kernel(const std::string& name, std::vector<u8> file, u64 ram_bytes) {
    if (is_arm64_image(file)) {
        return load_arm64_image(name, std::move(file), ram_bytes);
    }
    constexpr std::array<u8, 4> kElfMagic = {0x7f, 'E', 'L', 'F'};
    if (file.size() >= 4 && std::equal(kElfMagic.begin(), kElfMagic.end(), file.begin())) {
        return load_elf_kernel(name, file, ram_bytes);
    }
    if (const std::string what = foreign_format(file); !what.empty()) {
        return Error{name + ": kernel image " + what};
    }
    const u64 size = file.size();
    return one_segment(name, ImageFormat::Flat, std::move(file), kRamBase + kFlatOffset, size,
                       ram_bytes);
}

} // namespace forkscope
