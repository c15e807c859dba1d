#include "window/layout.hpp"

#include <algorithm>
#include <cmath>

namespace forkscope {

namespace {

constexpr std::array<std::array<std::string_view, 2>, kPanels> kPanelNames = {
    {{"Process tree", "process-tree"},
     {"Address space", "address-space"},
     {"Page-table walk", "table-walk"},
     {"Frames", "frame-map"},
     {"Fault", "fault-inspector"},
     {"Timeline", "timeline"},
     {"Events", "event-log"},
     {"CPU", "cpu"},
     {"Cycles", "cycles"},
     {"Console", "console"}}};

constexpr std::array<std::array<std::string_view, 2>, kLayouts> kLayoutNames = {
    {{"Lecture", "lecture"}, {"Lab", "lab"}, {"Debug", "debug"}}};

constexpr float kLeastShare = 0.05F;

float clamp_share(float share) {
    return std::clamp(share, kLeastShare, 1 - kLeastShare);
}

} // namespace

std::string_view panel_title(PanelId panel) {
    return kPanelNames[static_cast<std::size_t>(panel)][0];
}

std::string_view panel_key(PanelId panel) {
    return kPanelNames[static_cast<std::size_t>(panel)][1];
}

std::string_view layout_title(LayoutKind kind) {
    return kLayoutNames[static_cast<std::size_t>(kind)][0];
}

std::string_view layout_key(LayoutKind kind) {
    return kLayoutNames[static_cast<std::size_t>(kind)][1];
}

std::size_t Layout::add_split(bool columns, float share) {
    nodes_.push_back(
        {.split = true, .columns = columns, .share = share, .second = 0, .panels = {}});
    return nodes_.size() - 1;
}

void Layout::add_panels(std::vector<PanelId> panels) {
    Node node;
    node.panels = std::move(panels);
    nodes_.push_back(std::move(node));
}

// What a hall sees: who is whose child, the frames, and the fault.
void Layout::add_lecture() {
    const std::size_t all = add_split(false, 0.79F);
    const std::size_t halves = add_split(true, 0.44F);
    const std::size_t left = add_split(false, 0.56F);
    add_panels({PanelId::ProcessTree, PanelId::Cycles});
    nodes_[left].second = nodes_.size();
    add_panels({PanelId::FrameMap, PanelId::AddressSpace});
    nodes_[halves].second = nodes_.size();
    add_panels({PanelId::FaultInspector, PanelId::TableWalk, PanelId::Cpu});
    nodes_[all].second = nodes_.size();
    add_panels({PanelId::Timeline, PanelId::Console, PanelId::EventLog});
}

// What a student works with: everything about the memory of one process.
void Layout::add_lab() {
    const std::size_t all = add_split(false, 0.80F);
    const std::size_t columns = add_split(true, 0.33F);
    const std::size_t left = add_split(false, 0.45F);
    add_panels({PanelId::ProcessTree, PanelId::Cycles});
    nodes_[left].second = nodes_.size();
    add_panels({PanelId::AddressSpace, PanelId::Cpu});
    nodes_[columns].second = nodes_.size();
    const std::size_t right = add_split(true, 0.5F);
    const std::size_t middle = add_split(false, 0.55F);
    add_panels({PanelId::TableWalk});
    nodes_[middle].second = nodes_.size();
    add_panels({PanelId::FrameMap});
    nodes_[right].second = nodes_.size();
    const std::size_t last = add_split(false, 0.6F);
    add_panels({PanelId::FaultInspector});
    nodes_[last].second = nodes_.size();
    add_panels({PanelId::EventLog, PanelId::Console});
    nodes_[all].second = nodes_.size();
    add_panels({PanelId::Timeline});
}

// What somebody works with who follows the instructions.
void Layout::add_debug() {
    const std::size_t all = add_split(false, 0.83F);
    const std::size_t columns = add_split(true, 0.42F);
    add_panels({PanelId::Cpu});
    nodes_[columns].second = nodes_.size();
    const std::size_t right = add_split(true, 0.5F);
    const std::size_t middle = add_split(false, 0.55F);
    add_panels({PanelId::TableWalk, PanelId::FaultInspector});
    nodes_[middle].second = nodes_.size();
    add_panels({PanelId::AddressSpace, PanelId::FrameMap});
    nodes_[right].second = nodes_.size();
    const std::size_t last = add_split(false, 0.42F);
    add_panels({PanelId::ProcessTree, PanelId::Cycles});
    nodes_[last].second = nodes_.size();
    add_panels({PanelId::EventLog, PanelId::Console});
    nodes_[all].second = nodes_.size();
    add_panels({PanelId::Timeline});
}

Layout Layout::make(LayoutKind kind) {
    Layout layout;
    switch (kind) {
    case LayoutKind::Lecture:
        layout.add_lecture();
        break;
    case LayoutKind::Lab:
        layout.add_lab();
        break;
    case LayoutKind::Debug:
        layout.add_debug();
        break;
    }
    return layout;
}

void Layout::gather(std::size_t node, std::vector<PanelId>& panels) const {
    if (nodes_[node].split) {
        gather(node + 1, panels);
        gather(nodes_[node].second, panels);
        return;
    }
    panels.insert(panels.end(), nodes_[node].panels.begin(), nodes_[node].panels.end());
}

void Layout::place(std::size_t index, const Area& area, const Sizes& least,
                   Arrangement& out) const {
    const Node& node = nodes_[index];
    const float smallest = node.columns ? least.width : least.height;
    const float extent = (node.columns ? area.width : area.height) - least.gap;
    if (!node.split || extent < 2 * smallest) {
        Pane pane{area, {}};
        gather(index, pane.panels);
        out.panes.push_back(std::move(pane));
        return;
    }
    const float first = std::round(std::clamp(extent * node.share, smallest, extent - smallest));
    Area before = area, bar = area, after = area;
    if (node.columns) {
        before.width = first;
        bar.x += first;
        bar.width = least.gap;
        after.x += first + least.gap;
        after.width -= first + least.gap;
    } else {
        before.height = first;
        bar.y += first;
        bar.height = least.gap;
        after.y += first + least.gap;
        after.height -= first + least.gap;
    }
    out.splitters.push_back({bar, index, node.columns, extent, first});
    place(index + 1, before, least, out);
    place(node.second, after, least, out);
}

Arrangement Layout::arrange(const Area& area, float least_width, float least_height,
                            float gap) const {
    Arrangement out;
    place(0, area, {least_width, least_height, gap}, out);
    return out;
}

void Layout::move(std::size_t split, float share) {
    if (split < nodes_.size() && nodes_[split].split) {
        nodes_[split].share = clamp_share(share);
    }
}

std::vector<PanelId> Layout::first_panels() const {
    std::vector<PanelId> panels;
    for (const Node& node : nodes_) {
        if (!node.split) {
            panels.push_back(node.panels.front());
        }
    }
    return panels;
}

std::vector<float> Layout::shares() const {
    std::vector<float> shares;
    for (const Node& node : nodes_) {
        if (node.split) {
            shares.push_back(node.share);
        }
    }
    return shares;
}

bool Layout::set_shares(const std::vector<float>& shares) {
    const auto fits = [](float share) { return share >= kLeastShare && share <= 1 - kLeastShare; };
    if (shares.size() != this->shares().size() ||
        !std::all_of(shares.begin(), shares.end(), fits)) {
        return false;
    }
    std::size_t next = 0;
    for (Node& node : nodes_) {
        if (node.split) {
            node.share = shares[next++];
        }
    }
    return true;
}

} // namespace forkscope
