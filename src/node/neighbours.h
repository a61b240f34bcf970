// node/neighbours.h: this node among the others: links to them, who they are, what they send.
//
// Messages of consensus carry the sender's wall clock (D8) and how far its log is (D3b) in front:
// i64 ms | shard/journal_watch.h | raft/wire.h.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "base/result.h"
#include "broker/reply.h"
#include "cluster/links.h"
#include "net/http_types.h"
#include "net/loops.h"
#include "shard/shard.h"

namespace cmq::node {

class Neighbours {
public:
    struct Options {
        raft::NodeId self;
        std::string cluster;  // 32 hex digits
        net::PeerCredentials credentials;
        std::string listen = "127.0.0.1";
        std::uint16_t port = 0;  // 0: any free one
        /// Called with the directory when it changed, so that the next start knows them.
        std::function<void(const std::vector<broker::NodeEntry>&)> remember;
        std::vector<broker::NodeEntry> known;  // until the directory is here
    };
    /// Listens when it returns; what comes before `serve` is not taken.
    static Result<std::unique_ptr<Neighbours>> open(net::Loops& loops, Options options,
                                                    const Clock& clock);
    ~Neighbours();

    /// `on_relayed` takes what clients of other nodes ask, on any thread.
    using OnRelayed = std::function<void(net::Request request, const cluster::Reply& reply)>;
    void serve(shard::Shard& shard, OnRelayed on_relayed);

    /// The shard stops: who asks for something is sent elsewhere.
    void take_no_calls() { takes_calls_ = false; }

    // What the shard calls, on its core thread.
    void send(const raft::Message& message, const shard::JournalNote& note);
    void ask(raft::NodeId to, std::string request, shard::BulkAnswered answered);
    void know(std::vector<broker::NodeEntry> nodes);  // the directory
    void follow(raft::NodeId leader);                 // who leads, at each change; 0: unknown

    std::vector<broker::NodeEntry> nodes();  // as known now
    cluster::Links& links() { return *links_; }
    std::uint16_t port() const { return links_->port(); }

private:
    Neighbours(raft::NodeId self, const Clock& clock) : self_(self), clock_(clock) {}

    cluster::Links::Handlers handlers();
    void on_message(std::string_view bytes);
    void on_call(const std::string& request, const cluster::Reply& reply);
    void give_back(std::string_view given, const cluster::Reply& reply);
    void on_bulk(raft::NodeId from, const std::string& request, const cluster::Reply& reply);
    bool admits(raft::NodeId node);
    void introduce(std::stop_token stop);

    const raft::NodeId self_;
    const Clock& clock_;
    std::function<void(const std::vector<broker::NodeEntry>&)> remember_;
    std::atomic<shard::Shard*> shard_ = nullptr;
    std::atomic<bool> takes_calls_ = true;
    OnRelayed on_relayed_;   // set before shard_ is
    raft::NodeId followed_;  // the latest leader; the core thread's

    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::vector<broker::NodeEntry> nodes_;
    bool news_ = false;  // the links were not told yet

    std::unique_ptr<cluster::Links> links_;
    std::jthread introducer_;  // the links must not be told from one of their own threads
};

}  // namespace cmq::node
