// chaos/story.h: one cluster under load, to which things happen; and how each story ends.
#pragma once

#include <string>

#include "tests/chaos/amounts.h"
#include "tests/chaos/load.h"
#include "tests/chaos/nodes.h"
#include "tests/chaos/pulse.h"

namespace cmq::chaos {

class Story {
public:
    /// Three nodes at these places; clients know `clients` of them, or all.
    Story(const std::string& name, std::vector<Place> places,
          const std::vector<Number>& clients = {0, 1, 2});
    explicit Story(const std::string& name) : Story(name, std::vector<Place>(3)) {}

    Chance chance;
    Nodes nodes;
    Load load;
    Pulse pulse;

    Number any_node() { return chance.below(nodes.count()); }
    void rest(std::chrono::milliseconds low, std::chrono::milliseconds high);

    /// Healed: all copies in sync, everything drained; nothing lost, nothing invented, each
    /// duplicate explained, each log whole. Gives what became of the load.
    client::LoadReport end();

private:
    std::string name_;
};

// What may happen, so many times.
void kill_nodes(Story& story, unsigned times);
void kill_leaders(Story& story, unsigned times);
void pause_leaders(Story& story, unsigned times);
void hand_over(Story& story, unsigned times);
void wipe_followers(Story& story, unsigned times);  // not the first node
/// Planned, a leader and a follower in turn. True: nobody stood for election who was not meant to.
bool restart_nodes(Story& story, unsigned times);

}  // namespace cmq::chaos
