// cluster/identity.h: who this node is: `node.db` in the data directory (D13).
//
// The Raft id is node and incarnation. A node that may have lost its vote never comes back as
// itself: `node.db` without a log is amnesia, a log without `node.db` is somebody else's; both are
// refused with what to do about it.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "broker/node_id.h"
#include "raft/types.h"
#include "store/files.h"

namespace cmq::cluster {

struct Identity {
    raft::NodeId node;  // node << 16 | incarnation
    std::uint64_t incarnation = 1;
    std::string cluster;  // 32 hex digits, drawn by the first node
};

Identity identity_of(broker::NodeId node, std::string cluster);

/// Whether a node lives in `data`: not new.
Result<bool> has_identity(store::Files& files, const std::filesystem::path& data);

/// Makes `data` the directory of a node that a cluster took in.
/// errors  exists: a node lives there already; io.
Status adopt_identity(store::Files& files, const std::filesystem::path& data,
                      const Identity& identity);

/// Reads the identity of `data`, or draws that of a cluster's first node when the directory is new.
/// errors  corrupt: node.db and log do not belong together; busy, io.
Result<Identity> open_identity(store::Files& files, const std::filesystem::path& data);

/// Held for as long as the broker runs: one broker a data directory.
class DirectoryLock {
public:
    /// Makes the directory when it is missing.
    /// errors  busy: says which process holds it.
    static Result<DirectoryLock> take(store::Files& files, const std::filesystem::path& data,
                                      int process);
    /// The same for who only looks: writes nothing, not even its number.
    static Result<DirectoryLock> look(store::Files& files, const std::filesystem::path& data);

private:
    explicit DirectoryLock(std::unique_ptr<store::File> file) : file_(std::move(file)) {}
    std::unique_ptr<store::File> file_;
};

}  // namespace cmq::cluster
