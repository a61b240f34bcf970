#include "node/node.h"

#include <unistd.h>

#include <cstdlib>

#include "base/log.h"
#include "cluster/relay.h"
#include "net/descriptors.h"
#include "node/joined.h"
#include "node/node_parts.h"
#include "node/setup.h"

namespace cmq::node {
namespace {

/// How long open connections may take to read their last answer.
constexpr std::chrono::milliseconds drain_time{500};
/// A receive that another node has held so long found nothing there.
constexpr std::chrono::milliseconds poll_time{200};
constexpr std::chrono::milliseconds glance{20};  // between two looks at who is still here
/// How long clients may take to ask once more, and be told to go elsewhere.
constexpr std::chrono::milliseconds dismissal_time{200};
/// How long another node may take to take over the lead.
constexpr std::chrono::milliseconds hand_over_time{1'000};

/// The one place where a disk that failed or lied ends the process (D14); or, without blaming the
/// disk, a cluster that left this release behind.
[[noreturn]] void stop_loudly(const Error& error) {
    if (error.code == Code::exists) {
        log::error("format_too_new", {{"detail", error.message}});
        std::_Exit(format_too_new_status);
    }
    log::error("disk_failed", {{"kind", name_of(error.code)}, {"detail", error.message}});
    std::abort();
}

}  // namespace

Node::Node(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Node::~Node() = default;

Result<std::unique_ptr<Node>> Node::open(Options options) {
    auto parts = std::make_unique<Parts>(std::move(options));
    CMQ_TRY(parts->start_neighbours());
    CMQ_TRY(parts->start_shard());
    CMQ_TRY(parts->start_doors());
    return std::unique_ptr<Node>(new Node(std::move(parts)));
}

Status Node::Parts::start_neighbours() {
    lock = CMQ_TRY(cluster::DirectoryLock::take(*files, options.data, getpid()));
    identity = CMQ_TRY(cluster::open_identity(*files, options.data));
    loops = std::make_unique<net::Loops>(options.loops);
    if (!options.peer_port) return {};
    Neighbours::Options links;
    links.self = identity.node;
    links.cluster = identity.cluster;
    links.credentials = CMQ_TRY(peer_credentials(*files, issuing(), clock.wall()));
    links.listen = options.listen;
    links.port = *options.peer_port;
    links.remember = [this](const std::vector<broker::NodeEntry>& nodes) {
        if (const auto written = write_nodes(*files, options.data, nodes); !written)
            log::warn("nodes_not_written", {{"detail", written.error().message}});
    };
    links.known = CMQ_TRY(read_nodes(*files, options.data));
    if (auto joined = CMQ_TRY(read_joined(*files, options.data)); joined && links.known.empty())
        links.known = std::move(joined->nodes);
    neighbours = CMQ_TRY(Neighbours::open(*loops, std::move(links), clock));
    return {};
}

Issuing Node::Parts::issuing() const {
    return {{identity.cluster, identity.node.value},
            options.data,
            options.ca_file,
            options.ca_key_file};
}

Status Node::Parts::start_shard() {
    shard::Options shard_options;
    shard_options.directory = options.data;
    shard_options.self = identity.node;
    shard_options.log.grow_first = options.dev;
    shard_options.log.incarnation = identity.incarnation;
    shard_options.core.in_flight_bytes_max = options.in_flight_bytes_max;
    shard_options.core.disk_reserve_bytes = options.disk_reserve_bytes;
    shard_options.core.raft.copies = options.copies;
    shard_options.core.secret = random_bytes(32);
    shard_options.core.seed = random_number();
    shard_options.founder = !CMQ_TRY(read_joined(*files, options.data)).has_value();
    shard_options.fatal = stop_loudly;
    shard_options.send = [this](const raft::Message& message, const shard::JournalNote& note) {
        if (neighbours) neighbours->send(message, note);
    };
    if (neighbours)
        shard_options.ask = [this](raft::NodeId to, std::string request,
                                   shard::BulkAnswered answered) {
            neighbours->ask(to, std::move(request), std::move(answered));
        };
    shard_options.on_leader = [this](raft::NodeId leader) {
        if (neighbours) neighbours->follow(leader);
    };
    shard_options.on_nodes = [this](std::vector<broker::NodeEntry> nodes) {
        if (neighbours) neighbours->know(std::move(nodes));
    };
    shard = CMQ_TRY(shard::Shard::open(std::move(shard_options), *files, clock));
    return {};
}

Status Node::Parts::start_doors() {
    for (const auto& key : options.keys) credentials.add(key);
    api_figures = std::make_unique<server::ApiFigures>(registry);
    api = std::make_unique<server::HttpApi>(
        server::HttpApiOptions{options.timestamp_window, options.rates,
                               [this](const protocol::ClusterCall& call, shard::Continuation done) {
                                   on_cluster(call, done);
                               },
                               neighbours ? &neighbours->links() : nullptr},
        clock, credentials, *shard, *api_figures);
    join_door = std::make_unique<server::JoinDoor>(
        [this](cluster::JoinRequest request, server::JoinDoor::Done done) {
            on_join(request, done);
        });
    if (options.https_port) tls = CMQ_TRY(net::Tls::load(options.certificate, options.key));
    show_shard(registry, *shard);
    show_process(registry, started);
    show_certificates(registry, clock, [this] { return certificate_ends(); });
    pages = {[this] { return shard->ready(); }, [this] { return metrics_page.text(); }};
    limit_connections();
    if (options.https_port) {
        https = CMQ_TRY(listen(*options.https_port, tls));
        show_door(registry, *https, "https");
    }
    if (options.http_port) {
        http = CMQ_TRY(listen(*options.http_port, {}));
        show_door(registry, *http, "http");
    }
    if (neighbours) tell_where_we_are();
    serves = true;
    return {};
}

/// Clients must not use up the files that the store needs to go on.
void Node::Parts::limit_connections() {
    const std::uint64_t doors = (options.https_port ? 1 : 0) + (options.http_port ? 1 : 0);
    if (doors == 0) return;
    const auto files_max = net::descriptor_limit();
    const auto fitting = net::fit_into(files_max, doors, options.limits);
    if (fitting.connections < options.limits.connections)
        log::info("connections_capped",
                  {{"each_door", fitting.connections},
                   {"instead_of", options.limits.connections},
                   {"open_files_max", files_max},
                   {"detail", "for all of them: LimitNOFILE= or ulimit -n " +
                                  std::to_string(net::descriptors_for(doors, options.limits))}});
    options.limits = fitting;
}

CertificateEnds Node::Parts::certificate_ends() const {
    CertificateEnds ends;
    if (tls) ends.emplace_back("door", tls->expires());
    if (neighbours) ends.emplace_back("node", neighbours->links().certificate_expires());
    return ends;
}

void Node::Parts::tell_where_we_are() {
    const auto host =
        options.listen.find(':') == std::string::npos ? options.listen : '[' + options.listen + ']';
    const auto listens = https  ? "https://" + host + ':' + std::to_string(https->port())
                         : http ? "http://" + host + ':' + std::to_string(http->port())
                                : std::string("none");
    const auto peers = host + ':' + std::to_string(neighbours->port());
    neighbours->serve(*shard, [this](net::Request request, const cluster::Reply& reply) {
        on_relayed(std::move(request), reply);
    });
    shard->set_self({broker::NodeId{identity.node.value},
                     options.peer_address.empty() ? peers : options.peer_address,
                     options.advertise.empty() ? listens : options.advertise, options.zone});
}

Result<std::unique_ptr<net::HttpServer>> Node::Parts::listen(std::uint16_t port,
                                                             std::shared_ptr<net::Tls> with) {
    net::HttpServer::Options door{options.listen, port, std::move(with), options.limits};
    return net::HttpServer::open(*loops, std::move(door),
                                 [this](net::Request request, net::Answer answer) {
                                     on_request(std::move(request), std::move(answer));
                                 });
}

void Node::Parts::on_request(net::Request request, net::Answer answer) {
    if (auto page = pages.find(request)) return answer.send(*std::move(page));
    if (server::JoinDoor::is_for(request)) {
        const auto send = [answer](net::Response response) { answer.send(std::move(response)); };
        return led_elsewhere() ? relay_join(request, send) : join_door->on_request(request, send);
    }
    api->on_request(std::move(request), std::move(answer));
}

bool Node::Parts::led_elsewhere() const {
    const auto leader = shard->leader();
    return neighbours && leader != raft::NodeId{} && leader != identity.node;
}

void Node::Parts::on_relayed(net::Request request, const cluster::Reply& reply) {
    if (!server::JoinDoor::is_for(request)) return api->on_relayed(std::move(request), reply);
    join_door->on_request(request, [reply](net::Response response) {
        (void)reply.send(cluster::encode(cluster::Relayed{false, std::move(response), {}}));
    });
}

/// What other nodes are shown from now on.
Status Node::Parts::renew_node_certificate() {
    if (!neighbours) return {};
    const auto fresh = CMQ_TRY(peer_credentials(*files, issuing(), clock.wall()));
    return neighbours->links().renew(fresh);
}

/// One that is bad does not keep the other from being renewed.
Status Node::Parts::reload() {
    const auto door = tls ? tls->reload() : Status{};
    CMQ_TRY(renew_node_certificate());
    return door;
}

Status Node::Parts::renew() {
    const auto soon = clock.wall() + renew_before;
    if (neighbours && neighbours->links().certificate_expires() <= soon)
        CMQ_TRY(renew_node_certificate());
    if (!tls || tls->expires() > soon) return {};
    CMQ_TRY(tls->reload());  // somebody may have put a new one there
    if (const auto left = tls->expires() - clock.wall(); left <= renew_before)
        log::warn("certificate_ends",
                  {{"certificate", "door"},
                   {"seconds", std::chrono::duration_cast<std::chrono::seconds>(left).count()}});
    return {};
}

/// Downward: doors close first, so that nothing new comes in while the shard finishes. After a
/// start that failed half way not all is there, and clients may be at the first door already.
void Node::Parts::stop() {
    if (std::exchange(stopped, true)) return;
    if (serves && neighbours && neighbours->nodes().size() > 1) leave_cluster();
    for (auto* door : doors()) door->stop();
    if (shard && led_elsewhere()) drain_doors(drain_time);  // relayed: answered by others
    if (neighbours) neighbours->take_no_calls();
    if (shard) shard->stop();
    drain_doors(drain_time);
    if (loops) loops->stop();
    neighbours.reset();  // nothing runs any more that asks it
}

/// A node that stops says so first: another leads, and no answer waits for this disk. Then clients
/// go to other nodes, each with an answer in hand; what they still ask is relayed.
void Node::Parts::leave_cluster() {
    shard->leave(hand_over_time);
    for (auto* door : doors()) door->dismiss();
    drain_doors(dismissal_time);
}

std::vector<net::HttpServer*> Node::Parts::doors() const {
    std::vector<net::HttpServer*> open;
    for (auto* door : {https.get(), http.get()})
        if (door) open.push_back(door);
    return open;
}

/// Waits until no client is connected any more.
void Node::Parts::drain_doors(std::chrono::milliseconds patience) {
    const auto end = clock.steady() + patience;
    for (auto* door : doors())
        while (!door->wait_drained(glance) && clock.steady() < end)
            api->end_relayed_polls(poll_time);
}

raft::NodeId Node::id() const { return parts_->identity.node; }

Node::Ports Node::ports() const {
    Ports ports;
    if (parts_->https) ports.https = parts_->https->port();
    if (parts_->http) ports.http = parts_->http->port();
    if (parts_->neighbours) ports.peer = parts_->neighbours->port();
    return ports;
}

Status Node::reload() { return parts_->reload(); }
Status Node::renew() { return parts_->renew(); }
void Node::stop() { parts_->stop(); }

}  // namespace cmq::node
