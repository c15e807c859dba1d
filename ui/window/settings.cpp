#include "window/settings.hpp"

#include <nlohmann/json.hpp>

#include <cstdlib>
#include <fstream>

namespace forkscope {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr int kVersion = 1;

// The enumerator below `count` whose key is `key`; throws if there is none.
template <class E>
E by_key(const std::string& key, std::size_t count, std::string_view (*key_of)(E)) {
    for (std::size_t i = 0; i < count; ++i) {
        if (key_of(static_cast<E>(i)) == key) {
            return static_cast<E>(i);
        }
    }
    throw std::out_of_range("unknown name \"" + key + "\"");
}

template <class T> T between(T value, T least, T most, const char* what) {
    if (!(value >= least && value <= most)) {
        throw std::out_of_range(std::string(what) + " is out of range");
    }
    return value;
}

void read_layout(const Json& json, std::size_t kind, Settings& settings) {
    settings.shares[kind] = json.at("splits").get<std::vector<float>>();
    if (!Layout::make(static_cast<LayoutKind>(kind)).set_shares(settings.shares[kind])) {
        throw std::out_of_range("splits that do not fit the layout");
    }
    for (const Json& panel : json.at("front")) {
        settings.front[kind].push_back(by_key(panel.get<std::string>(), kPanels, panel_key));
    }
}

// Throws where something is missing or wrong.
Settings from_json(const Json& json) {
    Settings settings;
    if (json.at("version").get<int>() != kVersion) {
        throw std::out_of_range("of another version");
    }
    settings.layout = by_key(json.at("layout").get<std::string>(), kLayouts, layout_key);
    const std::string theme = json.at("theme").get<std::string>();
    settings.theme = theme == "light" ? ThemeKind::Light : ThemeKind::Dark;
    settings.zoom = between(json.at("zoom").get<float>(), kLeastZoom, kMostZoom, "zoom");
    settings.width = between(json.at("window").at(0).get<int>(), 320, 16384, "the window's width");
    settings.height = between(json.at("window").at(1).get<int>(), 200, 16384, "its height");
    for (std::size_t kind = 0; kind < kLayouts; ++kind) {
        const std::string key(layout_key(static_cast<LayoutKind>(kind)));
        if (json.at("layouts").contains(key)) {
            read_layout(json.at("layouts").at(key), kind, settings);
        }
    }
    return settings;
}

Json to_json(const Settings& settings) {
    Json layouts = Json::object();
    for (std::size_t kind = 0; kind < kLayouts; ++kind) {
        if (settings.shares[kind].empty()) {
            continue;
        }
        Json front = Json::array();
        for (const PanelId panel : settings.front[kind]) {
            front.push_back(panel_key(panel));
        }
        layouts[std::string(layout_key(static_cast<LayoutKind>(kind)))] = {
            {"splits", settings.shares[kind]}, {"front", front}};
    }
    return {{"version", kVersion},
            {"layout", layout_key(settings.layout)},
            {"theme", settings.theme == ThemeKind::Light ? "light" : "dark"},
            {"zoom", settings.zoom},
            {"window", {settings.width, settings.height}},
            {"layouts", layouts}};
}

} // namespace

std::optional<fs::path> settings_file() {
    const char* config = std::getenv("XDG_CONFIG_HOME");
    if (config != nullptr && *config == '/') { // relative ones are ignored, as the standard says
        return fs::path(config) / "forkscope/panel.json";
    }
    const char* home = std::getenv("HOME");
    if (home != nullptr && *home == '/') {
        return fs::path(home) / ".config/forkscope/panel.json";
    }
    return std::nullopt;
}

Result<Settings> read_settings(const fs::path& path) {
    std::ifstream file(path);
    if (!file) {
        return Settings{};
    }
    try {
        return from_json(Json::parse(file));
    } catch (const std::exception& failure) {
        std::string why = failure.what();
        // The library's messages begin with "[json.exception.type_error.302] ".
        if (why.starts_with("[")) {
            why = why.substr(why.find(']') + 2);
        }
        return Error{path.string() + ": not the panel's settings, defaults are used: " + why};
    }
}

Result<void> write_settings(const fs::path& path, const Settings& settings) {
    std::error_code ignored;
    fs::create_directories(path.parent_path(), ignored);
    std::ofstream file(path, std::ios::trunc);
    file << to_json(settings).dump(2) << '\n';
    file.close();
    if (!file) {
        return Error{path.string() + ": the panel's settings can't be written"};
    }
    return {};
}

} // namespace forkscope
