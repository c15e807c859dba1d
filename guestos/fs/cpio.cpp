#include "fs/cpio.hpp"

#include "sys/systm.hpp"

namespace {

// The header: a magic number and thirteen numbers of eight hexadecimal digits.
constexpr size_t kMagicSize = 6;
constexpr size_t kFieldSize = 8;
constexpr size_t kHeaderSize = kMagicSize + 13 * kFieldSize;

enum Field {
    kIno,
    kMode,
    kUid,
    kGid,
    kNlink,
    kMtime,
    kFileSize,
    kDevMajor,
    kDevMinor,
    kRdevMajor,
    kRdevMinor,
    kNameSize,
    kCheck,
};

constexpr u8 kNoDigit = 0xf0;
struct digit_values {
    u8 of[256];
};
constexpr digit_values make_digits() {
    digit_values digits{};
    for (unsigned c = 0; c < 256; c++) {
        const unsigned lower = c | 0x20;
        digits.of[c] = static_cast<u8>(c >= '0' && c <= '9'           ? c - '0'
                                       : lower >= 'a' && lower <= 'f' ? lower - 'a' + 10
                                                                      : kNoDigit);
    }
    return digits;
}
constexpr digit_values digits = make_digits();

// Eight digits. By table and without a branch: an archive has thirteen of these for
// each file, and all of them are read when the machine boots.
bool parse_hex(const u8* p, u32* value) {
    u32 number = 0;
    u32 seen = 0;
#pragma GCC unroll 8
    for (size_t i = 0; i < kFieldSize; i++) {
        const u32 digit = digits.of[p[i]];
        seen |= digit;
        number = number << 4 | digit;
    }
    *value = number;
    return (seen & kNoDigit) == 0;
}

// Leading "/", "./" and repetitions of them mean nothing in an archive.
void strip_prefix(cpio_entry* e) {
    for (;;) {
        size_t n = 0;
        if (e->namelen >= 1 && e->name[0] == '/') {
            n = 1;
        } else if (e->namelen >= 2 && e->name[0] == '.' && e->name[1] == '/') {
            n = 2;
        } else {
            return;
        }
        e->name += n;
        e->namelen -= n;
    }
}

} // namespace

// Between archives there may be zeros. True if something follows.
bool cpio_reader::skip_padding() {
    while (pos_ < end_ && *pos_ == 0) {
        pos_++;
    }
    return pos_ < end_;
}

cpio_status cpio_reader::read_entry(cpio_entry* e) {
    const auto left = static_cast<size_t>(end_ - pos_);
    if (left < kHeaderSize || memcmp(pos_, "070701", kMagicSize) != 0) {
        return cpio_status::Malformed;
    }
    u32 field[kCheck + 1];
    for (size_t i = 0; i <= kCheck; i++) {
        if (!parse_hex(pos_ + kMagicSize + i * kFieldSize, &field[i])) {
            return cpio_status::Malformed;
        }
    }
    // Name and data each end at a multiple of four from the archive's beginning.
    const auto at = static_cast<u64>(pos_ - begin_);
    const u64 name = at + kHeaderSize;
    const u64 data = (name + field[kNameSize] + 3) & ~u64{3};
    const u64 after = (data + field[kFileSize] + 3) & ~u64{3};
    const auto total = static_cast<u64>(end_ - begin_);
    if (field[kNameSize] == 0 || data > total || data + field[kFileSize] > total ||
        begin_[name + field[kNameSize] - 1] != '\0') {
        return cpio_status::Malformed;
    }
    *e = {reinterpret_cast<const char*>(begin_ + name), field[kNameSize] - 1, begin_ + data,
          field[kFileSize], field[kMode], field[kUid], field[kGid], field[kNlink], field[kIno],
          field[kMtime], field[kRdevMajor], field[kRdevMinor]};
    pos_ = begin_ + (after < total ? after : total);
    return cpio_status::Entry;
}

cpio_status cpio_reader::next(cpio_entry* e) {
    for (;;) {
        if (!skip_padding()) {
            return cpio_status::End;
        }
        if ((pos_ - begin_) % 4 != 0) {
            begin_ = pos_; // an archive that was appended without padding
        }
        const cpio_status status = read_entry(e);
        if (status != cpio_status::Entry) {
            return status;
        }
        if (strcmp(e->name, "TRAILER!!!") != 0) {
            strip_prefix(e);
            return status;
        }
    }
}
