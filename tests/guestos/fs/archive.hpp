// Makes cpio archives in the "newc" format for tests.
#pragma once

#include "sys/types.hpp"

#include <string>
#include <vector>

namespace test {

class Archive {
public:
    Archive& file(const std::string& name, const std::string& contents, u32 mode = 0100644) {
        return entry(name, contents, mode, 1, ++ino_);
    }
    Archive& directory(const std::string& name) { return entry(name, "", 040755, 2, ++ino_); }
    Archive& symlink(const std::string& name, const std::string& target) {
        return entry(name, target, 0120777, 1, ++ino_);
    }
    // A name of a file with several; the last has the contents.
    Archive& link(const std::string& name, u32 ino, const std::string& contents = "") {
        return entry(name, contents, 0100644, 2, ino);
    }
    Archive& entry(const std::string& name, const std::string& data, u32 mode, u32 nlink, u32 ino) {
        const u32 fields[13] = {ino,      mode, 0, 0, nlink, 1'700'000'000, u32(data.size()), 0, 0, 0, 0,
                                u32(name.size() + 1), 0};
        text_ += "070701";
        for (const u32 field : fields) {
            char hex[9];
            std::snprintf(hex, sizeof(hex), "%08X", field);
            text_ += hex;
        }
        text_ += name + '\0';
        pad();
        text_ += data;
        pad();
        return *this;
    }
    Archive& end() { return entry("TRAILER!!!", "", 0, 1, 0); }
    Archive& zeros(size_t n) {
        text_.append(n, '\0');
        return *this;
    }
    Archive& cut(size_t n) {
        text_.resize(text_.size() - n);
        return *this;
    }
    [[nodiscard]] const u8* data() const { return reinterpret_cast<const u8*>(text_.data()); }
    [[nodiscard]] size_t size() const { return text_.size(); }
    std::string& text() { return text_; }

private:
    void pad() {
        while (text_.size() % 4 != 0) {
            text_ += '\0';
        }
    }
    std::string text_;
    u32 ino_ = 100;
};

} // namespace test
