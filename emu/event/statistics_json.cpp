#include "event/statistics.hpp"

#include <nlohmann/json.hpp>
#include <numeric>

namespace forkscope {

using Json = nlohmann::ordered_json;

namespace {

const char* reason_name(RunEndReason reason) {
    switch (reason) {
    case RunEndReason::PowerOff:
        return "poweroff";
    case RunEndReason::Panic:
        return "panic";
    case RunEndReason::Limit:
        return "limit";
    case RunEndReason::Stopped:
        break;
    }
    return "stopped";
}

Json to_json(const FaultCounts& faults) {
    return {{"translation", faults.translation},   {"permission", faults.permission},
            {"access_flag", faults.access_flag},   {"alignment", faults.alignment},
            {"address_size", faults.address_size}, {"other", faults.other}};
}

Json to_json(const VmCounts& vm) {
    return {{"cow_copy", vm.cow_copy},
            {"cow_reuse", vm.cow_reuse},
            {"zero_fill", vm.zero_fill},
            {"file_fill", vm.file_fill},
            {"frames_total", vm.frames_total},
            {"frames_free_at_boot", vm.frames_free_at_boot},
            {"frames_free_at_end", vm.frames_free_at_end}};
}

// errno(2) of NetBSD; other values under their number.
Json failed_forks(const std::map<u64, u64>& failed) {
    Json json = {{"EAGAIN", 0}, {"ENOMEM", 0}, {"EINVAL", 0}};
    const std::map<u64, const char*> names = {{35, "EAGAIN"}, {12, "ENOMEM"}, {22, "EINVAL"}};
    for (const auto& [number, count] : failed) {
        const auto name = names.find(number);
        json[name != names.end() ? name->second : std::to_string(number)] = count;
    }
    return json;
}

Json to_json(const ForkCounts& forks) {
    return {{"fork", forks.fork},
            {"vfork", forks.vfork},
            {"vfork14", forks.vfork14},
            {"clone", forks.clone},
            {"failed", failed_forks(forks.failed)}};
}

Json to_json(const ProcessRecord& process) {
    return {{"pid", process.pid},
            {"ppid", process.ppid},
            {"name", process.name},
            {"cycles", process.cycles},
            {"instructions", process.instructions},
            {"cow_copy", process.cow_copy},
            {"born_cycle", process.born_cycle},
            {"exit_cycle", process.exit_cycle},
            {"exited", process.exited}};
}

Json to_json(const SpanSummary& summary) {
    Json json = {{"count", summary.cycles.size()}};
    if (summary.cycles.empty()) {
        return json;
    }
    json["min"] = summary.percentile(0);
    json["median"] = summary.percentile(0.5);
    json["p99"] = summary.percentile(0.99);
    json["max"] = summary.percentile(1);
    json["cycles"] = std::accumulate(summary.cycles.begin(), summary.cycles.end(), u64{0});
    json["causes"] = Json::object();
    for (std::size_t cause = 0; cause < kCycleCauses; ++cause) {
        if (summary.causes[cause] != 0) {
            json["causes"][std::string(cycle_cause_name(cause))] = summary.causes[cause];
        }
    }
    return json;
}

Json to_json(const Spans& spans) {
    Json json = Json::object();
    for (std::size_t kind = 0; kind < kSpanKinds; ++kind) {
        const auto which = static_cast<SpanKind>(kind);
        json[std::string(span_name(which))] = to_json(spans.of(which));
    }
    return json;
}

// What cycle timing counted, under the names of its units.
void add_timing(Json& json, const Totals& totals) {
    if (!totals.timing) {
        return;
    }
    const auto& units = *totals.timing;
    const auto unit = [&](TimingUnit which) { return units[static_cast<std::size_t>(which)]; };
    for (const auto& [name, which] : {std::pair("l1i", TimingUnit::L1i), {"l1d", TimingUnit::L1d},
                                      {"l2", TimingUnit::L2}, {"tlb", TimingUnit::Tlb}}) {
        json[name] = {{"accesses", unit(which).uses}, {"misses", unit(which).misses}};
    }
    json["l1d"]["line_splits"] = unit(TimingUnit::L1d).splits;
    json["branches"] = {{"executed", unit(TimingUnit::Branches).uses},
                        {"mispredicted", unit(TimingUnit::Branches).misses}};
    json["unknown_instructions"] = unit(TimingUnit::UnknownInstructions).uses;
}

} // namespace

std::string Statistics::to_json(double wall_seconds) const {
    Json json;
    json["schema_version"] = 1;
    json["result"] = {{"reason", reason_name(totals_.reason)},
                      {"guest_status", totals_.guest_status}};
    json["cycles"] = totals_.cycles;
    json["instructions"] = totals_.instructions;
    json["wall_seconds"] = wall_seconds;
    json["mips"] =
        wall_seconds > 0 ? static_cast<double>(totals_.instructions) / wall_seconds / 1e6 : 0.0;
    json["faults"] = forkscope::to_json(totals_.faults);
    json["vm"] = forkscope::to_json(totals_.vm);
    json["forks"] = forkscope::to_json(totals_.forks);
    json["processes"] = Json::array();
    for (const ProcessRecord& process : processes_) {
        json["processes"].push_back(forkscope::to_json(process));
    }
    json["attribution"] = Json::array();
    for (const auto& [spender, cycles] : attribution_) {
        const auto& [pid, el, cause] = spender;
        json["attribution"].push_back(
            {{"pid", pid}, {"el", el}, {"cause", cycle_cause_name(cause)}, {"cycles", cycles}});
    }
    json["work"] = Json::array();
    for (const auto& [spender, cycles] : work_) {
        json["work"].push_back(
            {{"pid", spender.first}, {"work", work_name(spender.second)}, {"cycles", cycles}});
    }
    add_timing(json, totals_);
    if (cycle_timing_) {
        json["spans"] = forkscope::to_json(spans_);
    }
    return json.dump(2) + "\n";
}

} // namespace forkscope
