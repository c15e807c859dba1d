#include "fs/cpio.hpp"

#include "archive.hpp"

#include <catch2/catch_test_macros.hpp>

namespace {

struct Seen {
    std::vector<std::string> names;
    std::vector<std::string> contents;
    cpio_status last;
};

Seen read_all(const test::Archive& archive) {
    // A copy without slack, so that a sanitizer sees reading past the end.
    const std::vector<u8> exact(archive.data(), archive.data() + archive.size());
    cpio_reader reader(exact.data(), exact.size());
    Seen seen;
    cpio_entry e;
    while ((seen.last = reader.next(&e)) == cpio_status::Entry) {
        seen.names.emplace_back(e.name, e.namelen);
        seen.contents.emplace_back(reinterpret_cast<const char*>(e.data), e.size);
    }
    return seen;
}

} // namespace

TEST_CASE("cpio: entries come with names and contents", "[guestos][fs][cpio]") {
    test::Archive archive;
    archive.directory("bin").file("bin/true", "abc").symlink("sh", "bin/sh").end();
    const Seen seen = read_all(archive);
    CHECK(seen.last == cpio_status::End);
    CHECK(seen.names == std::vector<std::string>{"bin", "bin/true", "sh"});
    CHECK(seen.contents == std::vector<std::string>{"", "abc", "bin/sh"});
}

TEST_CASE("cpio: leading slashes and dots go", "[guestos][fs][cpio]") {
    test::Archive archive;
    archive.file("./a", "").file("/b", "").file("././/c", "").file("..d", "").end();
    CHECK(read_all(archive).names == std::vector<std::string>{"a", "b", "c", "..d"});
}

TEST_CASE("cpio: one archive after another, with padding or without", "[guestos][fs][cpio]") {
    for (const size_t padding : {0, 4, 388, 3}) {
        test::Archive archive;
        archive.file("a", "1").end().zeros(padding);
        // After odd padding the second archive has offsets of its own.
        test::Archive second;
        second.file("job/program", "xyz").end();
        archive.text() += second.text();
        const Seen seen = read_all(archive);
        CHECK(seen.last == cpio_status::End);
        CHECK(seen.names == std::vector<std::string>{"a", "job/program"});
        CHECK(seen.contents.back() == "xyz");
    }
}

TEST_CASE("cpio: nothing is an archive without entries", "[guestos][fs][cpio]") {
    CHECK(read_all(test::Archive{}).last == cpio_status::End);
    CHECK(read_all(test::Archive{}.zeros(512)).last == cpio_status::End);
}

TEST_CASE("cpio: damage is noticed and nothing is read past the end", "[guestos][fs][cpio]") {
    test::Archive whole;
    whole.file("name", "contents of the file");
    for (size_t n = 1; n < whole.size(); n++) {
        test::Archive cut = whole;
        cut.cut(n);
        const Seen seen = read_all(cut);
        // Only padding may be missing.
        CHECK((seen.last == cpio_status::Malformed || seen.names.size() == 1));
        CHECK((n < 4 || seen.last == cpio_status::Malformed || cut.size() == 0));
    }
    for (size_t at = 0; at < 110; at++) {
        test::Archive damaged = whole;
        damaged.text()[at] = 'z';
        CHECK(read_all(damaged).last == cpio_status::Malformed);
    }
    test::Archive huge = whole;
    huge.text().replace(6 + 6 * 8, 8, "FFFFFFFF"); // size of the contents
    CHECK(read_all(huge).last == cpio_status::Malformed);
    test::Archive no_nul = whole;
    no_nul.text()[110 + 4] = 'x';
    CHECK(read_all(no_nul).last == cpio_status::Malformed);
}
