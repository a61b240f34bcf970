// cmd/cluster/joining.h: how a new node gets into a cluster: what is typed, and what is done.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "broker/node_id.h"
#include "cmd/cli.h"
#include "store/files.h"

namespace cmq::cmd {

struct Joining {
    std::string addresses;  // of nodes of the cluster
    std::string token;
    std::filesystem::path data;
    std::string listen = "127.0.0.1";
    std::optional<std::uint16_t> port{};  // as `serve --port` has it
    std::string advertise{};              // where clients find it; empty: made of listen and port
    std::string peer_address{};           // where other nodes do; the same
    std::string zone{};
    std::vector<std::string> names{};  // in the certificate of its door, beside the usual ones
    broker::NodeId replaces{};         // 0: nobody

    /// What `join` and `replace` share.
    void describe(Arguments& arguments);
    /// The command as a whole: joins, makes the door's certificate, prints the node's id.
    Status run(Context& context) const;
};

/// `addresses` and `token` for the directory `data`, where no node lives yet; gives the node's id.
/// errors  exists: one does, or the token was used; invalid, unauthenticated: the token;
///         unreachable; unavailable.
Result<broker::NodeId> join_cluster(store::Files& files, const Joining& joining);

}  // namespace cmq::cmd
