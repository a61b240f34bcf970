// chaos/network.h: a network of its own for each node, on one bridge, and what gets lost between
// them. Needs root, `ip` and `nft`.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "tests/chaos/nodes.h"

namespace cmq::chaos {

class Network {
public:
    /// errors  unavailable: this machine does not let us, and why.
    static Result<Network> make(std::size_t nodes);
    Network(Network&& other) noexcept
        : has_bridge_(std::exchange(other.has_bridge_, false)),
          names_(std::exchange(other.names_, {})) {}
    Network& operator=(Network&&) = delete;
    ~Network();

    std::vector<Place> places() const;

    /// What `from` says does not reach `to` any more.
    Status lose(Number from, Number to);
    Status heal();

private:
    Network() = default;
    std::string address(Number node) const;

    bool has_bridge_ = false;
    std::vector<std::string> names_;  // of the nodes' name spaces
};

}  // namespace cmq::chaos
