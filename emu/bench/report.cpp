#include "bench/report.hpp"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <sstream>

namespace forkscope {

namespace {

// Median and minimum of one engine's times, boot left out or not.
struct Summary {
    double median = 0;
    double minimum = 0;
};

Summary summary(const Samples& samples) {
    return {samples.median(), samples.minimum()};
}

Summary operator-(const Summary& whole, const Summary& boot) {
    return {whole.median - boot.median, whole.minimum - boot.minimum};
}

// One line of the table: a workload whole, or net of the boot.
struct Row {
    std::string name;
    u64 instructions = 0;
    Summary ours;
    Summary qemu;
};

Row whole_row(const WorkloadResult& workload) {
    Row row{workload.name, workload.instructions, summary(workload.ours), {}};
    if (!workload.qemu.empty()) {
        row.qemu = summary(workload.qemu);
    }
    return row;
}

Row net_row(const WorkloadResult& workload, const WorkloadResult& boot) {
    const Row whole = whole_row(workload);
    const Row less = whole_row(boot);
    return {workload.name + " net of boot", whole.instructions - less.instructions,
            whole.ours - less.ours, whole.qemu - less.qemu};
}

std::vector<Row> rows(const BenchReport& report) {
    std::vector<Row> result;
    for (const WorkloadResult& workload : report.workloads) {
        result.push_back(whole_row(workload));
        if (&workload != &report.workloads.front()) {
            result.push_back(net_row(workload, report.workloads.front()));
        }
    }
    return result;
}

template <class... Values> std::string format(const char* pattern, Values... values) {
    std::string text(120, '\0');
    const int length = std::snprintf(text.data(), text.size(), pattern, values...);
    text.resize(std::min(text.size() - 1, static_cast<std::size_t>(std::max(length, 0))));
    return text;
}

std::string row_text(const Row& row, bool with_qemu) {
    std::string text =
        format("%-22s %12.1f  %8.3f %8.3f", row.name.c_str(),
               static_cast<double>(row.instructions) / 1e6, row.ours.median, row.ours.minimum);
    if (with_qemu) {
        text += format("  %8.3f %8.3f  %7.2f %7.2f", row.qemu.median, row.qemu.minimum,
                       row.ours.median / row.qemu.median, row.ours.minimum / row.qemu.minimum);
    }
    return text + "\n";
}

nlohmann::ordered_json summary_json(const Summary& value) {
    return {{"median", value.median}, {"minimum", value.minimum}};
}

nlohmann::ordered_json row_json(const Row& row, bool with_qemu) {
    nlohmann::ordered_json json{{"instructions", row.instructions},
                                {"forkscope_seconds", summary_json(row.ours)}};
    if (with_qemu) {
        json["qemu_seconds"] = summary_json(row.qemu);
        json["ratio"] =
            summary_json({row.ours.median / row.qemu.median, row.ours.minimum / row.qemu.minimum});
    }
    return json;
}

u64 cost_of(const BenchReport& report, std::string_view kind, u64 pages) {
    const auto found = std::ranges::find_if(report.forks, [&](const ForkCost& cost) {
        return cost.kind == kind && cost.pages == pages;
    });
    return found == report.forks.end() ? 0 : found->instructions;
}

// The cost by kind, a line for each number of pages.
std::string fork_table(const BenchReport& report) {
    std::string text;
    for (const ForkCost& cost : report.forks) {
        if (cost.kind == "resident") {
            text += format("\nfork + exit + wait, %llu pages resident: %llu instructions\n",
                           static_cast<unsigned long long>(cost.pages),
                           static_cast<unsigned long long>(cost.instructions));
        }
    }
    text += format("\n%-22s %12s %14s %14s\n", "fork + exit + wait,", "copy on write",
                   "COW, all then", "copied at once");
    text +=
        format("%-22s %12s %14s %14s\n", "instructions by pages", "(COW)", "written", "(wired)");
    for (const ForkCost& cost : report.forks) {
        if (cost.kind == "cow") {
            text += format("%-22llu %12llu %14llu %14llu\n",
                           static_cast<unsigned long long>(cost.pages),
                           static_cast<unsigned long long>(cost.instructions),
                           static_cast<unsigned long long>(cost_of(report, "written", cost.pages)),
                           static_cast<unsigned long long>(cost_of(report, "eager", cost.pages)));
        }
    }
    return text;
}

// Guest MIPS, boot included.
double speed(const CycleResult& result, const Samples& samples) {
    return static_cast<double>(result.instructions) / samples.median() / 1e6;
}

std::string cycle_table(const CycleResult& result) {
    std::string text = format("\ncycle timing: compute, boot included%14s  %8s  %8s\n", "seconds",
                              "minimum", "MIPS");
    const auto row = [&](const char* name, const Samples& samples) {
        text += format("%-36s %13.3f  %8.3f  %8.1f\n", name, samples.median(), samples.minimum(),
                       speed(result, samples));
    };
    row("functional", result.functional);
    row("cycle", result.cycle);
    row("cycle, with --trace", result.traced);
    if (result.qemu_cache.empty())
        return text + "QEMU with its cache plugin: not measured: " + result.why_not + "\n";
    row("QEMU with its cache plugin", result.qemu_cache);
    return text + format("cycle/QEMU with its cache plugin %17.2f  %8.2f\n",
                         result.cycle.median() / result.qemu_cache.median(),
                         result.cycle.minimum() / result.qemu_cache.minimum());
}

nlohmann::ordered_json cycle_json(const CycleResult& result) {
    nlohmann::ordered_json json{{"instructions", result.instructions}};
    for (const auto& [name, samples] :
         {std::pair("functional", &result.functional), std::pair("cycle", &result.cycle),
          std::pair("traced", &result.traced), std::pair("qemu_cache", &result.qemu_cache)}) {
        if (!samples->empty()) {
            json[name] = {{"seconds", summary_json(summary(*samples))},
                          {"mips", speed(result, *samples)},
                          {"times", samples->all()}};
        }
    }
    return json;
}

} // namespace

std::vector<ForkCost> fork_costs(std::string_view console) {
    std::vector<ForkCost> costs;
    std::istringstream lines{std::string(console)};
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        ForkCost cost;
        std::string rest;
        if (words >> cost.kind >> cost.pages >> cost.instructions && !(words >> rest)) {
            costs.push_back(cost);
        }
    }
    return costs;
}

