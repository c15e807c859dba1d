// Counts events as they pass, and writes the result as `--stats` JSON
// (schema_version 1). Everything in it is a function of the events, except the
// host's time, which the caller adds.
#pragma once

#include "event/spans.hpp"
#include "event/totals.hpp"

#include <map>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

namespace forkscope {

struct ProcessRecord {
    u32 pid = 0;
    u32 ppid = 0;
    std::string name;
    u64 cycles = 0;
    u64 instructions = 0;
    u64 cow_copy = 0;
    Cycle born_cycle = 0;
    Cycle exit_cycle = 0; // of the end of the run for a process that has not exited
    bool exited = false;
};

class Statistics final : public EventSink {
public:
    void on_event(const Event& event) override;

    [[nodiscard]] const Totals& totals() const { return totals_; }
    [[nodiscard]] const Spans& spans() const { return spans_; }
    // In order of birth.
    [[nodiscard]] const std::vector<ProcessRecord>& processes() const { return processes_; }

    // The sum over processes, levels and causes: the cycles of the run, exactly.
    [[nodiscard]] u64 attributed_cycles() const;

    // The statistics as JSON text. Two equal event streams give the same text
    // but for wall_seconds and mips.
    [[nodiscard]] std::string to_json(double wall_seconds) const;

private:
    using Spender = std::tuple<u32, u64, u64>; // pid, el, cause

    void on_probe(const Event& event);
    void spend(const Event& event);
    void create(const Event& event);
    void exit(const Event& event);
    void end_run(const Event& event);
    ProcessRecord& process(u64 pid, Cycle now);

    Totals totals_;
    std::vector<ProcessRecord> processes_;
    std::unordered_map<u64, std::size_t> current_; // pid -> index in processes_
    std::map<Spender, u64> attribution_;           // cycles
    std::map<std::pair<u32, u64>, u64> work_;      // cycles, by pid and Work
    Spans spans_;
    bool cycle_timing_ = false;
};

} // namespace forkscope
