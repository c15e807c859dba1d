#include "base/json_object.hpp"

#include <catch2/catch_test_macros.hpp>

#include <array>

using namespace forkscope;
using Json = nlohmann::json;

namespace {

struct Members {
    u32 number = 7;
    u32 power = 8;
    bool flag = false;
    unsigned choice = 0;
    std::string text;
    std::vector<std::string> texts;
    u32 inner = 0;
};

Result<void> read(const Json& json, Members& members) {
    constexpr std::array<std::string_view, 2> kNames = {"slow", "fast"};
    JsonObject object(json, "file: ");
    object.number("number", members.number, 1, 10);
    object.power_of_two("power", members.power, 64);
    object.boolean("flag", members.flag);
    object.choice("choice", members.choice, kNames);
    members.text = object.text("text", true);
    object.texts("texts", members.texts);
    object.object("inner", [&](const Json& inner, const std::string& where) {
        JsonObject below(inner, where);
        below.number("number", members.inner, 0, 5);
        return below.finish();
    });
    return object.finish();
}

// What is said of a good object into which `patch` is merged.
std::string refusal(const Json& patch) {
    Json json = {{"text", "t"}};
    json.merge_patch(patch);
    Members members;
    const Result<void> result = read(json, members);
    return result ? "" : result.error().message;
}

} // namespace

TEST_CASE("json object: members are read, and those that are not there keep their value",
          "[emu][base]") {
    Members members;
    REQUIRE(read(Json::parse(R"({"number": 3, "power": 16, "flag": true, "choice": "fast",
                                 "text": "words", "texts": ["a", "b"], "inner": {"number": 5}})"),
                 members)
                .ok());
    CHECK(members.number == 3);
    CHECK(members.power == 16);
    CHECK(members.flag);
    CHECK(members.choice == 1);
    CHECK(members.text == "words");
    CHECK(members.texts == std::vector<std::string>{"a", "b"});
    CHECK(members.inner == 5);
    Members none;
    REQUIRE(read(Json::parse(R"({"text": "words"})"), none).ok());
    CHECK(none.number == 7);
    CHECK(none.power == 8);
}

TEST_CASE("json object: what is wrong is told with its place", "[emu][base]") {
    CHECK(refusal(Json::object()).empty());
    CHECK(refusal({{"number", 11}}) ==
          "file: /number: expected a whole number from 1 to 10, found 11");
    CHECK(refusal({{"number", -1}}).ends_with("found -1"));
    CHECK(refusal({{"number", 1.5}}).ends_with("found 1.5"));
    CHECK(refusal({{"power", 12}}) == "file: /power: expected a power of two up to 64, found 12");
    CHECK(refusal({{"power", 128}}).ends_with("found 128"));
    CHECK(refusal({{"flag", 1}}) == "file: /flag: expected true or false, found 1");
    CHECK(refusal({{"choice", "fats"}}) ==
          "file: /choice: expected one of slow, fast, found \"fats\"");
    CHECK(refusal({{"text", nullptr}}) == "file: /text: expected text, found nothing");
    CHECK(refusal({{"text", ""}}) == "file: /text: expected text of 1 to 4000 bytes, found \"\"");
    CHECK(refusal({{"text", std::string(4001, 'x')}}).ends_with("xxx..."));
    CHECK(refusal({{"texts", "a"}}) == "file: /texts: expected an array of strings, found \"a\"");
    CHECK(refusal({{"texts", {"a", 2}}}) == "file: /texts/1: expected a string, found 2");
    CHECK(refusal({{"inner", 3}}) == "file: /inner: expected an object, found 3");
    CHECK(refusal({{"inner", {{"number", 6}}}}) ==
          "file: /inner/number: expected a whole number from 0 to 5, found 6");
    CHECK(refusal({{"nubmer", 3}}) ==
          "file: /nubmer: expected one of number, power, flag, choice, text, texts, inner, found "
          "\"nubmer\" (did you mean \"number\"?)");
    CHECK(refusal({{"number", 11}, {"zzz", 1}}).starts_with("file: /number: ")); // the first
    Members members;
    CHECK(read(Json(3), members).error().message == "file: /: expected an object, found 3");
}
