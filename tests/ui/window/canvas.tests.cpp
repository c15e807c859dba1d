#include "window/canvas.hpp"

#include "support/snapshot_builder.hpp"
#include "support/temporary_folder.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <png.h>

#include <chrono>
#include <cstring>
#include <set>

using namespace forkscope;
using test::CowScene;
using test::SnapshotBuilder;

namespace {

// A canvas with a frame on it; what is sent to the machine is kept.
struct Screen {
    explicit Screen(int width = 1280, int height = 720, Settings settings = {},
                    bool with_fonts = true) {
        Result<std::unique_ptr<Canvas>> made = Canvas::create(width, height);
        REQUIRE(made.ok());
        canvas = std::move(*made);
        frame = std::make_unique<Frame>(
            settings, [this](Command command) { sent.push_back(std::move(command)); });
        frame->export_folder = folder.path();
        if (!with_fonts) {
            frame->fonts.clear();
        }
    }
    const std::vector<u8> draw(const Snapshot& snapshot) {
        canvas->draw(*frame, snapshot);
        return canvas->picture().pixels;
    }
    void press(ImGuiKey key, ImGuiKey modifier = ImGuiKey_None) {
        ImGuiIO& io = ImGui::GetIO();
        io.AddKeyEvent(modifier == ImGuiKey_None ? ImGuiKey_F24 : modifier, true);
        io.AddKeyEvent(key, true);
        io.AddKeyEvent(key, false);
        io.AddKeyEvent(modifier == ImGuiKey_None ? ImGuiKey_F24 : modifier, false);
    }

    test::TemporaryFolder folder;
    std::vector<Command> sent;
    std::unique_ptr<Canvas> canvas;
    std::unique_ptr<Frame> frame;
};

std::size_t colors(const std::vector<u8>& pixels) {
    std::set<u32> found;
    for (std::size_t i = 0; i + 2 < pixels.size(); i += 3) {
        found.insert(static_cast<u32>(pixels[i] << 16 | pixels[i + 1] << 8 | pixels[i + 2]));
    }
    return found.size();
}

Settings settings_of(LayoutKind layout, ThemeKind theme = ThemeKind::Dark, float zoom = 1) {
    Settings settings;
    settings.layout = layout;
    settings.theme = theme;
    settings.zoom = zoom;
    return settings;
}

// A process tree of five hundred, and a long event log.
Snapshot crowd() {
    SnapshotBuilder builder;
    for (u32 pid = 1; pid <= 500; ++pid) {
        builder.process(pid, pid / 2, "p").cycles = pid;
        builder.map(pid, 0x40'0000, 0x4200'0000 + pid / 3 * 4096ULL, test::kReadOnlyPage);
    }
    test::EventScript script;
    for (u32 i = 0; i < 100'000; ++i) {
        script.pid = i % 500 + 1;
        script.probe(abi::ProbeId::ZeroFill, {script.pid, 0x40'0000, 0x4200'0000});
    }
    builder.events(script);
    return builder.build();
}

} // namespace

TEST_CASE("panel: one snapshot gives the same picture each time, another a different one",
          "[ui][window]") {
    const LayoutKind layout = GENERATE(LayoutKind::Lecture, LayoutKind::Lab, LayoutKind::Debug);
    CowScene scene;
    scene.take_fault();
    const Snapshot before = scene.build();
    scene.finish_copy();
    const Snapshot after = scene.build();
    std::vector<u8> first, again, other;
    {
        Screen screen(1280, 720, settings_of(layout));
        first = screen.draw(before);
        other = screen.draw(after);
    }
    {
        Screen screen(1280, 720, settings_of(layout));
        again = screen.draw(before);
    }
    CHECK(colors(first) > 30);
    CHECK(first == again);
    CHECK(first != other);
}

TEST_CASE("panel: every layout, theme, size and zoom is drawn", "[ui][window]") {
    const LayoutKind layout = GENERATE(LayoutKind::Lecture, LayoutKind::Lab, LayoutKind::Debug);
    const ThemeKind theme = GENERATE(ThemeKind::Light, ThemeKind::Dark);
    const auto [width, height, zoom] = GENERATE(
        std::tuple(320, 200, 1.0F), std::tuple(320, 200, 4.0F), std::tuple(1920, 1080, 1.0F),
        std::tuple(1920, 1080, 4.0F), std::tuple(3840, 2160, 2.0F));
    CowScene scene;
    scene.take_fault();
    scene.finish_copy();
    Screen screen(width, height, settings_of(layout, theme, zoom));
    CHECK(colors(screen.draw(scene.build())) > 10);
}

