// Reads kernel images, programs and RAM disks, places them in RAM, and refuses
// bad ones with one line that names the file.
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
    std::vector<Segment> segments; // in ascending order, at least one
    u64 entry = 0;                 // physical

    // First address after the image and its zeroed memory.
    [[nodiscard]] u64 end() const { return segments.back().address + segments.back().size; }
};

// A whole regular file, which must fit into a RAM of `ram_bytes`.
Result<std::vector<u8>> read_file(const std::filesystem::path& path, u64 ram_bytes);

// Recognises the format and places the image in a RAM of `ram_bytes` at
// kRamBase. `name` is for messages.
Result<KernelImage> load_kernel(const std::string& name, std::vector<u8> file, u64 ram_bytes);

// arm64 Image: at a 2 MiB boundary plus its text_offset, which is RAM's first
// but for images that would then lie at its very start, as on QEMU's board.
// Linux, Documentation/arch/arm64/booting.rst, "Call the kernel image".
Result<KernelImage> load_arm64_image(const std::string& name, std::vector<u8> file, u64 ram_bytes);

// ELF64: segments where p_paddr says. A position-independent image whose
// addresses are not in RAM is moved to the second 2 MiB of RAM as one piece.
Result<KernelImage> load_elf_kernel(const std::string& name, std::span<const u8> file,
                                    u64 ram_bytes);

// Checks that `file` is a static AArch64 program at fixed addresses.
Result<void> check_program(const std::string& name, std::span<const u8> file);

// Checks that `file` is one or more newc archives (cpio(5)), each at a multiple
// of 4 bytes; where `may_be_compressed`, a compressed archive may be or follow them.
Result<void> check_initrd(const std::string& name, std::span<const u8> file,
                          bool may_be_compressed);

// A newc archive with job/program (mode 755) and job/argv (NUL-terminated
// strings), which init runs as its only job. argv[0] is the program's name; it
// becomes /job/NAME, which the archive makes a link to the program.
std::vector<u8> make_job_archive(std::span<const u8> program, const std::vector<std::string>& argv);

// Reads the files that `config` names and lays out RAM. The bundled kernel and
// initrd have been filled in by the caller.
Result<BootPlan> plan_boot(const Config& config);

} // namespace forkscope
