#include "node/node.h"

#include <unistd.h>

#include <cstdlib>

#include "base/log.h"
#include "cluster/identity.h"
#include "cluster/relay.h"
#include "metrics/registry.h"
#include "net/http_server.h"
#include "net/loops.h"
#include "net/tls.h"
#include "node/joined.h"
#include "node/metrics_page.h"
#include "node/neighbours.h"
#include "node/setup.h"
#include "server/api_figures.h"
#include "server/http_api.h"
#include "server/join_door.h"
#include "server/pages.h"
#include "shard/shard.h"
#include "store/files.h"

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
/// Longer than a change of members may wait for its turn.
constexpr std::chrono::seconds join_patience{20};

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

struct Node::Parts {
    explicit Parts(Options options_) : options(std::move(options_)) {}

    Status start_neighbours();
    Status start_shard();
    Result<net::Identity> identity_in(const std::filesystem::path& certificate,
                                      const std::filesystem::path& key);
    Result<net::Identity> authority();
    Result<net::PeerCredentials> peer_credentials();
    void tell_where_we_are();
    void on_cluster(const protocol::ClusterCall& call, const shard::Continuation& done);
    void make_token(const broker::CreateJoinToken& wish, const shard::Continuation& done);
    void on_join(const cluster::JoinRequest& request, const server::JoinDoor::Done& done);
    Result<cluster::Household> household();
    Status start_doors();
    Result<std::unique_ptr<net::HttpServer>> listen(std::uint16_t port,
                                                    std::shared_ptr<net::Tls> with);
    void on_request(net::Request request, net::Answer answer);
    bool led_elsewhere() const;
    void relay_join(const net::Request& request, const std::function<void(net::Response)>& send);
    void on_relayed(net::Request request, const cluster::Reply& reply);
    void leave_cluster();
    std::vector<net::HttpServer*> doors() const;
    void drain_doors(std::chrono::milliseconds patience);
    void stop();

    Options options;
    SystemClock clock;
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
    server::Pages pages;
    std::unique_ptr<server::JoinDoor> join_door;
    std::shared_ptr<net::Tls> tls;
    std::unique_ptr<net::HttpServer> https, http;
    bool stopped = false;
};

