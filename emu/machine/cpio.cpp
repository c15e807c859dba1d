// newc archives, the form of an initial RAM disk. cpio(5), "New ASCII Format";
// Linux, Documentation/driver-api/early-userspace/buffer-format.rst.
#include "base/text.hpp"
#include "machine/bytes.hpp"
#include "machine/loader.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>
#include <string_view>

namespace forkscope {

namespace {

constexpr u64 kHeader = 110; // magic and 13 fields of 8 hexadecimal digits
constexpr std::string_view kTrailer = "TRAILER!!!";

// Fields by number after the magic.
constexpr unsigned kFileSize = 6;
constexpr unsigned kNameSize = 11;

bool begins(std::span<const u8> bytes, std::string_view magic) {
    return bytes.size() >= magic.size() &&
           std::memcmp(bytes.data(), magic.data(), magic.size()) == 0;
}

bool is_header(std::span<const u8> bytes) {
    return begins(bytes, "070701") || begins(bytes, "070702");
}

// What Linux can unpack: gzip, bzip2, LZMA, xz, LZO, LZ4, Zstandard.
bool is_compressed(std::span<const u8> bytes) {
    using namespace std::string_view_literals;
    constexpr std::array magics = {"\x1f\x8b"sv,
                                   "BZh"sv,
                                   "\x5d\x00\x00"sv,
                                   "\xfd"
                                   "7zXZ"sv,
                                   "\x89LZO"sv,
                                   "\x02\x21\x4c\x18"sv,
                                   "\x28\xb5\x2f\xfd"sv};
    return std::any_of(magics.begin(), magics.end(),
                       [bytes](std::string_view magic) { return begins(bytes, magic); });
}

std::optional<u64> field(std::span<const u8> header, unsigned number) {
    u64 value = 0;
    for (u64 i = 0; i < 8; ++i) {
        const char c = static_cast<char>(header[6 + 8 * u64{number} + i]);
        const auto digit = std::string_view("0123456789abcdef").find(static_cast<char>(c | 0x20));
        if (digit == std::string_view::npos) {
            return std::nullopt;
        }
        value = value * 16 + digit;
    }
    return value;
}

// Steps over the member at `offset`; sets `last` if it is the trailer.
Result<u64> next_member(const std::string& what, std::span<const u8> file, u64 offset, bool& last) {
    const auto truncated = [&] {
        return Error{what + " is truncated: the member at byte " + grouped(offset) +
                     " ends beyond the end of the file"};
    };
    if (!holds(file, offset, kHeader)) {
        return truncated();
    }
    const auto header = file.subspan(offset, kHeader);
    const auto file_size = field(header, kFileSize);
    const auto name_size = field(header, kNameSize);
    if (!is_header(header) || !file_size || !name_size || *name_size == 0) {
        return Error{what + " is damaged: no newc header at byte " + grouped(offset)};
    }
    const u64 data = align_up(offset + kHeader + *name_size, 4);
    if (!holds(file, offset + kHeader, *name_size) ||
        (*file_size != 0 && !holds(file, data, *file_size))) {
        return truncated();
    }
    last = begins(file.subspan(offset + kHeader, *name_size - 1), kTrailer);
    return std::min<u64>(align_up(data + *file_size, 4), file.size());
}

// Steps over the archive at `offset` and the zero bytes after it.
Result<u64> next_archive(const std::string& what, std::span<const u8> file, u64 offset) {
    for (bool last = false; !last;) {
        const Result<u64> next = next_member(what, file, offset, last);
        if (!next) {
            return next;
        }
        offset = *next;
    }
    while (offset < file.size() && file[offset] == 0) {
        ++offset;
    }
    return offset;
}

std::span<const u8> bytes_of(std::string_view text) {
    return {reinterpret_cast<const u8*>(text.data()), text.size()};
}

// Appends members to an archive.
class ArchiveWriter {
public:
    void add(std::string_view name, u32 mode, std::span<const u8> content) {
        char header[kHeader + 1];
        std::snprintf(header, sizeof header,
                      "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x", next_inode_++,
                      mode, 0u, 0u, 1u, 0u, static_cast<unsigned>(content.size()), 0u, 0u, 0u, 0u,
                      static_cast<unsigned>(name.size() + 1), 0u);
        bytes_.insert(bytes_.end(), header, header + kHeader);
        bytes_.insert(bytes_.end(), name.begin(), name.end());
        bytes_.push_back(0);
        pad();
        bytes_.insert(bytes_.end(), content.begin(), content.end());
        pad();
    }

    std::vector<u8> finish() {
        add(kTrailer, 0, {});
        return std::move(bytes_);
    }

private:
    void pad() { bytes_.resize(align_up(bytes_.size(), 4)); }

    std::vector<u8> bytes_;
    u32 next_inode_ = 1;
};

} // namespace

Result<void> check_initrd(const std::string& name, std::span<const u8> file,
                          bool may_be_compressed) {
    const std::string what = name + ": initrd";
    if (file.empty()) {
        return Error{what + " is empty"};
    }
    for (u64 offset = 0; offset < file.size();) {
        const auto rest = file.subspan(offset);
        if (is_compressed(rest)) {
            if (may_be_compressed) {
                return {};
            }
            return Error{what +
                         " is compressed; a program can only be added to a plain newc archive"};
        }
        if (!is_header(rest.first(std::min<std::size_t>(rest.size(), 6)))) {
            return Error{what + (offset == 0
                                     ? " is not a newc cpio archive"
                                     : " is damaged: no newc header at byte " + grouped(offset))};
        }
        if (offset % 4 != 0) {
            return Error{what + " is damaged: an archive begins at byte " + grouped(offset) +
                         ", which is not a multiple of 4"};
        }
        const Result<u64> next = next_archive(what, file, offset);
        if (!next) {
            return next.error();
        }
        offset = *next;
    }
    return {};
}

std::vector<u8> make_job_archive(std::span<const u8> program,
                                 const std::vector<std::string>& argv) {
    // Its own name leads to the program, so that it can execute itself by argv[0].
    const bool taken = argv[0] == "program" || argv[0] == "argv";
    const std::string link = taken ? "" : "job/" + argv[0];
    std::string strings = taken ? "/job/program" : "/" + link;
    strings.push_back('\0');
    for (const std::string& argument : std::span(argv).subspan(1)) {
        strings += argument;
        strings.push_back('\0');
    }
    ArchiveWriter archive;
    archive.add("job", 0040755, {});
    archive.add("job/program", 0100755, program);
    if (!taken)
        archive.add(link, 0120777, bytes_of("program"));
    archive.add("job/argv", 0100644, bytes_of(strings));
    return archive.finish();
}

} // namespace forkscope
