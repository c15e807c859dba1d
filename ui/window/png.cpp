#include "window/png.hpp"

#include <png.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <string>

namespace forkscope {

Result<void> write_png(const std::filesystem::path& path, const Picture& picture) {
    png_image image;
    std::memset(&image, 0, sizeof image);
    image.version = PNG_IMAGE_VERSION;
    image.width = picture.width;
    image.height = picture.height;
    image.format = PNG_FORMAT_RGB;
    // Through memory: png_image_write_to_file removes what it cannot write, be it a device.
    png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
    std::string file(size, '\0');
    if (png_image_write_to_memory(&image, file.data(), &size, 0, picture.pixels.data(), 0,
                                  nullptr) == 0)
        return Error{path.string() + ": the picture can't be written: " + image.message};
    std::ofstream stream(path, std::ios::binary | std::ios::trunc);
    stream.write(file.data(), static_cast<std::streamsize>(size));
    stream.close();
    if (!stream)
        return Error{path.string() + ": the picture can't be written: " + std::strerror(errno)};
    return {};
}

} // namespace forkscope
