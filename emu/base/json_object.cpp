#include "base/json_object.hpp"

#include "base/nearest.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <bit>

namespace forkscope {

std::string shown_json(const nlohmann::json& value) {
    constexpr std::size_t kMost = 40;
    std::string text =
        value.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace); // all of it ASCII
    return text.size() > kMost ? text.substr(0, kMost) + "..." : text;
}

JsonObject::JsonObject(const Json& json, std::string where)
    : json_(json), where_(std::move(where)) {
    if (!json.is_object())
        fail("", "an object", shown_json(json));
}

std::optional<u64> JsonObject::whole_number(std::string_view key, u64 least, u64 most) {
    const Json* value = find(key);
    if (value == nullptr)
        return std::nullopt;
    if (value->is_number_unsigned() && value->get<u64>() >= least && value->get<u64>() <= most)
        return value->get<u64>();
    fail(key, "a whole number from " + std::to_string(least) + " to " + std::to_string(most),
         shown_json(*value));
    return std::nullopt;
}

std::optional<u64> JsonObject::power_of_two(std::string_view key, u64 most) {
    const Json* value = find(key);
    if (value == nullptr)
        return std::nullopt;
    if (value->is_number_unsigned() && std::has_single_bit(value->get<u64>()) &&
        value->get<u64>() <= most)
        return value->get<u64>();
    fail(key, "a power of two up to " + std::to_string(most), shown_json(*value));
    return std::nullopt;
}

void JsonObject::boolean(std::string_view key, bool& target) {
    const Json* value = find(key);
    if (value == nullptr)
        return;
    if (value->is_boolean())
        target = value->get<bool>();
    else
        fail(key, "true or false", shown_json(*value));
}

std::optional<std::size_t> JsonObject::choice(std::string_view key,
                                              std::span<const std::string_view> names) {
    const Json* value = find(key);
    if (value == nullptr)
        return std::nullopt;
    for (std::size_t i = 0; i < names.size(); ++i)
        if (value->is_string() && value->get_ref<const std::string&>() == names[i])
            return i;
    fail(key, "one of " + joined(names, ", "), shown_json(*value));
    return std::nullopt;
}

std::string JsonObject::text(std::string_view key, bool needed) {
    constexpr std::size_t kMost = 4000;
    const Json* value = needed ? need(key, "text") : find(key);
    if (value == nullptr)
        return {};
    if (value->is_string()) {
        const auto& text = value->get_ref<const std::string&>();
        if (!text.empty() && text.size() <= kMost)
            return text;
    }
    fail(key, "text of 1 to " + std::to_string(kMost) + " bytes", shown_json(*value));
    return {};
}

void JsonObject::texts(std::string_view key, std::vector<std::string>& target) {
    const Json* value = find(key);
    if (value == nullptr)
        return;
    if (!value->is_array())
        return fail(key, "an array of strings", shown_json(*value));
    std::vector<std::string> result;
    for (const Json& each : *value) {
        if (!each.is_string())
            return fail(std::string(key) + "/" + std::to_string(result.size()), "a string",
                        shown_json(each));
        result.push_back(each.get<std::string>());
    }
    target = std::move(result);
}

const JsonObject::Json* JsonObject::find(std::string_view key) {
    if (std::ranges::find(known_, key) == known_.end())
        known_.emplace_back(key);
    const auto found = json_.is_object() ? json_.find(key) : json_.end();
    return found != json_.end() ? &*found : nullptr;
}

const JsonObject::Json* JsonObject::need(std::string_view key, std::string_view expected) {
    const Json* value = find(key);
    if (value == nullptr)
        fail(key, expected, "nothing");
    return value;
}

std::string JsonObject::at(std::string_view key) const {
    const bool document = key.empty() && where_.ends_with(": ");
    return key.empty() && !document ? where_ : where_ + "/" + std::string(key);
}

void JsonObject::fail(std::string_view key, std::string_view expected, std::string_view found) {
    fail(Error{at(key) + ": expected " + std::string(expected) + ", found " + std::string(found)});
}

void JsonObject::fail(Error error) {
    if (result_.ok())
        result_ = std::move(error);
}

Result<void> JsonObject::finish() {
    if (!json_.is_object())
        return result_;
    for (const auto& [name, value] : json_.items())
        if (std::ranges::find(known_, name) == known_.end()) {
            const std::vector<std::string_view> known(known_.begin(), known_.end());
            fail(name, "one of " + joined(known, ", "), shown_json(name) + suggestion(name, known));
        }
    return result_;
}

} // namespace forkscope
