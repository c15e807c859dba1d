#include "window/png.hpp"

#include <png.h>

#include <cstring>

namespace forkscope {

Result<void> write_png(const std::filesystem::path& path, const Picture& picture) {
    png_image image;
    std::memset(&image, 0, sizeof image);
    image.version = PNG_IMAGE_VERSION;
    image.width = picture.width;
    image.height = picture.height;
    image.format = PNG_FORMAT_RGB;
    if (png_image_write_to_file(&image, path.c_str(), 0, picture.pixels.data(), 0, nullptr) == 0) {
        return Error{path.string() + ": the picture can't be written: " + image.message};
    }
    return {};
}

} // namespace forkscope
