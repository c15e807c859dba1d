#include "engine/page_size.hpp"

#include <cstring>
#include <malloc.h>
#include <optional>
#include <vector>

namespace forkscope {

namespace {

constexpr unsigned kPageBits = 12;

using Image = std::vector<unsigned char>;

// The engine's own structure, byte by byte. It comes from malloc.
Image image_of(uc_engine* uc) {
    Image image(malloc_usable_size(uc));
    std::memcpy(image.data(), uc, image.size());
    return image;
}

// Where the structure has the log2 of the page size: the one byte that
// uc_ctl_set_page_size changes in an engine that lets it.
std::optional<std::size_t> page_bits_offset() {
    uc_engine* arm = nullptr;
    if (uc_open(UC_ARCH_ARM, UC_MODE_ARM, &arm) != UC_ERR_OK)
        return std::nullopt;
    const Image before = image_of(arm);
    const bool set = uc_ctl_set_page_size(arm, 4096) == UC_ERR_OK;
    const Image after = image_of(arm);
    uc_close(arm);

    std::optional<std::size_t> offset;
    for (std::size_t i = 0; set && i < before.size(); ++i) {
        if (before[i] == after[i])
            continue;
        // 2.1.1 counts one too many.
        if (offset || before[i] != 0 || after[i] < kPageBits || after[i] > kPageBits + 1)
            return std::nullopt;
        offset = i;
    }
    return offset;
}

} // namespace

void ask_for_4k_pages(uc_engine* uc) {
    unsigned major = 0, minor = 0;
    uc_version(&major, &minor);
    if (uc_ctl_set_page_size(uc, 4096) == UC_ERR_OK || major != 2 || minor != 1)
        return;
    const std::optional<std::size_t> offset = page_bits_offset();
    if (offset && *offset < malloc_usable_size(uc))
        reinterpret_cast<unsigned char*>(uc)[*offset] = kPageBits;
}

} // namespace forkscope
