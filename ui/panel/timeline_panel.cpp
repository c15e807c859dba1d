#include "panel/timeline_panel.hpp"

#include "base/text.hpp"
#include "model/focus.hpp"
#include "panel/drawing.hpp"

#include <algorithm>
#include <cmath>

namespace forkscope {

namespace {

constexpr double kClosest = 200; // cycles across the panel

ImU32 mark_color(const Theme& theme, MarkKind kind) {
    switch (kind) {
    case MarkKind::Fork:
        return theme.fork;
    case MarkKind::Fault:
        return theme.alert;
    case MarkKind::Copy:
        return theme.changed;
    case MarkKind::Reuse:
        return theme.good;
    case MarkKind::Signal:
        return theme.accent;
    default:
        return theme.text;
    }
}

// A round number of cycles between ticks that are at least `least` apart.
double tick_step(double least) {
    const double power = std::pow(10.0, std::floor(std::log10(std::max(1.0, least))));
    for (const double factor : {1.0, 2.0, 5.0}) {
        if (power * factor >= least) {
            return power * factor;
        }
    }
    return power * 10;
}

ImU32 lane_color(const Theme& theme, const TimelineLane& lane) {
    return lane.pid == 0 ? theme.neutral : theme.series[lane.colour];
}

// The first moment of a process, a little earlier; the kernel's boot comes before it.
Cycle first_life(const Snapshot& snapshot) {
    Cycle first = snapshot.control.cycle;
    for (const ProcessView& process : snapshot.processes) {
        first = std::min(first, process.born);
    }
    return first - std::min(first, (snapshot.control.cycle - first) / 20);
}

float lane_top(float top, float height, std::size_t lane) {
    return top + height * static_cast<float>(lane);
}

} // namespace

TimelineRange TimelinePanel::range(const PanelView& view, unsigned columns) const {
    TimelineRange all = whole_timeline(view.snapshot, columns);
    if (!window_) {
        all.begin = std::max(all.begin, first_life(view.snapshot));
        const Cycle margin = (all.end - all.begin) / 60; // so that the last marks are whole
        all.end += margin;
        return all;
    }
    return {static_cast<Cycle>(std::max(0.0, window_->first)),
            static_cast<Cycle>(std::max(1.0, window_->second)), columns};
}

void TimelinePanel::zoom(const PanelView& view, double factor) {
    const TimelineRange now = range(view, 100);
    const auto begin = static_cast<double>(now.begin), end = static_cast<double>(now.end);
    const FaultCard* fault = picked_fault(view.snapshot, view.selection);
    double middle = (begin + end) / 2;
    if (fault != nullptr && fault->taken >= now.begin && fault->taken <= now.end) {
        middle = static_cast<double>(fault->taken);
    }
    const double width = std::max(kClosest, (end - begin) * factor);
    const double share = end > begin ? (middle - begin) / (end - begin) : 0.5;
    const double first = std::max(0.0, middle - width * share);
    window_ = {first, first + width};
    const TimelineRange all = whole_timeline(view.snapshot, 100);
    if (width >= static_cast<double>(all.end - all.begin) * 1.02) {
        window_.reset();
    }
}

void TimelinePanel::pan(const PanelView& view, double share) {
    const TimelineRange now = range(view, 100);
    const double width = static_cast<double>(now.end - now.begin);
    const double begin = std::max(0.0, static_cast<double>(now.begin) + width * share);
    window_ = {begin, begin + width};
}

void TimelinePanel::fit(const PanelView& view) {
    const FaultCard* fault = picked_fault(view.snapshot, view.selection);
    if (window_ || fault == nullptr) {
        window_.reset();
        return;
    }
    const Cycle last = std::max({fault->taken + 100, fault->resolved, fault->returned});
    const auto width = static_cast<double>(last - fault->taken);
    window_ = {std::max(0.0, static_cast<double>(fault->taken) - width),
               static_cast<double>(last) + width};
}

void TimelinePanel::bookmark(PanelView& view) {
    std::vector<Bookmark>& marks = view.selection.bookmarks;
    marks.push_back({view.snapshot.control.cycle, std::to_string(marks.size() + 1)});
}

float TimelinePanel::x_of(const Place& place, const TimelineRange& range, Cycle cycle) const {
    const double width = static_cast<double>(std::max<Cycle>(1, range.end - range.begin));
    const double share = (static_cast<double>(cycle) - static_cast<double>(range.begin)) / width;
    return place.left + static_cast<float>(share) * (place.right - place.left);
}

void TimelinePanel::draw_axis(PanelView& view, const TimelineModel& model, const Place& place) {
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const TimelineRange& range = model.range;
    const double cycles = static_cast<double>(std::max<Cycle>(1, range.end - range.begin));
    const double least = cycles * view.em * 7 / std::max(1.0F, place.right - place.left);
    const double step = tick_step(least);
    const float small = ImGui::GetFontSize() * 0.8F;
    for (double at = std::ceil(static_cast<double>(range.begin) / step) * step;
         at <= static_cast<double>(range.end); at += step) {
        const float x = std::round(x_of(place, range, static_cast<Cycle>(at)));
        list.AddRectFilled({x, place.top - view.em * 0.2F}, {x + 1, place.bottom},
                           faded(view.theme.border, 0.8F));
        const std::string label = grouped(static_cast<u64>(at));
        list.AddText(view.fonts.plain, small, {x + view.em * 0.2F, place.top - view.em * 1.05F},
                     view.theme.dim, label.c_str());
    }
}

void TimelinePanel::draw_lanes(PanelView& view, const TimelineModel& model, const Place& place) {
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const float left = ImGui::GetWindowPos().x;
    for (std::size_t i = 0; i < model.lanes.size(); ++i) {
        const TimelineLane& lane = model.lanes[i];
        const float top = lane_top(place.top, place.lane, i);
        if (!ImGui::IsRectVisible({left, top}, {place.right, top + place.lane})) {
            continue;
        }
        if (lane.pinned) {
            list.AddRectFilled({left, top}, {place.right, top + place.lane},
                               faded(view.theme.accent, 0.22F));
        }
        const float middle = std::round(top + place.lane / 2);
        const float born = std::max(place.left, x_of(place, model.range, lane.born));
        const Cycle until = lane.exited.value_or(model.now);
        const float gone = std::clamp(x_of(place, model.range, until), place.left, place.right);
        if (gone > born) { // alive
            list.AddRectFilled({born, middle - 1}, {gone, middle + 1}, view.theme.neutral);
        }
        if (lane.exited) { // zombie: dashes until it is reaped
            const Cycle reaped = lane.reaped.value_or(model.now);
            const float end = std::clamp(x_of(place, model.range, reaped), place.left, place.right);
            for (float x = gone; x + view.em * 0.2F < end; x += view.em * 0.5F) {
                list.AddRectFilled({x, middle - 1}, {x + view.em * 0.25F, middle + 1},
                                   view.theme.dim);
            }
        }
        const float size = std::min(ImGui::GetFontSize(), place.lane * 0.8F);
        const float swatch = std::round(size * 0.55F);
        list.AddRectFilled({left, middle - swatch / 2}, {left + swatch, middle + swatch / 2},
                           lane_color(view.theme, lane));
        const ImVec4 clip(left, top, place.left - view.em * 0.3F, top + place.lane);
        list.AddText(lane.on_cpu || lane.pinned ? view.fonts.bold : view.fonts.plain, size,
                     {left + swatch * 1.6F, std::round(middle - size / 2)}, view.theme.text,
                     lane.name.c_str(), nullptr, 0, &clip);
    }
}

// A short turn among others is still seen, idling is hardly.
float TimelinePanel::span_strength(const LaneSpan& span) {
    return span.busy < 0.02 ? 0.12F : 0.35F + 0.65F * static_cast<float>(span.busy);
}

void TimelinePanel::draw_spans(PanelView& view, const TimelineModel& model, const Place& place) {
    ImDrawList& list = *ImGui::GetWindowDrawList();
    for (const LaneSpan& span : model.spans) {
        const float top = lane_top(place.top, place.lane, span.lane);
        const float begin = std::floor(x_of(place, model.range, span.begin));
        const float end = std::max(begin + 1, std::floor(x_of(place, model.range, span.end)));
        const ImU32 color = lane_color(view.theme, model.lanes[span.lane]);
        const float inset = std::round(place.lane * 0.22F);
        list.AddRectFilled({begin, top + inset}, {end, top + place.lane - inset},
                           faded(color, span_strength(span)));
    }
}

void TimelinePanel::draw_forks(PanelView& view, const TimelineModel& model, const Place& place) {
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const float t = std::max(1.0F, std::round(view.em * 0.1F));
    for (const LaneMark& mark : model.marks) {
        if (mark.kind != MarkKind::Fork || !mark.other_lane) {
            continue;
        }
        const float x = std::round(x_of(place, model.range, mark.cycle));
        const auto [first, last] = std::minmax(mark.lane, *mark.other_lane);
        list.AddRectFilled({x, lane_top(place.top, place.lane, first) + place.lane / 2},
                           {x + t, lane_top(place.top, place.lane, last) + place.lane / 2},
                           view.theme.fork);
    }
}

void TimelinePanel::draw_marks(PanelView& view, const TimelineModel& model, const Place& place) {
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const float size = std::round(std::min(view.em * 1.05F, place.lane * 0.84F));
    std::vector<float> last(model.lanes.size(), -1e6F); // right edge of the lane's last letter
    for (const LaneMark& mark : model.marks) {
        const float x = std::round(x_of(place, model.range, mark.cycle));
        const float middle =
            std::round(lane_top(place.top, place.lane, mark.lane) + place.lane / 2);
        const ImU32 color = mark_color(view.theme, mark.kind);
        if (mark.picked) {
            list.AddRectFilled({x - 1, place.top}, {x + 1, place.bottom}, view.theme.alert);
        }
        if (x - size / 2 < last[mark.lane] && !mark.picked) {
            list.AddRectFilled({x, middle - size * 0.5F}, {x + 2, middle + size * 0.5F}, color);
            continue; // no room for its letter
        }
        const float grow = mark.picked ? size * 0.12F : 0;
        const ImVec2 begin(x - size * 0.42F - grow, middle - size / 2 - grow);
        const ImVec2 end(x + size * 0.42F + grow, middle + size / 2 + grow);
        list.AddRectFilled(begin, end, color);
        draw_outline(list, begin, end, mark.picked ? view.theme.text : view.theme.surface, 1);
        draw_centered(list, view.fonts.bold, size * 0.85F, begin, end, ink_on(color),
                      std::string_view(&mark.letter, 1));
        last[mark.lane] = end.x;
    }
}

void TimelinePanel::draw_moments(PanelView& view, const TimelineModel& model, const Place& place) {
    ImDrawList& list = *ImGui::GetWindowDrawList();
    for (const TimelineBookmark& bookmark : model.bookmarks) {
        const float x = std::round(x_of(place, model.range, bookmark.cycle));
        list.AddRectFilled({x, place.top}, {x + 2, place.bottom}, view.theme.accent);
        const float small = ImGui::GetFontSize() * 0.8F;
        list.AddText(view.fonts.bold, small, {x + 4, place.top}, view.theme.accent,
                     bookmark.name.c_str());
    }
    const float now = std::round(x_of(place, model.range, model.now));
    if (now >= place.left && now <= place.right) {
        list.AddRectFilled({now, place.top}, {now + 2, place.bottom}, view.theme.text);
    }
}

// Shows what it was: the fault's card, or the process.
void TimelinePanel::pick(PanelView& view, u32 pid, const LaneMark& mark) {
    view.selection.pid = pid;
    const auto& faults = view.snapshot.faults;
    for (u64 number = faults.end(); number > faults.begin(); --number) {
        const FaultCard& fault = faults[number - 1];
        if (fault.event == mark.event ||
            (fault.decided == mark.cycle && fault.pid == view.selection.pid)) {
            view.selection.fault = number - 1;
            view.selection.address.reset();
            return;
        }
    }
}

void TimelinePanel::handle_mouse(PanelView& view, const TimelineModel& model, const Place& place) {
    if (!ImGui::IsWindowHovered()) {
        return;
    }
    const ImVec2 mouse = ImGui::GetMousePos();
    const ImGuiIO& io = ImGui::GetIO();
    if (io.KeyCtrl && io.MouseWheel != 0) {
        zoom(view, io.MouseWheel > 0 ? 0.8 : 1.25);
    }
    if (ImGui::IsMouseDragging(ImGuiMouseButton_Left) && place.right > place.left) {
        pan(view, -io.MouseDelta.x / (place.right - place.left));
        return;
    }
    if (mouse.y < place.top) {
        return;
    }
    const auto lane = static_cast<std::size_t>((mouse.y - place.top) / place.lane);
    if (lane >= model.lanes.size()) {
        return;
    }
    const bool clicked = ImGui::IsMouseReleased(ImGuiMouseButton_Left) &&
                         ImGui::GetMouseDragDelta(ImGuiMouseButton_Left).x == 0;
    const LaneMark* nearest = nullptr;
    float distance = view.em * 0.7F;
    for (const LaneMark& mark : model.marks) {
        const float off = std::abs(x_of(place, model.range, mark.cycle) - mouse.x);
        if (mark.lane == lane && off < distance) {
            nearest = &mark;
            distance = off;
        }
    }
    if (nearest != nullptr) {
        card(view, hover(view.snapshot, model, *nearest));
    }
    if (clicked && nearest != nullptr) {
        pick(view, model.lanes[lane].pid, *nearest);
    } else if (clicked) {
        view.selection.pid = model.lanes[lane].pid;
    }
}

void TimelinePanel::draw(PanelView& view) {
    ImGui::BeginChild("lanes");
    const ImVec2 origin = ImGui::GetCursorScreenPos();
    const ImVec2 room = ImGui::GetContentRegionAvail();
    const float names = std::min(std::round(view.em * 9), room.x * 0.3F);
    Place place;
    place.left = origin.x + names;
    place.right = origin.x + room.x - view.em * 0.6F;
    const auto columns = static_cast<unsigned>(std::max(10.0F, place.right - place.left));
    TimelineRange wanted = range(view, columns);
    const float above = ImGui::GetScrollY() - view.em * 1.1F;
    wanted.first_lane = static_cast<std::size_t>(std::max(0.0F, above) / lane_height_);
    wanted.lanes = static_cast<std::size_t>(ImGui::GetWindowHeight() / lane_height_) + 2;
    const bool same = wanted.begin == cached_range_.begin && wanted.end == cached_range_.end &&
                      wanted.columns == cached_range_.columns &&
                      wanted.first_lane == cached_range_.first_lane &&
                      wanted.lanes == cached_range_.lanes;
    if (!same) {
        model_ = {};
        cached_range_ = wanted;
    }
    const TimelineModel& model = model_.at(
        view.revision, [&] { return model_timeline(view.snapshot, view.selection, wanted); });
    place.top = origin.y + std::round(view.em * 1.1F);
    const auto lanes = static_cast<float>(std::max<std::size_t>(1, model.lanes.size()));
    const float share = std::floor((room.y - view.em * 1.1F) / lanes);
    place.lane = std::round(std::clamp(share, view.em * 1.05F, view.em * 1.9F));
    lane_height_ = place.lane;
    place.bottom = place.top + place.lane * lanes;
    draw_axis(view, model, place);
    draw_lanes(view, model, place);
    ImDrawList& list = *ImGui::GetWindowDrawList();
    list.PushClipRect(
        {place.left - view.em * 0.5F, origin.y - view.em},
        {place.right + view.em * 0.6F, ImGui::GetWindowPos().y + ImGui::GetWindowHeight()}, true);
    draw_spans(view, model, place);
    draw_forks(view, model, place);
    draw_moments(view, model, place);
    draw_marks(view, model, place);
    list.PopClipRect();
    handle_mouse(view, model, place);
    ImGui::Dummy({room.x, std::max(1.0F, place.bottom - origin.y)});
    ImGui::EndChild();
}

std::string TimelinePanel::text(const Snapshot& snapshot, const Selection& selection) {
    return forkscope::text(model_timeline(snapshot, selection, whole_timeline(snapshot, 100)));
}

} // namespace forkscope
