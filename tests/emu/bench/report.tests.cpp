#include "bench/report.hpp"

#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>
#include <sstream>

using namespace forkscope;

namespace {

Samples samples(std::initializer_list<double> seconds) {
    Samples result;
    for (const double value : seconds) {
        result.add(value);
    }
    return result;
}

BenchReport report_with_qemu() {
    return {"a CPU, 2 CPUs",
            "QEMU emulator version 7.2",
            "256M",
            {{"boot", "boot alone", "job=/bin/true", 10'000'000, samples({0.1, 0.3, 0.2}),
              samples({0.5, 0.4, 0.6})},
             {"fork", "many forks", "job=/bin/bench-fork", 110'000'000, samples({1.2, 1.1, 1.4}),
              samples({2.5, 2.4, 2.9})}}};
}

BenchReport report_without_qemu() {
    BenchReport report = report_with_qemu();
    report.qemu.clear();
    for (WorkloadResult& workload : report.workloads) {
        workload.qemu = {};
    }
    return report;
}

} // namespace

TEST_CASE("bench: the median of an even number of times lies between the middle two", "[bench]") {
    CHECK(samples({4, 1, 3, 2}).median() == 2.5);
    CHECK(samples({3, 1, 2}).median() == 2);
    CHECK(samples({3, 1, 2}).minimum() == 1);
}

TEST_CASE("bench: JSON gives each workload whole and net of the boot", "[bench]") {
    const auto json = nlohmann::json::parse(bench_json(report_with_qemu()));
    const auto& boot = json["workloads"][0];
    CHECK_FALSE(boot.contains("net_of_boot"));
    CHECK(boot["whole"]["ratio"]["median"].get<double>() == Catch::Approx(0.2 / 0.5));

    const auto& fork = json["workloads"][1];
    CHECK(fork["whole"]["ratio"]["minimum"].get<double>() == Catch::Approx(1.1 / 2.4));
    CHECK(fork["net_of_boot"]["instructions"] == 100'000'000);
    CHECK(fork["net_of_boot"]["forkscope_seconds"]["median"].get<double>() == Catch::Approx(1.0));
    CHECK(fork["net_of_boot"]["ratio"]["median"].get<double>() == Catch::Approx(1.0 / 2.0));
    CHECK(fork["forkscope_times"] == nlohmann::json({1.2, 1.1, 1.4}));
}

TEST_CASE("bench: without QEMU there are no ratios", "[bench]") {
    const auto json = nlohmann::json::parse(bench_json(report_without_qemu()));
    CHECK(json["qemu"].is_null());
    CHECK_FALSE(json["workloads"][1]["whole"].contains("ratio"));
    CHECK(bench_table(report_without_qemu()).find("not installed") != std::string::npos);
}

TEST_CASE("bench: the table has a line for each workload, whole and net", "[bench]") {
    std::istringstream table(bench_table(report_with_qemu()));
    std::vector<std::string> lines;
    for (std::string line; std::getline(table, line);) {
        CHECK(line.size() <= 100);
        lines.push_back(line);
    }
    REQUIRE(lines.size() >= 3);
    CHECK(lines[lines.size() - 3].starts_with("boot "));
    CHECK(lines[lines.size() - 2].starts_with("fork "));
    CHECK(lines.back().starts_with("fork net of boot"));
    CHECK(lines.back().ends_with("0.50    0.50"));
}

TEST_CASE("bench: costs of fork are read off the guest's console, other lines left out",
          "[bench]") {
    const auto costs = fork_costs("Forkscope guest kernel\r\n256 MiB of memory\r\n"
                                  "resident 64 27482\r\ncow 16 22160\r\neager 16 34192\r\n");
    REQUIRE(costs.size() == 3);
    CHECK(costs[0].kind == "resident");
    CHECK(costs[0].pages == 64);
    CHECK(costs[2].kind == "eager");
    CHECK(costs[2].instructions == 34192);
}

TEST_CASE("bench: the table has a line for each number of pages", "[bench]") {
    BenchReport report = report_without_qemu();
    report.forks = {{"resident", 64, 27482},
                    {"cow", 16, 100},
                    {"written", 16, 200},
                    {"eager", 16, 300},
                    {"cow", 256, 7}};
    const std::string table = bench_table(report);
    CHECK(table.find("64 pages resident: 27482 instructions") != std::string::npos);
    CHECK(table.find("16                              100            200            300\n") !=
          std::string::npos);
    CHECK(table.find("256                               7              0              0\n") !=
          std::string::npos);
}

TEST_CASE("bench: cycle timing is given in MIPS and against QEMU with its plugin", "[bench]") {
    BenchReport report = report_with_qemu();
    report.cycle = CycleResult{500'000'000,    samples({0.5}),    samples({2, 3, 4}),
                               samples({2.5}), samples({12, 10}), ""};
    const std::string table = bench_table(report);
    CHECK(table.find("\nfunctional ") != std::string::npos);
    CHECK(table.find(" 1000.0\n") != std::string::npos);
    CHECK(table.find(" 166.7\n") != std::string::npos);
    CHECK(table.find(" 0.27      0.20\n") != std::string::npos);
    const auto json = nlohmann::json::parse(bench_json(report))["cycle"];
    CHECK(json["traced"]["mips"].get<double>() == Catch::Approx(200));
    CHECK(json["qemu_cache"]["times"] == nlohmann::json({12, 10}));

    report.cycle->qemu_cache = {};
    report.cycle->why_not = "no plugin";
    CHECK(bench_table(report).find("not measured: no plugin") != std::string::npos);
    CHECK_FALSE(nlohmann::json::parse(bench_json(report))["cycle"].contains("qemu_cache"));
}
