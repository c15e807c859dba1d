#include "model/cycles.hpp"

#include "base/text.hpp"
#include "model/focus.hpp"
#include "model/names.hpp"
#include "ui/columns.hpp"
#include "ui/text_table.hpp"
#include "ui/words.hpp"

#include <algorithm>
#include <unordered_map>

namespace forkscope {

namespace {

constexpr std::size_t kMostRows = 40;    // as text
constexpr std::size_t kMostBuckets = 64; // columns of the history as text

double ratio(u64 part, u64 whole) {
    return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

std::string readable(std::string_view name) {
    std::string text(name);
    std::ranges::replace(text, '_', ' ');
    return text;
}

std::vector<CyclesRow> fold(const Snapshot& snapshot, const Selection& selection, u64& total) {
    const Names names(snapshot);
    const u32 pinned = pinned_pid(snapshot, selection);
    std::vector<CyclesRow> rows;
    std::unordered_map<u32, std::size_t> by_pid;
    for (const CycleSlice& slice : snapshot.cycles) {
        const auto [found, added] = by_pid.try_emplace(slice.pid, rows.size());
        if (added) {
            CyclesRow row;
            row.pid = slice.pid;
            row.name = names.who(slice.pid);
            row.colour = palette_index(slice.pid);
            row.pinned = slice.pid == pinned && pinned != 0;
            rows.push_back(std::move(row));
        }
        CyclesRow& row = rows[found->second];
        row.cycles += slice.cycles;
        row.instructions += slice.instructions;
        row.work[std::min<std::size_t>(static_cast<std::size_t>(slice.work), kWorks - 1)] +=
            slice.cycles;
        row.cause[std::min<std::size_t>(static_cast<std::size_t>(slice.cause), kCycleCauses - 1)] +=
            slice.cycles;
        total += slice.cycles;
    }
    for (CyclesRow& row : rows) {
        row.share = ratio(row.cycles, total);
        row.per_instruction = ratio(row.cycles, row.instructions);
    }
    std::ranges::stable_sort(rows, std::ranges::greater{}, &CyclesRow::cycles);
    return rows;
}

// Sums of one array of the rows, those that are zero left out.
template <std::size_t N, class Name>
std::vector<Share> shares(const std::vector<CyclesRow>& rows, u64 total,
                          std::array<u64, N> CyclesRow::*array, Name name) {
    std::vector<Share> result;
    for (std::size_t i = 0; i < N; ++i) {
        u64 sum = 0;
        for (const CyclesRow& row : rows) {
            sum += (row.*array)[i];
        }
        if (sum != 0) {
            result.push_back({readable(name(i)), sum, ratio(sum, total)});
        }
    }
    return result;
}

std::vector<HitRate> hit_rates(const Totals& totals) {
    constexpr std::array<std::pair<TimingUnit, const char*>, 5> units = {
        {{TimingUnit::L1i, "L1 instruction cache"},
         {TimingUnit::L1d, "L1 data cache"},
         {TimingUnit::L2, "L2 cache"},
         {TimingUnit::Tlb, "TLB"},
         {TimingUnit::Branches, "branch prediction"}}};
    std::vector<HitRate> rates;
    for (const auto& [unit, name] : units) {
        if (totals.timing) {
            const Totals::UnitCount& count = (*totals.timing)[static_cast<std::size_t>(unit)];
            const u64 hits = count.uses - std::min(count.misses, count.uses);
            rates.push_back({name, count.uses, count.misses, ratio(hits, count.uses)});
        }
    }
    return rates;
}

std::string share_text(const std::vector<Share>& shares, u64 total) {
    std::string text;
    for (const Share& share : shares) {
        text += (text.empty() ? "" : ", ") + share.name + " " + percent(share.cycles, total);
    }
    return text;
}

// A column an interval; intervals are put together if there are too many.
std::string history_text(const CyclesModel& model) {
    if (model.history_most == 0) {
        return "";
    }
    const std::size_t each = (model.history.size() + kMostBuckets - 1) / kMostBuckets;
    constexpr std::string_view levels = " .:-=+*#%@";
    std::vector<u64> faults, copies;
    for (std::size_t i = 0; i < model.history.size(); ++i) {
        if (i % each == 0) {
            faults.push_back(0);
            copies.push_back(0);
        }
        const FaultBucket& bucket = model.history[i];
        faults.back() += u64{bucket.translation} + bucket.permission + bucket.other;
        copies.back() += bucket.copies;
    }
    const u64 most = std::ranges::max(faults);
    const auto line = [&](const char* name, const std::vector<u64>& counts) {
        std::string text = "  " + pad_right(name, 8) + "|";
        for (const u64 count : counts) {
            const u64 level =
                count == 0 ? 0 : 1 + std::min(count, most) * (levels.size() - 2) / most;
            text += levels[level];
        }
        return text + "|\n";
    };
    return wrap("  ", "Faults over time, a column for " + grouped(model.bucket * each) +
                          " cycles; @ is " + grouped(most) + ":") +
           line("faults", faults) + line("copies", copies);
}

std::string table_text(const CyclesModel& model) {
    std::vector<TextTable::Column> columns = {
        {"process", false, 30}, {"cycles", true}, {"share", true}};
    for (const Share& work : model.works) {
        columns.push_back({work.name, true});
    }
    columns.push_back({""});
    TextTable table(columns);
    for (std::size_t i = 0; i < std::min(model.rows.size(), kMostRows); ++i) {
        const CyclesRow& row = model.rows[i];
        std::vector<std::string> cells = {row.name, grouped(row.cycles),
                                          percent(row.cycles, model.total)};
        for (std::size_t work = 0; work < kWorks; ++work) {
            if (std::ranges::find(model.works, work_name(work), &Share::name) !=
                model.works.end()) {
                cells.push_back(percent(row.work[work], row.cycles));
            }
        }
        cells.emplace_back();
        table.add(std::move(cells));
    }
    return table.text() +
           (model.rows.size() > kMostRows
                ? "  ... and " + grouped(model.rows.size() - kMostRows) + " more processes\n"
                : "");
}

} // namespace

CyclesModel model_cycles(const Snapshot& snapshot, const Selection& selection) {
    CyclesModel model;
    model.rows = fold(snapshot, selection, model.total);
    model.works = shares(model.rows, model.total, &CyclesRow::work, work_name);
    model.causes = shares(model.rows, model.total, &CyclesRow::cause, cycle_cause_name);
    model.rates = hit_rates(snapshot.totals);
    model.history = snapshot.fault_history;
    if (model.history.size() > 1) {
        model.bucket = model.history[1].begin - model.history[0].begin;
    }
    for (const FaultBucket& bucket : model.history) {
        model.history_most =
            std::max(model.history_most, bucket.translation + bucket.permission + bucket.other);
    }
    model.faults = snapshot.totals.faults;
    model.vm = snapshot.totals.vm;
    return model;
}

std::string text(const CyclesModel& model) {
    if (model.total == 0) {
        return "  No cycle has been spent.\n";
    }
    std::string text = table_text(model);
    text += wrap("  ", "By work: " + share_text(model.works, model.total) + ".");
    text += wrap("  ", "By cause: " + share_text(model.causes, model.total) + ".");
    TextTable rates({{"unit"}, {"uses", true}, {"misses", true}, {"hits"}});
    for (const HitRate& rate : model.rates) {
        rates.add({rate.name, grouped(rate.uses), grouped(rate.misses),
                   percent(rate.uses - std::min(rate.uses, rate.misses), rate.uses)});
    }
    text += rates.empty() ? "" : rates.text();
    const FaultCounts& faults = model.faults;
    text += wrap("  ", "Faults: " + grouped(faults.translation) + " translation, " +
                           grouped(faults.permission) + " permission, " +
                           grouped(faults.all() - faults.translation - faults.permission) +
                           " other; pages: " + grouped(model.vm.cow_copy) + " copied on write, " +
                           grouped(model.vm.cow_reuse) + " left to the last sharer, " +
                           grouped(model.vm.zero_fill) + " filled with zeros, " +
                           grouped(model.vm.file_fill) + " from files.");
    return text + history_text(model);
}

} // namespace forkscope
