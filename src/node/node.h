// node/node.h: builds the rooms from options, starts them upward, stops them downward.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "base/result.h"
#include "node/options.h"
#include "raft/types.h"

namespace cmq::node {

/// With which the process ends when the cluster uses a newer format than this program knows: as any
/// conflict does (cmd/exit_codes.h).
inline constexpr int format_too_new_status = 7;

class Node {
public:
    struct Ports {
        std::optional<std::uint16_t> https, http, peer;
    };

    /// Serves when it returns. errors  busy: data directory or port is held by another process;
    /// corrupt, io, invalid; exists: the data is of a newer format than this program knows.
    static Result<std::unique_ptr<Node>> open(Options options);
    ~Node();  // as stop()

    Ports ports() const;
    raft::NodeId id() const;
    Status reload();  // certificates; the old ones stay when the new are bad
    /// Replaces the certificates that end soon; nothing happens to others. To be called now and
    /// then. Not while `reload` runs.
    Status renew();

    /// No new requests, parked polls answered, what is under way finished, state written.
    void stop();

private:
    struct Parts;
    explicit Node(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace cmq::node
