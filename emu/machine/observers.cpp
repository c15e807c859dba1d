#include "machine/observers.hpp"

namespace forkscope {

// --- Console

void ConsoleRecorder::put(u8 byte) {
    if (output_ != nullptr)
        output_->put(byte);
    if (reporter_.sink() == nullptr)
        return;
    if (byte != '\n')
        line_.push_back(static_cast<char>(byte));
    if (byte == '\n' || line_.size() == kLongestLine) {
        reporter_.report(cpu_->now(), EventKind::ConsoleLine, static_cast<u8>(cpu_->level()),
                         {line_.size(), 0, 0, 0, 0, 0});
        reporter_.report_text(cpu_->now(), static_cast<u8>(cpu_->level()), line_);
        line_.clear();
    }
}

void ConsoleRecorder::flush() {
    if (line_.empty())
        return;
    reporter_.report(cpu_->now(), EventKind::ConsoleLine, static_cast<u8>(cpu_->level()),
                     {line_.size(), 0, 0, 0, 0, 0});
    reporter_.report_text(cpu_->now(), static_cast<u8>(cpu_->level()), line_);
    line_.clear();
}

// --- Probes

void ProbeRecorder::on_probe(const abi::ProbeRecord& record) {
    using abi::ProbeId;
    switch (static_cast<ProbeId>(record.id)) {
    case ProbeId::OnCpu: // what was spent until now is the former process's
        cpu_->settle();
        reporter_.set_pid(static_cast<u32>(record.arg[0]));
        cpu_->work().switch_to(record.arg[0], record.arg[1]);
        break;
    case ProbeId::LwpCreate:
        cpu_->work().make(record.arg[0], record.arg[1]);
        break;
    case ProbeId::SyscallEntry: // borders of spans
    case ProbeId::SyscallReturn:
    case ProbeId::FaultDone:
    case ProbeId::ProcExecSuccess:
        if (cpu_->cycle_model() != nullptr)
            cpu_->settle();
        break;
    case ProbeId::GuestStatus:
        guest_status_ = record.arg[0];
        break;
    case ProbeId::Panic:
        panicked_ = true;
        break;
    default:
        break;
    }
    if (reporter_.sink() == nullptr)
        return;
    const u16 kind = static_cast<u16>(static_cast<u32>(EventKind::ProbeBase) + record.id);
    Event event = reporter_.stamp(cpu_->now(), kind, static_cast<u8>(cpu_->level()));
    for (u32 i = 0; i < record.count; ++i)
        event.arg[i] = record.arg[i];
    reporter_.sink()->on_event(event);
}

void ProbeRecorder::on_malformed(u32 doorbell, u32 id) {
    reporter_.report(cpu_->now(), EventKind::ProbeMalformed, static_cast<u8>(cpu_->level()),
                     {doorbell, id, 0, 0, 0, 0});
}

} // namespace forkscope
