#include "model/describe.hpp"

#include "model/address_space.hpp"
#include "model/console.hpp"
#include "model/control_bar.hpp"
#include "model/cpu.hpp"
#include "model/cycles.hpp"
#include "model/event_log.hpp"
#include "model/fault_inspector.hpp"
#include "model/frame_map.hpp"
#include "model/lesson.hpp"
#include "model/process_tree.hpp"
#include "model/table_walk.hpp"
#include "model/timeline.hpp"

namespace forkscope {

namespace {

constexpr std::size_t kLastEvents = 40;

} // namespace

std::string describe(const Snapshot& snapshot, const Selection& selection, const Tutor* tutor) {
    const TimelineRange all = whole_timeline(snapshot, 76);
    const std::pair<const char*, std::string> panels[] = {
        {"1. Control", text(model_control_bar(snapshot, selection))},
        {"2. Process tree", text(model_process_tree(snapshot, selection))},
        {"3. Address space", text(model_address_space(snapshot, selection))},
        {"4. Page-table walk", text(model_table_walk(snapshot, selection))},
        {"5. Frames", text(model_frame_map(snapshot, selection))},
        {"6. Fault", text(model_fault_inspector(snapshot, selection))},
        {"7. Timeline", text(model_timeline(snapshot, selection, all))},
        {"8. Events", text(model_event_log(snapshot, selection), kLastEvents)},
        {"9. CPU", text(model_cpu(snapshot, selection))},
        {"10. Cycles", text(model_cycles(snapshot, selection))},
        {"11. Console", text(model_console(snapshot, selection))}};
    std::string result;
    for (const auto& [title, body] : panels) {
        result += (result.empty() ? "" : "\n") + std::string(title) + "\n" + body;
    }
    if (tutor != nullptr) {
        result += "\n12. Lesson\n" + text(model_lesson(*tutor));
    }
    return result;
}

} // namespace forkscope
