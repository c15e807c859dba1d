// Reads the members of a JSON object, and says of the first that is wrong where it
// stands and what was expected.
#pragma once

#include "base/result.hpp"
#include "base/types.hpp"

#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace forkscope {

// `value` as JSON, cut after 40 bytes.
[[nodiscard]] std::string shown_json(const nlohmann::json& value);

class JsonObject {
public:
    using Json = nlohmann::json;

    // `where` begins each message; names of members follow it as in a JSON pointer.
    // Borrows `json`, which should be an object.
    JsonObject(const Json& json, std::string where);

    // A member that is not there, or is wrong, leaves its target as it is.
    template <class T> void number(std::string_view key, T& target, u64 least, u64 most) {
        if (const auto value = whole_number(key, least, most))
            target = static_cast<T>(*value);
    }
    template <class T> void power_of_two(std::string_view key, T& target, u64 most) {
        if (const auto value = power_of_two(key, most))
            target = static_cast<T>(*value);
    }
    void boolean(std::string_view key, bool& target);
    // One of `names`; its position is stored.
    template <class T>
    void choice(std::string_view key, T& target, std::span<const std::string_view> names) {
        if (const auto position = choice(key, names))
            target = static_cast<T>(*position);
    }
    void texts(std::string_view key, std::vector<std::string>& target);
    // Text of 1 to 4000 bytes; empty if it is not there, or wrong.
    [[nodiscard]] std::string text(std::string_view key, bool needed = false);
    // Calls read(member, where) if the member is there.
    template <class Read> void object(std::string_view key, Read&& read) {
        if (const Json* value = find(key))
            if (const Result<void> result = read(*value, at(key)); !result)
                fail(result.error());
    }

    // Null if it is not there. Makes the member one of those that may be there.
    [[nodiscard]] const Json* find(std::string_view key);
    // find(), and an error if it is not there.
    const Json* need(std::string_view key, std::string_view expected);

    // "file: /lesson/steps/3"
    [[nodiscard]] std::string at(std::string_view key) const;
    void fail(std::string_view key, std::string_view expected, std::string_view found);
    void fail(Error error);
    // The first error; a member that nobody asked for is one.
    [[nodiscard]] Result<void> finish();

private:
    std::optional<u64> whole_number(std::string_view key, u64 least, u64 most);
    std::optional<u64> power_of_two(std::string_view key, u64 most);
    std::optional<std::size_t> choice(std::string_view key,
                                      std::span<const std::string_view> names);

    const Json& json_;
    std::string where_;
    std::vector<std::string> known_;
    Result<void> result_;
};

} // namespace forkscope