TEST_CASE("panel: every panel can be brought to the front, and draws", "[ui][window]") {
    CowScene scene;
    scene.take_fault();
    scene.finish_copy();
    const Snapshot snapshot = scene.build();
    Screen screen(900, 600, settings_of(LayoutKind::Lecture));
    std::set<std::vector<u8>> pictures;
    for (int panel = 0; panel < static_cast<int>(kPanels); ++panel) {
        const auto action = static_cast<Action>(static_cast<int>(Action::ShowProcessTree) + panel);
        screen.frame->perform(action);
        pictures.insert(screen.draw(snapshot));
        CHECK(screen.frame->text(snapshot).find(panel_title(static_cast<PanelId>(panel))) !=
              std::string::npos);
    }
    CHECK(pictures.size() > kPanels / 2);
}

TEST_CASE("panel: the current instruction is in view after a pause, and in another layout",
          "[ui][window]") {
    CowScene scene;
    scene.snapshot.cpu.pc = 0x40'1000;
    for (u64 address = 0x40'0f00; address < 0x40'1100; address += 4) {
        scene.snapshot.code.push_back({address, 0xd503'201f, "nop", "main"});
    }
    const Snapshot paused = scene.build();
    Snapshot running = paused;
    running.control.phase = RunPhase::Running;
    running.code.clear();
    running.serial = paused.serial + 1;
    Settings settings = settings_of(LayoutKind::Debug);
    settings.front[static_cast<std::size_t>(LayoutKind::Lecture)] = {PanelId::Cpu};
    std::vector<u8> switched;
    {
        Screen screen(1280, 720, settings);
        const std::vector<u8> picture = screen.draw(paused);
        screen.draw(running);
        CHECK((screen.draw(paused) == picture));
        screen.frame->perform(Action::LayoutLecture);
        screen.draw(paused);
        screen.frame->perform(Action::LastFault); // whatever: the last line is as it was
        switched = screen.draw(paused);
    }
    settings.layout = LayoutKind::Lecture;
    CHECK((Screen(1280, 720, settings).draw(paused) == switched));
}

TEST_CASE("panel: without the fonts it is drawn with ImGui's own", "[ui][window]") {
    CowScene scene;
    Screen screen(1280, 720, settings_of(LayoutKind::Lab), false);
    CHECK(colors(screen.draw(scene.build())) > 10);
}

TEST_CASE("panel: a snapshot of nothing is drawn", "[ui][window]") {
    const LayoutKind layout = GENERATE(LayoutKind::Lecture, LayoutKind::Lab, LayoutKind::Debug);
    const Snapshot nothing;
    Screen screen(800, 600, settings_of(layout));
    screen.draw(nothing);
    for (const ActionInfo& info : actions()) {
        screen.frame->perform(info.action);
        screen.draw(nothing);
    }
    CHECK(screen.frame->quit);
}

TEST_CASE("panel: five hundred processes and a hundred thousand events are drawn", "[ui][window]") {
    const Snapshot snapshot = crowd();
    Screen screen(1920, 1080, settings_of(LayoutKind::Lab));
    CHECK(colors(screen.draw(snapshot)) > 30);
}

// For docs/benchmarks.md: panel_tests "[measure]"
TEST_CASE("panel: how long a full redraw takes", "[.][measure]") {
    Snapshot snapshot = crowd();
    for (const LayoutKind layout : {LayoutKind::Lecture, LayoutKind::Lab, LayoutKind::Debug}) {
        Screen screen(1920, 1080, settings_of(layout));
        screen.draw(snapshot);
        std::chrono::duration<double, std::milli> same(1e9), fresh(1e9);
        for (int i = 0; i < 40; ++i) {
            const auto begin = std::chrono::steady_clock::now();
            screen.canvas->draw(*screen.frame, snapshot, 1);
            const auto middle = std::chrono::steady_clock::now();
            ++snapshot.serial;
            screen.canvas->draw(*screen.frame, snapshot, 1);
            same = std::min<decltype(same)>(same, middle - begin);
            fresh = std::min<decltype(fresh)>(fresh, std::chrono::steady_clock::now() - middle);
        }
        WARN(layout_title(layout) << ": " << same.count() << " ms, with a new snapshot "
                                  << fresh.count() << " ms");
    }
}

TEST_CASE("panel: keys become commands to the machine", "[ui][window]") {
    CowScene scene;
    Snapshot snapshot = scene.build();
    Screen screen;
    screen.draw(snapshot);
    screen.press(ImGuiKey_F6);
    screen.canvas->draw(*screen.frame, snapshot, 8);
    REQUIRE(screen.sent.size() == 1);
    CHECK(std::holds_alternative<command::StepEvent>(screen.sent[0]));
    screen.press(ImGuiKey_F5);
    screen.canvas->draw(*screen.frame, snapshot, 8);
    REQUIRE(screen.sent.size() == 2);
    CHECK(std::holds_alternative<command::Run>(screen.sent[1]));
    snapshot.control.phase = RunPhase::Running;
    screen.press(ImGuiKey_F5);
    screen.canvas->draw(*screen.frame, snapshot, 8);
    REQUIRE(screen.sent.size() == 3);
    CHECK(std::holds_alternative<command::Pause>(screen.sent[2]));
    screen.press(ImGuiKey_2, ImGuiMod_Ctrl);
    screen.canvas->draw(*screen.frame, snapshot, 8);
    CHECK(screen.frame->settings().layout == LayoutKind::Lab);
    CHECK(screen.frame->title(snapshot) == "Forkscope: running, Lab");
}

TEST_CASE("panel: a key writes the events that are shown to a file", "[ui][window]") {
    CowScene scene;
    test::EventScript script;
    script.pid = 2;
    script.probe(abi::ProbeId::ProcExit, {2, 0});
    scene.events(script);
    Screen screen;
    screen.draw(scene.build());
    screen.frame->perform(Action::ExportEvents);
    screen.draw(scene.build());
    CHECK(test::text_of_file(screen.folder.path() / "forkscope-events.txt").find("(2) ended") !=
          std::string::npos);
}

TEST_CASE("panel: keys struck faster than snapshots come are all counted", "[ui][window]") {
    CowScene scene;
    Snapshot snapshot = scene.build();
    snapshot.control.phase = RunPhase::Paused;
    snapshot.control.speed = 5;
    Screen screen;
    screen.draw(snapshot);
    for (int i = 0; i < 3; ++i) {
        screen.press(ImGuiKey_UpArrow, ImGuiMod_Ctrl);
    }
    screen.press(ImGuiKey_F5);
    screen.press(ImGuiKey_F5);
    screen.canvas->draw(*screen.frame, snapshot, 20);
    REQUIRE(screen.sent.size() == 5);
    CHECK(std::get<command::SetSpeed>(screen.sent[1]).events_per_second == 25);
    CHECK(std::get<command::SetSpeed>(screen.sent[2]).events_per_second == 0);
    CHECK(std::holds_alternative<command::Run>(screen.sent[3]));
    CHECK(std::holds_alternative<command::Pause>(screen.sent[4]));
}

TEST_CASE("panel: Alt alone leaves the focus with the console", "[ui][window]") {
    CowScene scene;
    const Snapshot snapshot = scene.build();
    Screen screen;
    screen.frame->perform(Action::ShowConsole);
    screen.canvas->draw(*screen.frame, snapshot, 6);
    CHECK(screen.frame->settled());
    screen.press(ImGuiKey_LeftAlt, ImGuiMod_Alt);
    screen.canvas->draw(*screen.frame, snapshot, 8);
    ImGui::GetIO().AddInputCharactersUTF8("c");
    screen.canvas->draw(*screen.frame, snapshot, 4);
    REQUIRE(screen.sent.size() == 1);
    CHECK(std::get<command::TypeText>(screen.sent[0]).bytes == "c");
}

TEST_CASE("panel: in the console keys go to the guest, and no key of one letter acts",
          "[ui][window]") {
    CowScene scene;
    const Snapshot snapshot = scene.build();
    Screen screen;
    screen.frame->perform(Action::ShowConsole);
    screen.canvas->draw(*screen.frame, snapshot, 6);
    ImGuiIO& io = ImGui::GetIO();
    io.AddInputCharactersUTF8("l?");
    screen.canvas->draw(*screen.frame, snapshot, 4);
    screen.press(ImGuiKey_Enter);
    screen.canvas->draw(*screen.frame, snapshot, 8);
    screen.press(ImGuiKey_C, ImGuiMod_Ctrl);
    screen.canvas->draw(*screen.frame, snapshot, 8);
    std::string typed;
    for (const Command& sent : screen.sent) {
        REQUIRE(std::holds_alternative<command::TypeText>(sent));
        typed += std::get<command::TypeText>(sent).bytes;
    }
    CHECK(typed == "l?\r\x03");
}

TEST_CASE("panel: a picture is a PNG file that libpng reads back", "[ui][window]") {
    const test::TemporaryFolder folder;
    Picture picture{2, 1, {1, 2, 3, 250, 251, 252}};
    const auto file = folder.path() / "a.png";
    REQUIRE(write_png(file, picture).ok());
    png_image image;
    std::memset(&image, 0, sizeof image);
    image.version = PNG_IMAGE_VERSION;
    REQUIRE(png_image_begin_read_from_file(&image, file.c_str()) != 0);
    CHECK(image.width == 2);
    CHECK(image.height == 1);
    image.format = PNG_FORMAT_RGB;
    std::vector<u8> pixels(PNG_IMAGE_SIZE(image));
    REQUIRE(png_image_finish_read(&image, nullptr, pixels.data(), 0, nullptr) != 0);
    CHECK(pixels == picture.pixels);
    CHECK_FALSE(write_png(folder.path() / "no/such/folder.png", picture).ok());
}
