// Reads kernel images, programs and RAM disks, and refuses bad ones with one
// line that names the file.
#pragma once

#include "base/result.hpp"
#include "config/config.hpp"
#include "machine/boot.hpp"

#include <filesystem>
#include <span>

namespace forkscope {

enum class ImageFormat { Arm64Image, Elf64, Flat };

struct KernelImage {
    ImageFormat format = ImageFormat::Flat;
    std::vector<Segment> segments; // in ascending order
    u64 entry = 0;                 // physical

    // First address after the image and its zeroed memory.
    [[nodiscard]] u64 end() const;
};

// A whole file.
Result<std::vector<u8>> read_file(const std::filesystem::path& path);

// Recognises the format and places the image in a RAM of `ram_bytes` at
// kRamBase: arm64 Image at a 2 MiB boundary + text_offset, ELF64 where its program
// headers say (p_paddr), anything else at kRamBase + 0x80000. `name` is for messages.
Result<KernelImage> load_kernel(const std::string& name, std::vector<u8> file, u64 ram_bytes);

// Checks that `file` is one or more newc archives, each padded to 4 bytes.
Result<void> check_initrd(const std::string& name, std::span<const u8> file);

// Checks that `file` is a static AArch64 program.
Result<void> check_program(const std::string& name, std::span<const u8> file);

// A newc archive with /job/program and /job/argv (NUL-terminated strings).
std::vector<u8> make_job_archive(std::span<const u8> program, const std::vector<std::string>& argv);

// Reads all files that `config` names and lays out RAM.
Result<BootPlan> plan_boot(const Config& config);

} // namespace forkscope
