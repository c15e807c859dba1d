#include "panel/fonts.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

namespace forkscope {

namespace {

namespace fs = std::filesystem;

// Latin, punctuation, arrows, mathematical signs, lines of trees, shapes.
constexpr ImWchar kGlyphs[] = {0x20,   0xff,   0x2010, 0x2027, 0x2190, 0x21ff, 0x2200,
                               0x226f, 0x2500, 0x25ff, 0x275a, 0x275a, 0};

std::optional<fs::path> find(const std::vector<fs::path>& folders, const char* name) {
    for (const fs::path& folder : folders) {
        std::error_code ignored;
        if (fs::is_regular_file(folder / name, ignored)) {
            return folder / name;
        }
    }
    return std::nullopt;
}

ImFont* load(const std::vector<fs::path>& folders, const char* name, float em) {
    const std::optional<fs::path> path = find(folders, name);
    if (!path) {
        return nullptr;
    }
    ImFontConfig config;
    config.OversampleH = config.OversampleV = 1; // one texel a pixel: fast in software too
    config.PixelSnapH = true;
    return ImGui::GetIO().Fonts->AddFontFromFileTTF(path->c_str(), em, &config, kGlyphs);
}

// Reserves the tile; `period` is the distance of its stripes in pixels.
int add_hatch(int period) {
    const int tiles = std::max(1, 96 / period);
    return ImGui::GetIO().Fonts->AddCustomRectRegular(period * tiles, period * tiles);
}

// Stripes from the lower left to the upper right, with soft edges.
void paint_hatch(int rectangle, int period, Fonts& fonts) {
    ImFontAtlas& atlas = *ImGui::GetIO().Fonts;
    const ImFontAtlasCustomRect& tile = *atlas.GetCustomRectByIndex(rectangle);
    unsigned char* pixels = nullptr;
    int width = 0, height = 0;
    atlas.GetTexDataAsRGBA32(&pixels, &width, &height);
    const float half = static_cast<float>(period) * 0.21F; // of a stripe's width
    for (int y = 0; y < tile.Height; ++y) {
        for (int x = 0; x < tile.Width; ++x) {
            const auto middle = static_cast<float>((x + y) % period) + 0.5F;
            const float off = std::abs(middle - static_cast<float>(period) / 2);
            const float cover = std::clamp(half - off + 0.5F, 0.0F, 1.0F);
            unsigned char* pixel = pixels + 4L * ((tile.Y + y) * width + tile.X + x);
            pixel[0] = pixel[1] = pixel[2] = 255;
            pixel[3] = static_cast<unsigned char>(std::lround(cover * 255));
        }
    }
    atlas.CalcCustomRectUV(&tile, &fonts.hatch_begin, &fonts.hatch_end);
    fonts.hatch_size = tile.Width;
}

} // namespace

std::vector<fs::path> font_folders() {
    return {"/usr/share/fonts/truetype/dejavu", "/usr/share/fonts/dejavu-sans-fonts",
            "/usr/share/fonts/TTF", "/usr/share/fonts/dejavu"};
}

Fonts load_fonts(const std::vector<fs::path>& folders, float em) {
    ImGuiIO& io = ImGui::GetIO();
    io.Fonts->Clear();
    // Lines as triangles, not texture: SDL draws neither of them faster.
    io.Fonts->Flags |= ImFontAtlasFlags_NoPowerOfTwoHeight;
    io.FontGlobalScale = 1;
    Fonts fonts;
    fonts.plain = load(folders, "DejaVuSans.ttf", em);
    if (fonts.plain != nullptr) {
        fonts.scalable = true;
        fonts.bold = load(folders, "DejaVuSans-Bold.ttf", em);
        fonts.mono = load(folders, "DejaVuSansMono.ttf", std::round(em * 0.95F));
    } else {
        ImFontConfig config;
        config.SizePixels = 13;
        fonts.plain = io.Fonts->AddFontDefault(&config);
        io.FontGlobalScale = std::max(1.0F, em / 13);
    }
    fonts.bold = fonts.bold == nullptr ? fonts.plain : fonts.bold;
    fonts.mono = fonts.mono == nullptr ? fonts.plain : fonts.mono;
    io.FontDefault = fonts.plain;
    const int period = std::max(5, static_cast<int>(std::lround(em * 0.42F)));
    const int hatch = add_hatch(period);
    io.Fonts->Build();
    paint_hatch(hatch, period, fonts);
    return fonts;
}

} // namespace forkscope
