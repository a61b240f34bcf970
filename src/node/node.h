// node/node.h: builds the rooms from options, starts them upward, stops them downward.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "base/result.h"
#include "node/options.h"
#include "raft/types.h"

namespace cmq::node {

class Node {
public:
    struct Ports {
        std::optional<std::uint16_t> https, http, peer;
    };

    /// Serves when it returns. errors  busy: data directory or port is held by another process;
    /// corrupt, io, invalid.
    static Result<std::unique_ptr<Node>> open(Options options);
    ~Node();  // stop()

    Ports ports() const;
    raft::NodeId id() const;
    bool ready() const;  // can acknowledge a durable send
    Status reload();     // certificates; the old ones stay when the new are bad

    /// No new requests, parked polls answered, what is under way finished, state written.
    void stop();

private:
    struct Parts;
    explicit Node(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace cmq::node
