#include "config/config.hpp"
#include "support/paths.hpp"
#include "support/temporary_folder.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <nlohmann/json.hpp>
#include <set>

using namespace forkscope;
using test::TemporaryFolder;

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

Override set(const std::string& key, const std::string& value) {
    return {"--set " + key + "=" + value, key, value};
}

// The message of a refused config, without the file's name.
std::string refusal(const std::string& text, const std::vector<Override>& overrides = {}) {
    const TemporaryFolder folder;
    const fs::path file = folder.write("run.json", text);
    const Result<Config> config = read_config(file, overrides);
    REQUIRE_FALSE(config.ok());
    CHECK(config.error().status == ExitStatus::Usage);
    std::string message = config.error().message;
    CHECK(message.find('\n') == std::string::npos);
    const std::string name = file.string() + ": ";
    if (overrides.empty()) {
        REQUIRE(message.starts_with(name));
        message.erase(0, name.size());
    }
    return message;
}

Config accepted(const std::string& text, const std::vector<Override>& overrides = {}) {
    const TemporaryFolder folder;
    const Result<Config> config = read_config(folder.write("run.json", text), overrides);
    INFO((config ? "" : config.error().message));
    REQUIRE(config.ok());
    return *config;
}

// JSON pointers of the leaves under "properties", in any order.
void collect_schema_keys(const Json& root, const Json& given, const std::string& pointer,
                         std::set<std::string>& keys) {
    const Json& schema =
        given.contains("$ref")
            ? root.at(Json::json_pointer(given.at("$ref").get<std::string>().substr(1)))
            : given;
    if (!schema.contains("properties")) {
        keys.insert(pointer);
        return;
    }
    CHECK(schema.at("additionalProperties") == false);
    for (const auto& [name, member] : schema.at("properties").items()) {
        collect_schema_keys(root, member, pointer + "/" + name, keys);
    }
}

Json schema() {
    return Json::parse(
        test::text_of_file(fs::path(FORKSCOPE_SOURCE_DIR) / "configs" / "schema.json"));
}

} // namespace

