// Questions that a moment of a run can answer. docs/lessons.md lists them.
#pragma once

#include "base/result.hpp"
#include "lesson/answer.hpp"
#include "snapshot/snapshot.hpp"

#include <map>
#include <span>

namespace forkscope {

// Which process: "init", "self" (on the CPU), "job" (the first child of init), its
// n-th child "job/1" and so on by birth, or a pid.
struct ProcessPath {
    enum class From : u8 { Init, Self, Job, Pid };
    From from = From::Job;
    u32 pid = 0;
    std::vector<u32> births; // 1 is the first
    std::string text = "job";
};
[[nodiscard]] std::optional<ProcessPath> parse_process_path(const std::string& text);

// What a query may or must be told, as bits.
enum QueryPart : unsigned {
    kProcess = 1,
    kOther = 2,
    kAddress = 4,
    kSince = 8,
    kEvent = 16,
    kName = 32,
};

struct Query;

// Moments that a lesson has come by, by the names of its steps.
using Moments = std::map<std::string, std::shared_ptr<const Snapshot>>;

struct QueryInfo {
    std::string_view name;
    AnswerKind kind;
    unsigned needs;   // QueryPart
    unsigned permits; // besides
    Result<Answer> (*compute)(const Query& query, const Snapshot& now, const Moments& moments);
};

struct Query {
    const QueryInfo* info = nullptr;
    std::optional<ProcessPath> process;
    std::optional<ProcessPath> other;
    u64 address = 0;
    bool has_address = false;
    std::string since; // name of a step
    std::string event; // as in event_infos()
    std::string name;  // of a process, or a register

    [[nodiscard]] Result<Answer> answer(const Snapshot& now, const Moments& moments) const {
        return info->compute(*this, now, moments);
    }
};

// All queries, by name.
[[nodiscard]] std::span<const QueryInfo> query_infos();
[[nodiscard]] const QueryInfo* find_query(std::string_view name);

// 0 to 30 for "x0" to "x30".
[[nodiscard]] std::optional<unsigned> register_number(std::string_view name);

} // namespace forkscope
