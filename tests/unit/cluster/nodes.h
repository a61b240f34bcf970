// unit/cluster/nodes.h: nodes that write down what they are told, and answer as a test says.
#pragma once

#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "cluster/links.h"
#include "tests/unit/net/peers.h"

namespace cmq::cluster {

using net::Diary;
using net::eventually;

inline raft::NodeId node(std::uint64_t number) { return raft::NodeId{number}; }

/// Lines: "2 here", "2 gone", "2 says: bytes". A request
///   "echo x"  is answered with "x"
///   "refuse"  fails as not_found
///   "drop"    is not answered
///   "park x"  waits in `parked` with the line "2 parks x", and "x gone" when its caller is gone
class Node {
public:
    Node(net::Loops& loops, const net::Certificates& certificates, std::uint64_t number,
         Links::Options options = {});

    Diary diary;
    Links& links() { return *links_; }
    void stop() { links_.reset(); }
    net::PeerAddress address() const { return {"127.0.0.1", links_->port()}; }

    /// The reply to "park `name`", taken out.
    Reply parked(const std::string& name);
    std::size_t parked_count() const;

private:
    void serve(raft::NodeId from, const std::string& request, const Reply& reply);

    mutable std::mutex mutex_;
    std::map<std::string, Reply> parked_;
    std::unique_ptr<Links> links_;
};

/// Each knows the others, and all are connected.
void acquaint(const std::vector<std::pair<std::uint64_t, Node*>>& nodes);

/// The answer as text, or "code: message".
class Asked {
public:
    Asked(Links& links, raft::NodeId to, std::string request, Stream stream = Stream::calls,
          std::chrono::milliseconds patience = std::chrono::minutes{10});
    std::string get() { return future_.get(); }  // waits
    bool answered() const {
        return future_.wait_for(std::chrono::seconds{0}) == std::future_status::ready;
    }
    CallId id;

private:
    std::shared_ptr<std::promise<std::string>> promise_;  // not broken when a call is dropped
    std::future<std::string> future_;
};

}  // namespace cmq::cluster
