#include "model/event_filter.hpp"

#include "model/event_sentence.hpp"
#include "ui/words.hpp"

#include <algorithm>
#include <charconv>

namespace forkscope {

namespace {

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result) {
        c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    }
    return result;
}

// Takes the next term off `text`: up to a blank outside quotes. The quotes stay.
std::string_view take_term(std::string_view& text) {
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    bool quoted = false;
    std::size_t end = 0;
    for (; end < text.size() && (quoted || text[end] != ' '); ++end) {
        quoted ^= text[end] == '"';
    }
    const std::string_view term = text.substr(0, end);
    text.remove_prefix(end);
    return term;
}

// Calls `use` for each part between commas until it returns false.
template <class Use> bool each_part(std::string_view list, Use use) {
    while (true) {
        const std::size_t comma = list.find(',');
        if (!use(list.substr(0, comma))) {
            return false;
        }
        if (comma == std::string_view::npos) {
            return true;
        }
        list.remove_prefix(comma + 1);
    }
}

bool is_accounting(u16 kind) {
    return kind == static_cast<u16>(EventKind::Text) ||
           kind == static_cast<u16>(EventKind::CyclesSpent) ||
           kind == static_cast<u16>(EventKind::TimingTotal);
}

} // namespace

Result<EventFilter> EventFilter::parse(std::string_view text) {
    EventFilter filter;
    while (true) {
        std::string_view term = take_term(text);
        if (term.empty()) {
            return filter;
        }
        const bool wanted = term.front() != '-' || term.size() == 1;
        term.remove_prefix(wanted ? 0 : 1);
        if (const Result<void> added = filter.add(term, wanted); !added) {
            return added.error();
        }
    }
}

Result<void> EventFilter::add(std::string_view term, bool wanted) {
    if (term.starts_with("pid:")) {
        return add_pids(term.substr(4), wanted);
    }
    if (term.starts_with("kind:")) {
        return add_kinds(term.substr(5), wanted);
    }
    std::string word = lower(term);
    if (std::ranges::count(word, '"') % 2 != 0) {
        return Error{printable(term) + ": a quote is not closed"};
    }
    std::erase(word, '"');
    if (!word.empty()) {
        words_.push_back({std::move(word), wanted});
    }
    return {};
}

Result<void> EventFilter::add_pids(std::string_view list, bool wanted) {
    Pids pids{{}, wanted};
    const bool good = each_part(list, [&](std::string_view part) {
        u32 pid = 0;
        const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), pid);
        pids.pids.push_back(pid);
        return error == std::errc() && end == part.data() + part.size();
    });
    if (!good) {
        return Error{"pid:" + printable(list) + ": numbers are expected, as in pid:3 or pid:3,4"};
    }
    pids_.push_back(std::move(pids));
    return {};
}

Result<void> EventFilter::add_kinds(std::string_view list, bool wanted) {
    const auto infos = event_infos();
    Kinds kinds{std::vector<bool>(infos.size()), wanted};
    const bool good = each_part(list, [&](std::string_view part) {
        const std::string name = lower(part);
        bool found = false;
        for (std::size_t i = 0; i < infos.size() && !name.empty(); ++i) {
            const bool has = infos[i].name.find(name) != std::string_view::npos;
            kinds.kinds[i] = kinds.kinds[i] || has;
            found |= has;
        }
        return found;
    });
    if (!good) {
        return Error{"kind:" + printable(list) + ": no kind of event has this name"};
    }
    kinds_.push_back(std::move(kinds));
    return {};
}

bool EventFilter::admits(const Event& event) const {
    const EventInfo* info = event_info(event.kind);
    bool named = false;
    for (const Kinds& kinds : kinds_) {
        const bool has =
            info != nullptr && kinds.kinds[static_cast<std::size_t>(info - event_infos().data())];
        if (has != kinds.wanted) {
            return false;
        }
        named |= kinds.wanted;
    }
    if (!named && is_accounting(event.kind)) {
        return false;
    }
    return std::ranges::all_of(pids_, [&](const Pids& pids) {
        return std::ranges::any_of(pids.pids, [&](u32 pid) { return concerns(event, pid); }) ==
               pids.wanted;
    });
}

bool EventFilter::matches(std::string_view sentence) const {
    if (words_.empty()) {
        return true;
    }
    const std::string text = lower(sentence);
    return std::ranges::all_of(words_, [&](const Word& word) {
        return (text.find(word.text) != std::string::npos) == word.wanted;
    });
}

} // namespace forkscope
