#include "ui/page_action.hpp"

#include "event/probe_text.hpp"

namespace forkscope {

PageDecision page_decision(const Event& event) {
    if (event.kind < static_cast<u16>(EventKind::ProbeBase)) {
        return {};
    }
    const auto& arg = event.arg;
    switch (probe_of(event)) {
    case abi::ProbeId::CowCopy:
        return {PageAction::Copy, arg[2], arg[3], arg[4]};
    case abi::ProbeId::CowReuse:
        return {PageAction::Reuse, arg[2], arg[2], 1};
    case abi::ProbeId::ZeroFill:
        return {PageAction::ZeroFill, 0, arg[2], 1};
    case abi::ProbeId::FileFill:
        return {PageAction::FileFill, 0, arg[2], 1, arg[3]};
    case abi::ProbeId::AnonMap:
        return {PageAction::Share, arg[2], arg[2], arg[3]};
    case abi::ProbeId::EagerCopy:
        return {PageAction::EagerCopy, arg[2], arg[3], 0};
    default:
        return {};
    }
}

} // namespace forkscope
