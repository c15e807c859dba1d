// What a panel is, and what it draws with.
#pragma once

#include "model/selection.hpp"
#include "panel/actions.hpp"
#include "panel/fonts.hpp"
#include "panel/theme.hpp"
#include "session/command.hpp"

#include <functional>

namespace forkscope {

// Valid while one frame is drawn.
struct PanelView {
    const Snapshot& snapshot;
    Selection& selection; // what a panel picks is seen by all from the next frame on
    u64 revision;         // changes whenever the snapshot or the selection does
    const Theme& theme;
    const Fonts& fonts;
    float em; // size of the text, pixels
    const std::function<void(Command)>& send;
    const std::function<void(Action)>& perform;
};

class Panel {
public:
    virtual ~Panel() = default;

    // Into the current ImGui window, as far as its content goes.
    virtual void draw(PanelView& view) = 0;
    // What it shows, as text.
    [[nodiscard]] virtual std::string text(const Snapshot& snapshot,
                                           const Selection& selection) = 0;
};

// A panel's model, made once for each revision.
template <class Model> class Cached {
public:
    template <class Make> const Model& at(u64 revision, Make make) {
        if (!model_ || revision_ != revision) {
            model_.emplace(make());
            revision_ = revision;
        }
        return *model_;
    }

private:
    std::optional<Model> model_;
    u64 revision_ = 0;
};

} // namespace forkscope
