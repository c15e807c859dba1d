// What the event log shows: words, pid:N, kind:NAME, each of which may have a "-"
// before it; an event must meet all.
#pragma once

#include "base/result.hpp"
#include "event/event.hpp"

#include <string>
#include <vector>

namespace forkscope {

class EventFilter {
public:
    // Errors are one line: "pid:x: a number is expected after pid:".
    //   fork-demo        a word that the sentence has, in any case
    //   "page fault"     words as they stand
    //   pid:3  pid:3,4   events of these processes
    //   kind:fault,cow   kinds whose name has one of these
    //   -kind:syscall    not these
    // The machine's accounting (cycles-spent, timing-total) and the text that
    // belongs to other events are left out unless a kind: names them.
    static Result<EventFilter> parse(std::string_view text);

    // False if `event` is left out whatever its sentence is.
    [[nodiscard]] bool admits(const Event& event) const;
    // True if `admits` decides alone.
    [[nodiscard]] bool ignores_words() const { return words_.empty(); }
    // `sentence` has all words, and none of the unwanted ones.
    [[nodiscard]] bool matches(std::string_view sentence) const;

private:
    struct Word {
        std::string text; // lower case
        bool wanted = true;
    };
    struct Pids {
        std::vector<u32> pids;
        bool wanted = true;
    };
    struct Kinds {
        std::vector<bool> kinds; // by index in event_infos()
        bool wanted = true;
    };
    Result<void> add(std::string_view term, bool wanted);
    Result<void> add_pids(std::string_view list, bool wanted);
    Result<void> add_kinds(std::string_view list, bool wanted);

    std::vector<Word> words_;
    std::vector<Pids> pids_;
    std::vector<Kinds> kinds_;
};

} // namespace forkscope
