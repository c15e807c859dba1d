#include "window/settings.hpp"

#include "support/temporary_folder.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <cstdlib>

using namespace forkscope;

TEST_CASE("panel settings: what is written is read again", "[ui][window]") {
    const test::TemporaryFolder folder;
    const auto file = folder.path() / "new/folder/panel.json";
    Settings settings;
    settings.layout = LayoutKind::Debug;
    settings.theme = ThemeKind::Light;
    settings.zoom = 2.5F;
    settings.width = 1234;
    settings.height = 777;
    settings.shares[1] = Layout::make(LayoutKind::Lab).shares();
    settings.shares[1].front() = 0.4F;
    settings.front[1] = {PanelId::Console, PanelId::Cpu};
    REQUIRE(write_settings(file, settings).ok());
    const Result<Settings> read = read_settings(file);
    REQUIRE(read.ok());
    CHECK(read->layout == LayoutKind::Debug);
    CHECK(read->theme == ThemeKind::Light);
    CHECK(read->zoom == 2.5F);
    CHECK(read->width == 1234);
    CHECK(read->height == 777);
    CHECK(read->shares == settings.shares);
    CHECK(read->front == settings.front);
}

TEST_CASE("panel settings: without a file they are the defaults", "[ui][window]") {
    const test::TemporaryFolder folder;
    const Result<Settings> read = read_settings(folder.path() / "panel.json");
    REQUIRE(read.ok());
    CHECK(read->layout == LayoutKind::Lecture);
    CHECK(read->zoom == 1);
}

TEST_CASE("panel settings: a corrupt file is one line that names it", "[ui][window]") {
    const test::TemporaryFolder folder;
    const std::string good = R"({"version":1,"layout":"lab","theme":"dark","zoom":1,)";
    const std::string text = GENERATE_COPY(
        std::string(), std::string("\x01\x02{"), std::string("[]"), std::string("{\"version\":2}"),
        good + R"("window":[1,2],"layouts":{}})", good + R"("window":[800,600]})",
        good + R"("window":[800,600],"layouts":{"lab":{"splits":[7],"front":[]}}})",
        good + R"("window":[800,600],"layouts":{"lab":{"splits":"no","front":[]}}})");
    const auto file = folder.write("panel.json", text);
    const Result<Settings> read = read_settings(file);
    REQUIRE_FALSE(read.ok());
    CHECK(read.error().message.starts_with(file.string() + ": not the panel's settings"));
    CHECK(read.error().message.find('\n') == std::string::npos);
}

TEST_CASE("panel settings: they stand where the XDG base directories say", "[ui][window]") {
    setenv("HOME", "/home/anna", 1);
    unsetenv("XDG_CONFIG_HOME");
    CHECK(settings_file() == "/home/anna/.config/forkscope/panel.json");
    setenv("XDG_CONFIG_HOME", "/etc/anna", 1);
    CHECK(settings_file() == "/etc/anna/forkscope/panel.json");
    setenv("XDG_CONFIG_HOME", "relative", 1);
    CHECK(settings_file() == "/home/anna/.config/forkscope/panel.json");
    unsetenv("HOME");
    CHECK_FALSE(settings_file());
}
