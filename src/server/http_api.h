// server/http_api.h: the door of the HTTP API: admit, submit, answer.
//
// What stands before `submit` only reads, what stands after it only formats.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "auth/credentials.h"
#include "base/clock.h"
#include "cluster/links.h"
#include "net/http_server.h"
#include "protocol/http_actions.h"
#include "server/api_figures.h"
#include "server/rate_limit.h"
#include "shard/shard.h"

namespace cmq::server {

struct HttpApiOptions {
    std::chrono::seconds timestamp_window{300};  // 0: any timestamp
    RateLimits rates;
    /// Answers what is asked about the cluster, once, on any thread. Nothing: there is no cluster.
    std::function<void(const protocol::ClusterCall& call, shard::Continuation done)> on_cluster;
    /// To the other nodes; whoever does not lead relays. None: this node is alone.
    cluster::Links* links = nullptr;
};

/// Any thread. Outlives the servers that call it.
class HttpApi {
public:
    HttpApi(HttpApiOptions options, const Clock& clock, const auth::Credentials& credentials,
            shard::Shard& shard, ApiFigures& figures);
    ~HttpApi();

    void on_request(net::Request request, net::Answer answer);
    /// What another node relayed (cluster/relay.h).
    void on_relayed(net::Request request, const cluster::Reply& reply);
    /// This node stops: receives that have waited at another for `age` end without a message. What
    /// still comes for them is given back.
    void end_relayed_polls(std::chrono::milliseconds age);

    struct Exchange;  // server/exchange.h

private:
    struct Admitted;
    struct TurnedAway;
    class RelayedPolls;
    using Shared = std::shared_ptr<Exchange>;

    tl::expected<Admitted, TurnedAway> admit(const net::Request& request,
                                             std::chrono::seconds timestamp_window);
    void begin(const Shared& exchange);
    void submit(const Shared& exchange);
    bool seems_to_lead(raft::NodeId node) const;
    bool look_elsewhere(const Shared& exchange, const broker::Answer& answer);
    void relay(const Shared& exchange, raft::NodeId leader);
    void on_relay_answered(const Shared& exchange, raft::NodeId leader,
                           Result<std::string> answered);
    void on_relay_failed(const Shared& exchange, const Error& error);
    void come_late(raft::NodeId leader, const Result<std::string>& answered);
    void give_back(raft::NodeId leader, std::string_view given);
    void submit_cluster(const protocol::ClusterCall& call, const shard::Continuation& done);
    void reply(const Shared& exchange, const broker::Answer& answer);
    void refuse(Exchange& exchange, const TurnedAway& turned);
    std::string next_request_id();

    HttpApiOptions options_;
    const Clock& clock_;
    const auth::Credentials& credentials_;
    shard::Shard& shard_;
    ApiFigures& figures_;
    RateLimit rate_limit_;
    std::unique_ptr<RelayedPolls> relayed_polls_;
    std::atomic<std::uint64_t> request_ids_;
};

}  // namespace cmq::server
