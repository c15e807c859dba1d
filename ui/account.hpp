// The readable account of a run: a pure function of its events, made as they
// pass, in bounded memory.
#pragma once

#include "event/totals.hpp"
#include "ui/chronicle.hpp"

#include <string>

namespace forkscope {

struct AccountOptions {
    ChronicleLimits limits;
    u64 cpu_hz = 1'000'000'000;
    // Ends the sentence "what is not told here is ...".
    std::string full_record = "in the event record: run again with --trace F";
};

// How the run ended, without a full stop; `panic` is the kernel's last message.
std::string describe_end(const Totals& totals, const std::string& panic);

class Account final : public EventSink {
public:
    explicit Account(AccountOptions options)
        : options_(std::move(options)), chronicle_(options_.limits) {}

    void on_event(const Event& event) override;

    // The account, in lines of at most 100 columns. No event comes after it.
    [[nodiscard]] std::string text();

private:
    AccountOptions options_;
    Totals totals_;
    Chronicle chronicle_;
    Cycle booted_ = 0; // cycle of boot-done; 0 if there was none
    std::string panic_;
};

} // namespace forkscope
