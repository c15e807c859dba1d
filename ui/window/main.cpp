// forkscope-panel: what `forkscope` turns into where a panel is wanted.
#include "cli/cli.hpp"
#include "window/canvas.hpp"
#include "window/window.hpp"

#include <cstdio>

namespace forkscope {

namespace {

// What the config says goes before the user's own settings.
void apply(const PanelConfig& config, Settings& settings) {
    for (std::size_t kind = 0; kind < kLayouts; ++kind) {
        if (config.layout == layout_key(static_cast<LayoutKind>(kind))) {
            settings.layout = static_cast<LayoutKind>(kind);
        }
    }
    if (config.theme) {
        settings.theme = *config.theme == "light" ? ThemeKind::Light : ThemeKind::Dark;
    }
    settings.zoom = static_cast<float>(config.zoom.value_or(settings.zoom));
    if (config.size) {
        settings.width = static_cast<int>(config.size->first);
        settings.height = static_cast<int>(config.size->second);
    }
}

class Host final : public PanelHost {
public:
    Result<void> open(const PanelConfig& config) override {
        Settings settings;
        file_ = settings_file();
        if (file_) {
            const Result<Settings> read = read_settings(*file_);
            if (read) {
                settings = *read;
            } else {
                std::fprintf(stderr, "%s\n", read.error().message.c_str());
            }
        }
        apply(config, settings);
        Result<std::unique_ptr<Window>> window = Window::open(settings);
        if (!window) {
            return window.error();
        }
        window_ = std::move(*window);
        return {};
    }

    void show(std::shared_ptr<const Snapshot> snapshot) override {
        window_->show(std::move(snapshot));
    }

    bool run(const Link& link) override {
        const WindowEnd end = window_->run({link.send, link.take_error, link.lesson});
        if (file_) {
            if (const Result<void> kept = write_settings(*file_, window_->settings()); !kept) {
                std::fprintf(stderr, "%s\n", kept.error().message.c_str());
            }
        }
        return end == WindowEnd::Closed;
    }

    Selection selection() const override { return window_->selection(); }

    Result<void> write_picture(const std::filesystem::path& file, const Snapshot& snapshot,
                               const PanelConfig& config, const Tutor* tutor) override {
        Settings settings;
        apply(config, settings);
        const auto canvas = Canvas::create(settings.width, settings.height);
        if (!canvas) {
            return canvas.error();
        }
        Frame frame(settings, [](const Command&) {});
        if (tutor != nullptr) {
            frame.teach(*tutor);
        }
        (*canvas)->draw(frame, snapshot);
        return write_png(file, (*canvas)->picture());
    }

private:
    std::optional<std::filesystem::path> file_;
    std::unique_ptr<Window> window_;
};

} // namespace

} // namespace forkscope

int main(int argc, char** argv) {
    forkscope::Host host;
    return forkscope::cli_main(argc, argv, &host);
}
