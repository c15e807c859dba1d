#include "window/png.hpp"

#include <catch2/catch_test_macros.hpp>

#include <filesystem>

using namespace forkscope;

TEST_CASE("picture: a device that is full is told, and stays", "[ui][window]") {
    const std::filesystem::path device = "/dev/full";
    if (!std::filesystem::is_character_file(device)) {
        SKIP("no /dev/full");
    }
    const Picture picture{2, 2, std::vector<u8>(12)};
    CHECK(write_png(device, picture).error().message ==
          "/dev/full: the picture can't be written: No space left on device");
    CHECK(std::filesystem::is_character_file(device));
}
