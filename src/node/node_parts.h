// node/node_parts.h: what a node consists of. Inside of Node, whose files share it:
//
//     node.cpp          starts the rooms upward, stops them downward
//     node_members.cpp  who else comes into the cluster
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "cluster/identity.h"
#include "cluster/join.h"
#include "metrics/registry.h"
#include "net/http_server.h"
#include "net/loops.h"
#include "net/tls.h"
#include "node/metrics_page.h"
#include "node/neighbours.h"
#include "node/node.h"
#include "node/node_certificate.h"
#include "server/api_figures.h"
#include "server/http_api.h"
#include "server/join_door.h"
#include "server/pages.h"
#include "shard/shard.h"
#include "store/files.h"

namespace cmq::node {

struct Node::Parts {
    explicit Parts(Options options_) : options(std::move(options_)) {}
    ~Parts() { stop(); }  // a start that failed half way, too

    Status start_neighbours();
    Status start_shard();
    Issuing issuing() const;
    Status renew_node_certificate();
    Status reload();
    Status renew();
    void tell_where_we_are();
    void on_cluster(const protocol::ClusterCall& call, const shard::Continuation& done);
    void make_token(const broker::CreateJoinToken& wish, const shard::Continuation& done);
    void on_join(const cluster::JoinRequest& request, const server::JoinDoor::Done& done);
    Result<cluster::Household> household();
    Status start_doors();
    void limit_connections();
    Result<std::unique_ptr<net::HttpServer>> listen(std::uint16_t port,
                                                    std::shared_ptr<net::Tls> with);
    void on_request(net::Request request, net::Answer answer);
    bool led_elsewhere() const;
    Status check_join(const net::Request& request) const;
    void relay_join(const net::Request& request, const std::function<void(net::Response)>& send);
    void on_relayed(net::Request request, const cluster::Reply& reply);
    void leave_cluster();
    CertificateEnds certificate_ends() const;
    std::vector<net::HttpServer*> doors() const;
    void drain_doors(std::chrono::milliseconds patience);
    void stop();

    Options options;
    SystemClock clock;
    const Stamp started = clock.wall();
    std::unique_ptr<store::Files> files = store::system_files();
    std::optional<cluster::DirectoryLock> lock;
    cluster::Identity identity;
    auth::Credentials credentials;
    metrics::Registry registry;
    std::unique_ptr<net::Loops> loops;
    std::unique_ptr<Neighbours> neighbours;  // none: alone
    std::unique_ptr<shard::Shard> shard;
    std::unique_ptr<server::ApiFigures> api_figures;
    std::unique_ptr<server::HttpApi> api;
    server::KeptPage metrics_page{clock, [this] { return registry.text(); }};
    server::Pages pages;
    std::unique_ptr<server::JoinDoor> join_door;
    std::shared_ptr<net::Tls> tls;
    std::unique_ptr<net::HttpServer> https, http;
    bool serves = false;  // the start is over, and was good
    bool stopped = false;
};

}  // namespace cmq::node
