// The readable account of a run: a pure function of its events, made as they pass,
// in bounded memory.
#pragma once

#include "event/event.hpp"

#include <memory>
#include <string>

namespace forkscope {

struct AccountOptions {
    std::size_t most_stories = 24;   // faults and copies told one by one
    std::size_t most_processes = 40; // lines of the process tree
    std::string full_record;         // where the rest is: names the trace file, or says how to get one
};

class Account final : public EventSink {
public:
    explicit Account(AccountOptions options);
    ~Account() override;

    void on_event(const Event& event) override;

    // The account of the events so far, lines of at most 100 columns.
    [[nodiscard]] std::string text() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace forkscope