Node::Node(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Node::~Node() { stop(); }

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
    links.credentials = CMQ_TRY(peer_credentials());
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

Result<net::Identity> Node::Parts::identity_in(const std::filesystem::path& certificate,
                                               const std::filesystem::path& key) {
    net::Identity found;
    found.certificate = CMQ_TRY(read_whole(*files, certificate));
    found.key = CMQ_TRY(read_whole(*files, key));
    return found;
}

/// The cluster's authority: it came with the join, or is the founder's own.
Result<net::Identity> Node::Parts::authority() {
    const auto folder = options.data / "identity";
    if (CMQ_TRY(files->exists(folder / "node.pem")))
        return identity_in(folder / "ca.pem", folder / "ca_key.pem");
    if (options.ca_file.empty() || options.ca_key_file.empty())
        return fail(Code::invalid,
                    "cluster.peer_port needs tls.ca and cluster.ca_key; cmq init makes both");
    return identity_in(options.ca_file, options.ca_key_file);
}

/// What came with the join; a founder issues its own.
Result<net::PeerCredentials> Node::Parts::peer_credentials() {
    const auto folder = options.data / "identity";
    const auto issuer = CMQ_TRY(authority());
    const net::PeerName name{identity.cluster, identity.node.value};
    const auto own = CMQ_TRY(files->exists(folder / "node.pem"))
                         ? CMQ_TRY(identity_in(folder / "node.pem", folder / "node_key.pem"))
                         : CMQ_TRY(net::issue_node_certificate(issuer, name, clock.wall()));
    return net::PeerCredentials{issuer.certificate, own.certificate, own.key};
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
    show_shard(registry, *shard);
    show_process(registry);
    pages = {[this] { return shard->ready(); }, [this] { return registry.text(); }};
    if (options.https_port) {
        tls = CMQ_TRY(net::Tls::load(options.certificate, options.key));
        https = CMQ_TRY(listen(*options.https_port, tls));
        show_door(registry, *https, "https");
    }
    if (options.http_port) {
        http = CMQ_TRY(listen(*options.http_port, {}));
        show_door(registry, *http, "http");
    }
    if (neighbours) tell_where_we_are();
    return {};
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

void Node::Parts::on_cluster(const protocol::ClusterCall& call, const shard::Continuation& done) {
    if (const auto* wish = std::get_if<broker::CreateJoinToken>(&call))
        return make_token(*wish, done);
    const auto submit = [&](const auto& kind) {
        if constexpr (!std::is_same_v<std::decay_t<decltype(kind)>, broker::CreateJoinToken>)
            shard->submit(shard::ClusterRequest{kind}, done);
    };
    std::visit(submit, call);
}

Result<cluster::Household> Node::Parts::household() {
    if (!neighbours) return fail(Code::invalid, "this broker takes in nobody: it has no peer port");
    const auto secret = shard->secret();
    if (secret.empty()) return fail(Code::unavailable, "no leader yet, try again");
    const auto issuer = CMQ_TRY(authority());
    return cluster::Household{identity.cluster, issuer, options.keys, secret};
}

void Node::Parts::make_token(const broker::CreateJoinToken& wish, const shard::Continuation& done) {
    const auto refuse = [&](broker::Reason reason) {
        done({tl::unexpected(broker::Refusal{reason, {}}), {}});
    };
    const auto house = household();
    if (!house)
        return refuse(house.error().code == Code::unavailable ? broker::Reason::no_leader
                                                              : broker::Reason::no_cluster);
    const auto fingerprint = net::fingerprint(house->authority.certificate);
    if (!fingerprint) return refuse(broker::Reason::no_cluster);
    const auth::JoinToken token{random_bytes(auth::join_token_id_bytes),
                                clock.wall() + wish.lifetime, *fingerprint};
    done({broker::Reply{broker::JoinToken{auth::make_token(house->secret, token)}}, {}});
}

void Node::Parts::on_join(const cluster::JoinRequest& request, const server::JoinDoor::Done& done) {
    auto house = household();
    if (!house) return done(tl::unexpected(house.error()));
    const auto token = cluster::admit(*house, request, clock.wall());
    if (!token) return done(tl::unexpected(token.error()));
    if (const auto used = shard->format(); request.knows < used)
        return done(tl::unexpected(broker::too_new(used, request.knows)));
    const shard::AddNode add{token->id,    token->expires,   request.peer_address, request.endpoint,
                             request.zone, request.replaces, request.knows};
    const auto refused = [this, knows = request.knows](broker::Reason reason) {
        if (reason == broker::Reason::node_too_old) return broker::too_new(shard->format(), knows);
        return Error{cluster::refusal_code(reason), "the cluster did not take the node in"};
    };
    shard->submit(shard::ClusterRequest{add},
                  [this, refused, house = *house, request, done](const broker::Answer& answer) {
                      if (!answer.outcome)
                          return done(tl::unexpected(refused(answer.outcome.error().reason)));
                      const auto node = std::get<broker::NodeAdded>(*answer.outcome).node;
                      auto nodes = neighbours->nodes();
                      std::erase_if(nodes, [&](const auto& entry) { return entry.node == node; });
                      nodes.push_back({node, request.peer_address, request.endpoint, request.zone});
                      done(cluster::welcome(house, request, node, std::move(nodes), clock.wall()));
                  });
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

/// Only who leads takes others in.
void Node::Parts::relay_join(const net::Request& request,
                             const std::function<void(net::Response)>& send) {
    const auto answered = [send](const Result<std::string>& bytes) {
        auto relayed = bytes ? cluster::decode_relayed(*bytes)
                             : Result<cluster::Relayed>(tl::unexpected(bytes.error()));
        if (relayed) return send(std::move(relayed->response));
        send(server::JoinDoor::refusal(
            {Code::unavailable, "the leader did not answer: " + relayed.error().message}));
    };
    (void)neighbours->links().call(shard->leader(), cluster::Stream::calls,
                                   cluster::encode(request), clock.steady() + join_patience,
                                   answered);
}

void Node::Parts::on_relayed(net::Request request, const cluster::Reply& reply) {
    if (!server::JoinDoor::is_for(request)) return api->on_relayed(std::move(request), reply);
    join_door->on_request(request, [reply](net::Response response) {
        (void)reply.send(cluster::encode(cluster::Relayed{false, std::move(response), {}}));
    });
}

/// Downward: doors close first, so that nothing new comes in while the shard finishes.
void Node::Parts::stop() {
    if (std::exchange(stopped, true)) return;
    if (neighbours && neighbours->nodes().size() > 1) leave_cluster();
    for (auto* door : doors()) door->stop();
    if (led_elsewhere()) drain_doors(drain_time);  // what was relayed is answered by others
    if (neighbours) neighbours->take_no_calls();
    shard->stop();
    drain_doors(drain_time);
    loops->stop();
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

Status Node::reload() {
    if (!parts_->tls) return {};
    return parts_->tls->reload();
}

void Node::stop() { parts_->stop(); }

}  // namespace cmq::node
