#include "timing/timing_model.hpp"

#include "base/json_object.hpp"

#include <bit>
#include <fstream>

namespace forkscope::timing {

using Json = nlohmann::json;

namespace {

constexpr u64 kMostLatency = 10'000;

constexpr std::string_view kReplacementNames[] = {"lru", "plru", "random"};

std::array<std::string_view, kPorts> port_names() {
    std::array<std::string_view, kPorts> names;
    for (std::size_t i = 0; i < kPorts; ++i)
        names[i] = port_name(static_cast<Port>(i));
    return names;
}

Result<void> read_class(const Json& json, const std::string& where, ClassTiming& c) {
    JsonObject r(json, where);
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
    JsonObject r(json, where);
    for (std::size_t i = 0; i < kInstructionClasses; ++i) {
        const std::string_view name = class_name(static_cast<InstructionClass>(i));
        r.need(name, "an object for this instruction class");
        r.object(name, [&](const Json& j, const std::string& w) {
            return read_class(j, w, p.classes[i]);
        });
    }
    return r.finish();
}

Result<void> read_roles(const Json& json, const std::string& where,
                        std::array<u8, kReadRoles>& roles) {
    JsonObject r(json, where);
    for (std::size_t i = 0; i < kReadRoles; ++i)
        r.number(role_name(static_cast<ReadRole>(i)), roles[i], 0, 255);
    return r.finish();
}

Result<void> read_units(const Json& json, const std::string& where, PipelineModel& p) {
    p.units.fill(1);
    JsonObject r(json, where);
    for (std::size_t i = 0; i < kPorts; ++i)
        r.number(port_name(static_cast<Port>(i)), p.units[i], 1, kMaxUnits);
    return r.finish();
}

Result<void> read_pipeline(const Json& json, const std::string& where, PipelineModel& p) {
    JsonObject r(json, where);
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
    JsonObject r(json, where);
    r.number("micro_entries", t.micro_entries, 1, 64);
    r.power_of_two("entries", t.entries, 65536);
    r.power_of_two("ways", t.ways, kMaxWays);
    r.number("latency", t.latency, 0, kMostLatency);
    r.number("walk_cache_entries", t.walk_cache_entries, 0, 4096);
    r.number("walk_step", t.walk_step, 0, kMostLatency);
    r.number("invalidate", t.invalidate, 0, kMostLatency);
    if (t.ways > t.entries)
        r.fail("ways", "at most as many as there are entries", std::to_string(t.ways));
    return r.finish();
}

Result<void> read_branch(const Json& json, const std::string& where, BranchModel& b) {
    JsonObject r(json, where);
    r.number("history_bits", b.history_bits, 0, 32);
    r.power_of_two("counters", b.counters, 1u << 20);
    r.power_of_two("btb_entries", b.btb_entries, 1u << 16);
    r.power_of_two("return_entries", b.return_entries, 64);
    r.number("mispredict_penalty", b.mispredict_penalty, 0, kMostLatency);
    return r.finish();
}

Result<void> read_costs(const Json& json, const std::string& where, CostTiming& c) {
    JsonObject r(json, where);
    r.number("exception_entry", c.exception_entry, 0, kMostLatency);
    r.number("exception_return", c.exception_return, 0, kMostLatency);
    r.number("device_access", c.device_access, 0, kMostLatency);
    r.number("barrier", c.barrier, 0, kMostLatency);
    r.number("dram", c.dram, 0, kMostLatency);
    r.number("store_buffer", c.store_buffer, 1, 64);
    return r.finish();
}

Result<void> read_model(const Json& json, const std::string& where, TimingModel& m) {
    JsonObject r(json, where);
    (void)r.find("sources"); // where the figures come from, for readers
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
    r.need("pipeline", "an object");
    return r.finish();
}

} // namespace

Result<void> apply_cache(const Json& json, const std::string& where, CacheGeometry& g) {
    JsonObject r(json, where);
    r.number("size", g.size, 1, u64{1} << 30);
    r.number("ways", g.ways, 1, kMaxWays);
    r.power_of_two("line", g.line, 4096);
    r.choice("replacement", g.replacement, kReplacementNames);
    r.boolean("write_allocate", g.write_allocate);
    r.boolean("write_back", g.write_back);
    r.number("latency", g.latency, 0, kMostLatency);
    const u64 way = u64{g.ways} * g.line;
    if (g.size % way != 0 || !std::has_single_bit(g.size / way))
        r.fail("size",
               "ways (" + std::to_string(g.ways) + ") times line (" + std::to_string(g.line) +
                   ") times a power of two",
               std::to_string(g.size));
    if (g.replacement == Replacement::TreePlru && !std::has_single_bit(g.ways))
        r.fail("ways", "a power of two for plru", std::to_string(g.ways));
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
