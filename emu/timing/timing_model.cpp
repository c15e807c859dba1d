#include "timing/timing_model.hpp"

#include <algorithm>
#include <bit>
#include <fstream>
#include <nlohmann/json.hpp>

namespace forkscope::timing {

using Json = nlohmann::json;

namespace {

constexpr u64 kMostLatency = 10'000;

Error expected(const std::string& where, const std::string& what, const Json& found) {
    std::string text = found.dump(-1, ' ', true, Json::error_handler_t::replace);
    if (text.size() > 40)
        text = text.substr(0, 40) + "...";
    return {where + ": expected " + what + ", found " + text};
}

// Reads the members of one JSON object and remembers the first error; every
// member must be asked for.
class ObjectReader {
public:
    ObjectReader(const Json& json, std::string where) : json_(json), where_(std::move(where)) {
        if (!json.is_object())
            fail(expected(where_, "an object", json));
    }

    template <class T> void number(const char* key, T& target, u64 least, u64 most) {
        const Json* value = find(key);
        if (value == nullptr)
            return;
        if (!value->is_number_unsigned() || value->get<u64>() < least || value->get<u64>() > most)
            return fail(expected(path(key),
                                 "a whole number from " + std::to_string(least) + " to " +
                                     std::to_string(most),
                                 *value));
        target = static_cast<T>(value->get<u64>());
    }

    template <class T> void power_of_two(const char* key, T& target, u64 most) {
        const Json* value = find(key);
        if (value == nullptr)
            return;
        if (!value->is_number_unsigned() || !std::has_single_bit(value->get<u64>()) ||
            value->get<u64>() > most)
            return fail(
                expected(path(key), "a power of two up to " + std::to_string(most), *value));
        target = static_cast<T>(value->get<u64>());
    }

    void boolean(const char* key, bool& target) {
        const Json* value = find(key);
        if (value == nullptr)
            return;
        if (!value->is_boolean())
            return fail(expected(path(key), "true or false", *value));
        target = value->get<bool>();
    }

    // One of `names`; the position is stored.
    template <class T, class Names> void choice(const char* key, T& target, const Names& names) {
        const Json* value = find(key);
        if (value == nullptr)
            return;
        std::string list;
        for (std::size_t i = 0; i < std::size(names); ++i) {
            if (value->is_string() && value->get_ref<const std::string&>() == names[i]) {
                target = static_cast<T>(i);
                return;
            }
            list += (i == 0 ? "" : ", ") + std::string(names[i]);
        }
        fail(expected(path(key), "one of " + list, *value));
    }

    void text(const char* key) { find(key); }

    // Calls read(member, where) for an object member that is there.
    template <class Read> void object(const char* key, Read&& read) {
        if (const Json* value = find(key))
            take(read(*value, path(key)));
    }

    [[nodiscard]] bool has(const char* key) const {
        return json_.is_object() && json_.contains(key);
    }
    [[nodiscard]] std::string path(const std::string& key) const { return where_ + "/" + key; }
    void take(Result<void> result) {
        if (!result)
            fail(result.error());
    }
    void fail(Error error) {
        if (result_.ok())
            result_ = std::move(error);
    }

    // The first error, or that of a member nobody asked for.
    Result<void> finish() {
        if (result_.ok() && json_.is_object())
            for (const auto& [key, value] : json_.items())
                if (std::find(asked_.begin(), asked_.end(), key) == asked_.end())
                    return Error{path(key) + ": expected nothing here, found an unknown key"};
        return result_;
    }

private:
    const Json* find(const char* key) {
        asked_.emplace_back(key);
        if (!json_.is_object() || !json_.contains(key))
            return nullptr;
        return &json_.at(key);
    }

