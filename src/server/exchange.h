// server/exchange.h: one request on its way through the HTTP API. Inside of server.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <variant>

#include "base/clock.h"
#include "base/ids.h"
#include "cluster/served.h"
#include "net/http_server.h"
#include "server/http_api.h"

namespace cmq::server {

/// What a request asks; points into it.
struct HttpApi::Admitted {
    protocol::Parsed parsed;
    protocol::Call call;
};

/// Why a request is not taken, and what it asked: "" when nobody knows, or it is not signed well.
struct HttpApi::TurnedAway {
    protocol::Refused why;
    std::string_view action;
};

/// What it was decoded from lives as long as it does. Always in a shared_ptr.
struct HttpApi::Exchange : std::enable_shared_from_this<HttpApi::Exchange> {
    /// Who waits for the answer: a client of ours, or the node that relayed what a client asked.
    using Asker = std::variant<net::Answer, cluster::Reply>;
    using Step = Id<struct StepTag>;  // a shard is asked, or another node

    Exchange(net::Request its_request, Asker its_asker, std::string id, Steady now)
        : request(std::move(its_request)),
          asker(std::move(its_asker)),
          request_id(std::move(id)),
          begun(now) {}

    bool is_relayed() const { return std::holds_alternative<cluster::Reply>(asker); }
    /// `make` runs on a loop; `written` is told whether the answer went out.
    void send_made(std::function<net::Response()> make, std::function<void(bool)> written);
    void send(net::Response response);
    void send_leads_not();  // to a node: nothing was done here
    /// Taken before each way that the request goes, because the next one may begin, on another
    /// thread, before on_gone is called for this one.
    Step next_step();
    /// What to do when the asker goes away, until the answer; replaces what an earlier step said,
    /// and does nothing when a later one has spoken.
    void on_gone(Step step, std::function<void()> cancel);

    net::Request request;
    const Asker asker;
    const std::string request_id;
    const Steady begun;
    Admitted admitted;
    unsigned attempts = 0;  // to find out who leads
    std::string given;      // with the answer, see cluster::Relayed
    raft::NodeId asked;     // the latest that it was relayed to

private:
    void watch();
    void cancel();

    std::mutex mutex_;
    Step newest_;   // 0: none yet
    Step cancels_;  // whose `cancel_` it is
    std::function<void()> cancel_;
    bool watched_ = false, gone_ = false;
};

}  // namespace cmq::server