double Samples::median() const {
    std::vector<double> sorted = seconds_;
    std::ranges::sort(sorted);
    const std::size_t middle = sorted.size() / 2;
    return sorted.size() % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

double Samples::minimum() const {
    return *std::ranges::min_element(seconds_);
}

std::string bench_table(const BenchReport& report) {
    const bool with_qemu = !report.qemu.empty();
    std::string text = "host:  " + report.host + "\n";
    text += "QEMU:  " + (with_qemu ? report.qemu : std::string("not installed")) + "\n";
    text += format("guest: %s of RAM; %zu runs of each%s\n\n", report.ram.c_str(),
                   report.workloads.front().ours.all().size(),
                   with_qemu ? ", forkscope and QEMU in turns" : "");
    for (const WorkloadResult& workload : report.workloads) {
        text += format("%-8s %s\n", workload.name.c_str(), workload.about.c_str());
    }
    text += format("\n%-22s %12s  %17s", "", "instructions", "forkscope seconds");
    text += with_qemu ? format("  %17s  %15s\n", "QEMU seconds", "forkscope/QEMU") : "\n";
    text += format("%-22s %12s  %8s %8s", "", "millions", "median", "minimum");
    text +=
        with_qemu ? format("  %8s %8s  %7s %7s\n", "median", "minimum", "median", "minimum") : "\n";
    for (const Row& row : rows(report)) {
        text += row_text(row, with_qemu);
    }
    if (!report.forks.empty()) {
        text += fork_table(report);
    }
    if (report.cycle) {
        text += cycle_table(*report.cycle);
    }
    return text;
}

std::string bench_json(const BenchReport& report) {
    const bool with_qemu = !report.qemu.empty();
    const WorkloadResult& boot = report.workloads.front();
    nlohmann::ordered_json workloads = nlohmann::ordered_json::array();
    for (const WorkloadResult& workload : report.workloads) {
        nlohmann::ordered_json json{{"name", workload.name},
                                    {"about", workload.about},
                                    {"append", workload.append},
                                    {"whole", row_json(whole_row(workload), with_qemu)}};
        if (&workload != &boot) {
            json["net_of_boot"] = row_json(net_row(workload, boot), with_qemu);
        }
        json["forkscope_times"] = workload.ours.all();
        json["qemu_times"] = workload.qemu.all();
        workloads.push_back(std::move(json));
    }
    nlohmann::ordered_json forks = nlohmann::ordered_json::array();
    for (const ForkCost& cost : report.forks) {
        forks.push_back(
            {{"kind", cost.kind}, {"pages", cost.pages}, {"instructions", cost.instructions}});
    }
    nlohmann::ordered_json json{
        {"schema_version", 1},
        {"host", report.host},
        {"qemu", with_qemu ? nlohmann::json(report.qemu) : nlohmann::json()},
        {"guest_ram", report.ram},
        {"workloads", std::move(workloads)},
        {"fork_exit_wait", std::move(forks)}};
    if (report.cycle) {
        json["cycle"] = cycle_json(*report.cycle);
    }
    return json.dump(2) + "\n";
}

} // namespace forkscope
