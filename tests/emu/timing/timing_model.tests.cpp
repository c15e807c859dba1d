#include "timing/timing_model.hpp"
#include "support/paths.hpp"

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>

#include <unistd.h>

using namespace forkscope;
using namespace forkscope::timing;

namespace {

using Json = nlohmann::json;

const std::string kModels = FORKSCOPE_SOURCE_DIR "/configs/timing/";

// The default model with one value changed: what reading it says.
std::string refusal(const std::string& pointer, const Json& value) {
    std::ifstream in(kModels + "cortex-a55.json");
    Json json = Json::parse(in);
    json[Json::json_pointer(pointer)] = value;
    const auto file = std::filesystem::temp_directory_path() /
                      ("forkscope-model-" + std::to_string(getpid()) + ".json");
    std::ofstream(file) << json;
    const auto model = read_timing_model(file);
    std::filesystem::remove(file);
    if (model)
        return "";
    const std::string message = model.error().message;
    const std::string start = file.string() + ": ";
    return message.starts_with(start) ? message.substr(start.size()) : "no file: " + message;
}

} // namespace

TEST_CASE("timing model: those that come with the program are read", "[timing][model]") {
    for (const char* name : {"cortex-a55", "small", "wide", "mca-compat"}) {
        const auto model = read_timing_model(kModels + name + ".json");
        REQUIRE(model);
        CHECK(model->name == name);
    }
}

TEST_CASE("timing model: impossible caches are refused, with the key's path", "[timing][model]") {
    CHECK(refusal("/l1d/size", 32768).empty());
    CHECK(refusal("/l1d/size", 33000) ==
          "/l1d/size: expected ways (4) times line (64) times a power of two, found 33000");
    CHECK(refusal("/l2/size", 3 * 65536).starts_with("/l2/size: expected ways (4) times line"));
    CHECK(refusal("/l1i/size", 0).starts_with("/l1i/size: expected a whole number from 1"));
    CHECK(refusal("/l1i/ways", 0) == "/l1i/ways: expected a whole number from 1 to 64, found 0");
    CHECK(refusal("/l2/ways", 3).starts_with("/l2/size: expected ways (3) times line"));
    CHECK(refusal("/l1d/line", 48) == "/l1d/line: expected a power of two up to 4096, found 48");
    CHECK(refusal("/l1d/line", 0).starts_with("/l1d/line: expected a power of two"));
    CHECK(refusal("/l1d/replacement", "mru").starts_with("/l1d/replacement: expected one of lru"));
    CHECK(refusal("/tlb/ways", 2048).starts_with("/tlb/ways: expected "));
    CHECK(refusal("/tlb/entries", 1000).starts_with("/tlb/entries: expected a power of two"));
}

TEST_CASE("timing model: latencies are whole numbers and not negative", "[timing][model]") {
    for (const char* key : {"/l1d/latency", "/l2/latency", "/tlb/latency", "/costs/dram",
                            "/branch/mispredict_penalty", "/pipeline/classes/load/latency"}) {
        const std::string start = std::string(key) + ": expected a whole number from 0 to ";
        for (const Json& wrong : {Json(-1), Json(1.5), Json("3"), Json(1'000'000)}) {
            CHECK(refusal(key, wrong).starts_with(start));
        }
    }
}

TEST_CASE("timing model: every class must be there and nothing else", "[timing][model]") {
    CHECK(refusal("/pipeline/classes/unknown", nullptr)
              .starts_with("/pipeline/classes/unknown: expected an object"));
    CHECK(refusal("/pipeline/classes/teleport", Json::object())
              .starts_with("/pipeline/classes/teleport: expected one of "));
    CHECK(
        refusal("/pipeline/classes/alu/port", "none").starts_with("/pipeline/classes/alu/port: "));
}