TEST_CASE("config: an empty object is the defaults", "[emu][config]") {
    const Config config = accepted("{}");
    CHECK(config.machine.ram == u64{256} << 20);
    CHECK(config.machine.cpu_hz == 1'000'000'000);
    CHECK(config.machine.kernel.empty());
    CHECK_FALSE(config.machine.initrd.has_value());
    CHECK(config.last_cycle() == ~u64{0});
    CHECK(config.console.input == ConsoleInput::None);
}

TEST_CASE("config: every key lands in its field", "[emu][config]") {
    const Config config = accepted(R"({
        "machine": {"ram": "64M", "cpu_hz": 2000000000, "append": "a b", "args": ["x", "y z"],
                    "rtc_epoch": 5, "initrd": ""},
        "timing": {"mode": "functional"},
        "limits": {"cycles": 2e9, "seconds": 0.5},
        "console": {"input": "stdin"},
        "panel": {"layout": "lab", "theme": "light", "zoom": 1.5, "size": "1280x720"},
        "seed": 18446744073709551615})");
    CHECK(config.machine.ram == u64{64} << 20);
    CHECK(config.machine.cpu_hz == 2'000'000'000);
    CHECK(config.machine.append == "a b");
    CHECK(config.machine.args == std::vector<std::string>{"x", "y z"});
    CHECK(config.machine.rtc_epoch == 5);
    CHECK(config.machine.initrd == fs::path());
    CHECK(config.limits.cycles == 2'000'000'000);
    CHECK(config.console.input == ConsoleInput::Stdin);
    CHECK(config.panel.layout == "lab");
    CHECK(config.panel.theme == "light");
    CHECK(config.panel.zoom == 1.5);
    CHECK(config.panel.size == std::pair(1280U, 720U));
    CHECK(config.seed == ~u64{0});
    CHECK(config.last_cycle() == 1'000'000'000);
}

TEST_CASE("config: sizes are numbers or numbers with a unit", "[emu][config]") {
    CHECK(accepted(R"({"machine":{"ram":8388608}})").machine.ram == u64{8} << 20);
    CHECK(accepted(R"({"machine":{"ram":"8192K"}})").machine.ram == u64{8} << 20);
    CHECK(accepted(R"({"machine":{"ram":"16G"}})").machine.ram == u64{16} << 30);
    const std::string bad =
        GENERATE("0", "-1", "4194305", "\"256Q\"", "\"M\"", "\"\"", "\"3M\"", "\"17G\"", "\"-8M\"",
                 "\"8 M\"", "true", "null", "1e30", "\"99999999999999999999G\"", "\"268435456\"");
    CHECK(refusal(R"({"machine":{"ram":)" + bad + "}}") ==
          "/machine/ram: expected a size from 4M to 16G in whole MiB, in bytes or as a string such "
          "as \"256M\", found " +
              Json::parse(bad).dump());
}

TEST_CASE("config: paths in a file are relative to the file", "[emu][config]") {
    const TemporaryFolder folder;
    folder.write("k.img", "");
    fs::create_directory(folder.path() / "sub");
    folder.write("sub/i.cpio", "");
    const fs::path file = folder.write(
        "run.json",
        R"({"machine":{"kernel":"k.img","initrd":"sub/i.cpio","program":"/dev/null"}})");
    const Result<Config> config = read_config(file, {});
    REQUIRE(config.ok());
    CHECK(config->machine.kernel == folder.path() / "k.img");
    CHECK(config->machine.initrd == folder.path() / "sub/i.cpio");
    CHECK(config->machine.program == "/dev/null");

    const Result<Config> overridden = read_config(file, {set("machine.kernel", "mine.img")});
    REQUIRE(overridden.ok());
    CHECK(overridden->machine.kernel == "mine.img");
}

TEST_CASE("config: what is wrong is said with file, pointer, expected and found", "[emu][config]") {
    CHECK(refusal(R"({"machine":{"rom":"64M"}})") ==
          "/machine/rom: expected one of ram, cpu_hz, kernel, initrd, append, program, args, "
          "rtc_epoch, found \"rom\" (did you mean \"ram\"?)");
    CHECK(refusal(R"({"limit":{}})") == "/limit: expected one of machine, timing, limits, console, "
                                        "panel, inject, lesson, seed, found \"limit\" (did "
                                        "you mean \"limits\"?)");
    CHECK(refusal(R"({"machine":5})") == "/machine: expected an object, found 5");
    CHECK(refusal(R"([1])") == "/: expected an object, found [1]");
    CHECK(refusal(R"({"a/b~c":1})").starts_with("/a~1b~0c: expected one of machine, "));
    CHECK(refusal(R"({"machine":{"append":7}})") ==
          "/machine/append: expected at most 2047 bytes of text without control characters, found "
          "7");
    CHECK(refusal(R"({"machine":{"args":["a",1]}})") ==
          "/machine/args: expected an array of strings, found [\"a\",1]");
    CHECK(refusal(R"({"limits":{"cycles":0}})") ==
          "/limits/cycles: expected a whole number above 0, found 0");
    CHECK(refusal(R"({"limits":{"seconds":-1}})") ==
          "/limits/seconds: expected a number above 0, found -1");
    CHECK(refusal(R"({"panel":{"size":"319x200"}})") ==
          "/panel/size: expected WIDTHxHEIGHT, from 320x200 to 16384x16384, found \"319x200\"");
    CHECK(refusal(R"({"panel":{"size":"640x480 "}})").starts_with("/panel/size: expected"));
    CHECK(refusal(R"({"panel":{"zoom":4.1}})") ==
          "/panel/zoom: expected a number from 0.75 to 4, found 4.1");
    CHECK(refusal(R"({"seed":1.5})") ==
          "/seed: expected a whole number from 0 to 18446744073709551615, found 1.5");
    CHECK(refusal(R"({"console":{"input":"tty"}})") ==
          "/console/input: expected \"none\" or \"stdin\", found \"tty\"");
}

TEST_CASE("config: a long value is quoted only in part", "[emu][config]") {
    const std::string message =
        refusal(R"({"machine":{"ram":")" + std::string(5000, 'x') + R"("}})");
    CHECK(message.size() < 200);
    CHECK(message.ends_with("xxx..."));
}

TEST_CASE("config: JSON that is none is refused with its place", "[emu][config]") {
    CHECK(refusal("{\n  \"seed\": 1,\n}") ==
          "/: expected JSON, found a syntax error at line 3, column 1");
    CHECK(refusal("") == "/: expected JSON, found the end of the file too early");
    CHECK(refusal("{\"seed\": 1") == "/: expected JSON, found the end of the file too early");
    CHECK(refusal(R"({"limits":{"seconds":1e999}})") ==
          "/: expected numbers that fit into a double, found one that does not");
    CHECK(refusal(R"({"seed":1, "seed":2})") ==
          "/: expected each key once, found \"seed\" twice in one object");
}

TEST_CASE("config: a missing file is named", "[emu][config]") {
    CHECK(refusal(R"({"machine":{"kernel":"/nowhere/k.img"}})") ==
          "/machine/kernel: expected the path of a kernel image, found \"/nowhere/k.img\": "
          "no such file");
    CHECK(refusal(R"({"machine":{"program":""}})") ==
          "/machine/program: expected the path of a static AArch64 program, found \"\"");
    const Result<Config> config = read_config("/nowhere/run.json", {});
    REQUIRE_FALSE(config.ok());
    CHECK(config.error().message == "/nowhere/run.json: no such file");
    const Result<Config> folder = read_config("/", {});
    REQUIRE_FALSE(folder.ok());
    CHECK(folder.error().message == "/: not a regular file");
}

TEST_CASE("config: cycle timing takes a model and changes to its caches", "[emu][config]") {
    const Config config = accepted(R"({"timing": {"mode": "cycle", "model": "/m.json",
        "l1d": {"size": "16K", "ways": 2, "line": 32, "replacement": "lru", "latency": 0}}})");
    CHECK(config.timing.mode == TimingMode::CycleLevel);
    CHECK(config.timing.model == "/m.json");
    CHECK(config.timing.l1d.size == 16384);
    CHECK(config.timing.l1d.ways == 2);
    CHECK(config.timing.l1d.replacement == "lru");
    CHECK_FALSE(config.timing.l2.size.has_value());
    CHECK(refusal(R"({"timing":{"mode":"fast"}})") ==
          "/timing/mode: expected \"functional\" or \"cycle\", found \"fast\"");
    CHECK(refusal(R"({"timing":{"l1i":{"ways":0}}})") ==
          "/timing/l1i/ways: expected a whole number from 1 to 64, found 0");
    CHECK(refusal(R"({"timing":{"l2":{"latency":-3}}})") ==
          "/timing/l2/latency: expected a whole number from 0 to 10000, found -3");
    CHECK(refusal(R"({"timing":{"l2":{"replacement":"fifo"}}})") ==
          "/timing/l2/replacement: expected \"lru\", \"plru\" or \"random\", found \"fifo\"");
}

TEST_CASE("config: injections become words of the kernel's command line", "[emu][config]") {
    CHECK(accepted("{}").command_line().empty());
    CHECK(accepted(R"({"inject":{"uarea":3}})").command_line() == "inject.uarea=3");
    CHECK(accepted(R"({"inject":{"uarea":3,"page":"100+"},"machine":{"append":"x -- y"}})")
              .command_line() == "inject.page=100+ inject.uarea=3 x -- y");
    CHECK(accepted("{}", {set("inject.pid", "5"), set("inject.kmem", "2+")}).command_line() ==
          "inject.kmem=2+ inject.pid=5");
    for (const char* kind : {"uarea", "pid", "page", "anon", "amap", "table", "kmem"}) {
        CHECK(accepted("{}", {set(std::string("inject.") + kind, "1")}).inject.at(kind) == "1");
    }
}

TEST_CASE("config: an injection that is no number is refused", "[emu][config]") {
    const std::string expected = "expected a whole number above 0, or a string such as \"3+\" for "
                                 "the third and all after it, found ";
    for (const char* bad : {"0", "-1", "1.5", R"("")", R"("+")", R"("0+")", R"("3 -")", R"("x")",
                            "1000000000", "true", "[]"}) {
        CHECK(refusal(std::string(R"({"inject":{"page":)") + bad + "}}") ==
              "/inject/page: " + expected + bad);
    }
    CHECK(refusal(R"({"inject":{"frames":1}})") ==
          "/inject/frames: expected one of uarea, pid, page, anon, amap, table, kmem, found "
          "\"frames\"");
}

TEST_CASE("config: overrides come after the file, in order, and are checked alike",
          "[emu][config]") {
    const std::string file = R"({"machine":{"ram":"64M","append":"x"}})";
    const Config config =
        accepted(file, {set("machine.ram", "128M"), set("machine.ram", "32M"),
                        set("machine.append", "5"), set("machine.args", R"(["a"])"),
                        set("limits.cycles", "9"), set("timing.mode", "functional")});
    CHECK(config.machine.ram == u64{32} << 20);
    CHECK(config.machine.append == "5");
    CHECK(config.machine.args == std::vector<std::string>{"a"});
    CHECK(config.last_cycle() == 9);

    CHECK(accepted(file, {set("machine.append", R"("quoted")")}).machine.append == "quoted");
    Override literal = set("machine.append", R"("quoted")");
    literal.literal = true;
    CHECK(accepted(file, {literal}).machine.append == R"("quoted")");
    CHECK(accepted(file, {set("limits", R"({"cycles":7})")}).last_cycle() == 7);

    CHECK(refusal(file, {set("machine.ram", "12Q")})
              .starts_with("--set machine.ram=12Q: /machine/ram: expected a size"));
    CHECK(refusal(file, {set("machine.rma", "1")})
              .ends_with("found \"rma\" (did you mean \"ram\"?)"));
    CHECK(refusal(file, {set("machine", "1")}) ==
          "--set machine=1: /machine: expected an object, found 1");
    CHECK(refusal(file, {set("machine.ram.size", "1")})
              .starts_with("--set machine.ram.size=1: /machine/ram/size: expected"));
}

TEST_CASE("config: schema.json has exactly the keys that are accepted", "[emu][config]") {
    std::set<std::string> in_schema;
    collect_schema_keys(schema(), schema(), "", in_schema);
    std::set<std::string> in_table;
    for (const std::string_view key : config_keys()) {
        in_table.insert(std::string(key));
    }
    CHECK(in_schema == in_table);
}

TEST_CASE("config: the defaults that schema.json names are the defaults", "[emu][config]") {
    const Json properties = schema().at("properties");
    Json spelled_out;
    for (const auto& [name, group] : properties.items()) {
        if (group.contains("default")) {
            spelled_out[name] = group.at("default");
        }
        const Json members = group.value("properties", Json::object());
        for (const auto& [key, member] : members.items()) {
            if (member.contains("default")) {
                spelled_out[name][key] = member.at("default");
            }
        }
    }
    const Config spelled = accepted(spelled_out.dump());
    const Config plain = accepted("{}");
    CHECK(spelled.machine.ram == plain.machine.ram);
    CHECK(spelled.machine.cpu_hz == plain.machine.cpu_hz);
    CHECK(spelled.machine.append == plain.machine.append);
    CHECK(spelled.machine.args == plain.machine.args);
    CHECK(spelled.machine.rtc_epoch == plain.machine.rtc_epoch);
    CHECK(spelled.timing.mode == plain.timing.mode);
    CHECK(spelled.console.input == plain.console.input);
    CHECK(spelled.seed == plain.seed);
}

TEST_CASE("config: the bundled configs are good", "[emu][config]") {
    const std::string name = GENERATE("fork-demo.json", "shell.json", "selftest.json");
    const Result<Config> config =
        read_config(fs::path(FORKSCOPE_SOURCE_DIR) / "configs" / name, {});
    INFO((config ? "" : config.error().message));
    CHECK(config.ok());
}
