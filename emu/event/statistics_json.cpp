#include "event/statistics.hpp"

#include <nlohmann/json.hpp>

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
    return json.dump(2) + "\n";
}

} // namespace forkscope
