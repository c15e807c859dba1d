// Where the panels stand: a window is split, the parts are split again, and each
// part that is left shows one of a few panels. Pure geometry.
#pragma once

#include "base/types.hpp"

#include <array>
#include <string_view>
#include <vector>

namespace forkscope {

// Every panel but the control bar, which is always on top.
enum class PanelId : u8 {
    ProcessTree,
    AddressSpace,
    TableWalk,
    FrameMap,
    FaultInspector,
    Timeline,
    EventLog,
    Cpu,
    Cycles,
    Console,
};
inline constexpr std::size_t kPanels = 10;

std::string_view panel_title(PanelId panel); // "Process tree"
std::string_view panel_key(PanelId panel);   // "process-tree", for files

enum class LayoutKind : u8 { Lecture, Lab, Debug };
inline constexpr std::size_t kLayouts = 3;

std::string_view layout_title(LayoutKind kind); // "Lecture"
std::string_view layout_key(LayoutKind kind);   // "lecture"

// In pixels.
struct Area {
    float x = 0, y = 0, width = 0, height = 0;
};

struct Pane {
    Area area;
    std::vector<PanelId> panels; // not empty; one is in front, the others have tabs
};

// The bar between two parts, which the mouse moves.
struct Splitter {
    Area area;
    std::size_t split = 0; // for Layout::move
    bool columns = false;  // what it parts: columns, or rows
    float extent = 0;      // of both parts together, without the bar
    float before = 0;      // of the part before it
};

struct Arrangement {
    std::vector<Pane> panes;
    std::vector<Splitter> splitters;
};

class Layout {
public:
    static Layout make(LayoutKind kind);

    // A part that is too small to be split, for parts of at least `least`
    // pixels, shows all its panels as tabs. `gap` is the splitters' thickness.
    [[nodiscard]] Arrangement arrange(const Area& area, float least_width, float least_height,
                                      float gap) const;

    // Moves a splitter; `share` is that of the part before it.
    void move(std::size_t split, float share);

    // The panel of each part that is in front to begin with.
    [[nodiscard]] std::vector<PanelId> first_panels() const;

    // Each split's share, for files. Ignored unless it fits this layout.
    [[nodiscard]] std::vector<float> shares() const;
    bool set_shares(const std::vector<float>& shares);

private:
    // Nodes stand in preorder: the first part of a split is the node after it.
    struct Node {
        bool split = false;
        bool columns = false;
        float share = 0;
        std::size_t second = 0;      // index of the second part
        std::vector<PanelId> panels; // of one that is not split
    };
    struct Sizes {
        float width, height, gap;
    };

    std::size_t add_split(bool columns, float share);
    void add_panels(std::vector<PanelId> panels);
    void add_lecture();
    void add_lab();
    void add_debug();
    void place(std::size_t node, const Area& area, const Sizes& least, Arrangement& out) const;
    void gather(std::size_t node, std::vector<PanelId>& panels) const;

    std::vector<Node> nodes_;
};

} // namespace forkscope