    const Json& json_;
    std::string where_;
    std::vector<std::string> asked_;
    Result<void> result_;
};

constexpr std::string_view kReplacementNames[] = {"lru", "plru", "random"};

std::array<std::string_view, kPorts> port_names() {
    std::array<std::string_view, kPorts> names;
    for (std::size_t i = 0; i < kPorts; ++i)
        names[i] = port_name(static_cast<Port>(i));
    return names;
}

Result<void> read_class(const Json& json, const std::string& where, ClassTiming& c) {
    ObjectReader r(json, where);
    r.choice("port", c.port, port_names());
    r.number("latency", c.latency, 0, 255);
    c.latency_second = c.latency;
    r.number("latency_second", c.latency_second, 0, 255);
    r.number("occupancy", c.occupancy, 1, 255);
    r.number("micro_ops", c.micro_ops, 1, 16);
    r.boolean("first_in_cycle", c.first_in_cycle);
    r.number("forwards", c.forwards, 0, 255);
    r.boolean("retires_out_of_order", c.retires_out_of_order);
    r.boolean("skewed", c.skewed);
    return r.finish();
}

Result<void> read_classes(const Json& json, const std::string& where, PipelineModel& p) {
    ObjectReader r(json, where);
    for (std::size_t i = 0; i < kInstructionClasses; ++i) {
        const std::string name(class_name(static_cast<InstructionClass>(i)));
        if (!r.has(name.c_str()))
            r.fail(
                {r.path(name) + ": expected an object for this instruction class, found nothing"});
        r.object(name.c_str(), [&](const Json& j, const std::string& w) {
            return read_class(j, w, p.classes[i]);
        });
    }
    return r.finish();
}

Result<void> read_roles(const Json& json, const std::string& where,
                        std::array<u8, kReadRoles>& roles) {
    ObjectReader r(json, where);
    for (std::size_t i = 0; i < kReadRoles; ++i)
        r.number(std::string(role_name(static_cast<ReadRole>(i))).c_str(), roles[i], 0, 255);
    return r.finish();
}

Result<void> read_units(const Json& json, const std::string& where, PipelineModel& p) {
    p.units.fill(1);
    ObjectReader r(json, where);
    for (std::size_t i = 0; i < kPorts; ++i)
        r.number(std::string(port_name(static_cast<Port>(i))).c_str(), p.units[i], 1, kMaxUnits);
    return r.finish();
}

Result<void> read_pipeline(const Json& json, const std::string& where, PipelineModel& p) {
    ObjectReader r(json, where);
    r.number("issue_width", p.issue_width, 1, 8);
    r.boolean("in_order_write_back", p.in_order_write_back);
    r.number("address_latency", p.address_latency, 0, 255);
    r.boolean("structure_latencies_swapped", p.structure_latencies_swapped);
    r.number("address_micro_ops", p.address_micro_ops, 0, 16);
    r.object("units", [&](const Json& j, const std::string& w) { return read_units(j, w, p); });
    r.object("advance",
             [&](const Json& j, const std::string& w) { return read_roles(j, w, p.advance); });
    r.object("advance_always", [&](const Json& j, const std::string& w) {
        return read_roles(j, w, p.advance_always);
    });
    r.object("classes", [&](const Json& j, const std::string& w) { return read_classes(j, w, p); });
    return r.finish();
}

Result<void> read_tlb(const Json& json, const std::string& where, TlbTiming& t) {
    ObjectReader r(json, where);
    r.number("micro_entries", t.micro_entries, 1, 64);
    r.power_of_two("entries", t.entries, 65536);
    r.power_of_two("ways", t.ways, kMaxWays);
    r.number("latency", t.latency, 0, kMostLatency);
    r.number("walk_cache_entries", t.walk_cache_entries, 0, 4096);
    r.number("walk_step", t.walk_step, 0, kMostLatency);
    r.number("invalidate", t.invalidate, 0, kMostLatency);
    if (t.ways > t.entries)
        r.fail({where + "/ways: expected at most as many as there are entries, found " +
                std::to_string(t.ways)});
    return r.finish();
}

Result<void> read_branch(const Json& json, const std::string& where, BranchModel& b) {
    ObjectReader r(json, where);
    r.number("history_bits", b.history_bits, 0, 32);
    r.power_of_two("counters", b.counters, 1u << 20);
    r.power_of_two("btb_entries", b.btb_entries, 1u << 16);
    r.power_of_two("return_entries", b.return_entries, 64);
    r.number("mispredict_penalty", b.mispredict_penalty, 0, kMostLatency);
    return r.finish();
}

Result<void> read_costs(const Json& json, const std::string& where, CostTiming& c) {
    ObjectReader r(json, where);
    r.number("exception_entry", c.exception_entry, 0, kMostLatency);
    r.number("exception_return", c.exception_return, 0, kMostLatency);
    r.number("device_access", c.device_access, 0, kMostLatency);
    r.number("barrier", c.barrier, 0, kMostLatency);
    r.number("dram", c.dram, 0, kMostLatency);
    r.number("store_buffer", c.store_buffer, 1, 64);
    return r.finish();
}

Result<void> read_model(const Json& json, const std::string& where, TimingModel& m) {
    ObjectReader r(json, where);
    r.text("sources"); // where the figures come from, for readers
    r.object("pipeline",
             [&](const Json& j, const std::string& w) { return read_pipeline(j, w, m.pipeline); });
    r.object("l1i", [&](const Json& j, const std::string& w) { return apply_cache(j, w, m.l1i); });
    r.object("l1d", [&](const Json& j, const std::string& w) { return apply_cache(j, w, m.l1d); });
    r.object("l2", [&](const Json& j, const std::string& w) { return apply_cache(j, w, m.l2); });
    r.object("tlb", [&](const Json& j, const std::string& w) { return read_tlb(j, w, m.tlb); });
    r.object("branch",
             [&](const Json& j, const std::string& w) { return read_branch(j, w, m.branch); });
    r.object("costs",
             [&](const Json& j, const std::string& w) { return read_costs(j, w, m.costs); });
    if (!r.has("pipeline"))
        r.fail({where + "/pipeline: expected an object, found nothing"});
    return r.finish();
}

} // namespace

Result<void> apply_cache(const Json& json, const std::string& where, CacheGeometry& g) {
    ObjectReader r(json, where);
    r.number("size", g.size, 1, u64{1} << 30);
    r.number("ways", g.ways, 1, kMaxWays);
    r.power_of_two("line", g.line, 4096);
    r.choice("replacement", g.replacement, kReplacementNames);
    r.boolean("write_allocate", g.write_allocate);
    r.boolean("write_back", g.write_back);
    r.number("latency", g.latency, 0, kMostLatency);
    const u64 way = u64{g.ways} * g.line;
    if (g.size % way != 0 || !std::has_single_bit(g.size / way))
        r.fail({where + "/size: expected ways (" + std::to_string(g.ways) + ") times line (" +
                std::to_string(g.line) + ") times a power of two, found " +
                std::to_string(g.size)});
    if (g.replacement == Replacement::TreePlru && !std::has_single_bit(g.ways))
        r.fail(
            {where + "/ways: expected a power of two for plru, found " + std::to_string(g.ways)});
    return r.finish();
}

Result<TimingModel> read_timing_model(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    if (!in)
        return Error{file.string() + ": cannot read the timing model"};
    const Json json = Json::parse(in, nullptr, false);
    if (json.is_discarded())
        return Error{file.string() + ": expected a JSON document, found text that is none"};
    TimingModel model;
    model.name = file.stem().string();
    if (Result<void> read = read_model(json, file.string() + ": ", model); !read)
        return read.error();
    return model;
}

} // namespace forkscope::timing
