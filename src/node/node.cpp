#include "node/node.h"

#include <unistd.h>

#include <cstdlib>

#include "base/log.h"
#include "cluster/identity.h"
#include "metrics/registry.h"
#include "net/http_server.h"
#include "net/loops.h"
#include "net/tls.h"
#include "node/metrics_page.h"
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

/// The one place where a disk that failed or lied ends the process (D14).
[[noreturn]] void stop_loudly(const Error& error) {
    log::error("disk_failed", {{"kind", name_of(error.code)}, {"detail", error.message}});
    std::abort();
}

}  // namespace

struct Node::Parts {
    explicit Parts(Options options_) : options(std::move(options_)) {}

    Status start_shard();
    Status start_doors();
    Result<std::unique_ptr<net::HttpServer>> listen(std::uint16_t port,
                                                    std::shared_ptr<net::Tls> with);
    void on_request(net::Request request, net::Answer answer);
    void stop();

    Options options;
    SystemClock clock;
    std::unique_ptr<store::Files> files = store::system_files();
    std::optional<cluster::DirectoryLock> lock;
    cluster::Identity identity;
    auth::Credentials credentials;
    metrics::Registry registry;
    std::unique_ptr<shard::Shard> shard;
    std::unique_ptr<server::ApiFigures> api_figures;
    std::unique_ptr<server::HttpApi> api;
    server::Pages pages;
    server::JoinDoor join_door{{}};
    std::shared_ptr<net::Tls> tls;
    std::unique_ptr<net::Loops> loops;
    std::unique_ptr<net::HttpServer> https, http;
    bool stopped = false;
};

Node::Node(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Node::~Node() { stop(); }

Result<std::unique_ptr<Node>> Node::open(Options options) {
    auto parts = std::make_unique<Parts>(std::move(options));
    CMQ_TRY(parts->start_shard());
    CMQ_TRY(parts->start_doors());
    return std::unique_ptr<Node>(new Node(std::move(parts)));
}

Status Node::Parts::start_shard() {
    lock = CMQ_TRY(cluster::DirectoryLock::take(*files, options.data, getpid()));
    identity = CMQ_TRY(cluster::open_identity(*files, options.data));
    shard::Options shard_options;
    shard_options.directory = options.data;
    shard_options.self = identity.node;
    shard_options.log.grow_first = options.dev;
    shard_options.log.incarnation = identity.incarnation;
    shard_options.core.in_flight_bytes_max = options.in_flight_bytes_max;
    shard_options.core.disk_reserve_bytes = options.disk_reserve_bytes;
    shard_options.core.secret = random_bytes(32);
    shard_options.fatal = stop_loudly;
    shard = CMQ_TRY(shard::Shard::open(std::move(shard_options), *files, clock));
    return {};
}

Status Node::Parts::start_doors() {
    for (const auto& key : options.keys) credentials.add(key);
    api_figures = std::make_unique<server::ApiFigures>(registry);
    api = std::make_unique<server::HttpApi>(
        server::HttpApiOptions{options.timestamp_window, options.rates, {}}, clock, credentials,
        *shard, *api_figures);
    show_shard(registry, *shard);
    show_process(registry);
    pages = {[this] { return shard->ready(); }, [this] { return registry.text(); }};
    loops = std::make_unique<net::Loops>(options.loops);
    if (options.https_port) {
        tls = CMQ_TRY(net::Tls::load(options.certificate, options.key));
        https = CMQ_TRY(listen(*options.https_port, tls));
        show_door(registry, *https, "https");
    }
    if (options.http_port) {
        http = CMQ_TRY(listen(*options.http_port, {}));
        show_door(registry, *http, "http");
    }
    return {};
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
    if (server::JoinDoor::is_for(request)) return join_door.on_request(request, answer);
    api->on_request(std::move(request), std::move(answer));
}

/// Downward: doors close first, so that nothing new comes in while the shard finishes.
void Node::Parts::stop() {
    if (std::exchange(stopped, true)) return;
    for (auto* door : {https.get(), http.get()})
        if (door) door->stop();
    shard->stop();
    for (auto* door : {https.get(), http.get()})
        if (door) door->wait_drained(drain_time);
    loops->stop();
}

Node::Ports Node::ports() const {
    Ports ports;
    if (parts_->https) ports.https = parts_->https->port();
    if (parts_->http) ports.http = parts_->http->port();
    return ports;
}

std::uint64_t Node::node_id() const { return parts_->identity.node.value; }

bool Node::ready() const { return parts_->shard->ready(); }

Status Node::reload() {
    if (!parts_->tls) return {};
    return parts_->tls->reload();
}

void Node::stop() { parts_->stop(); }

}  // namespace cmq::node
