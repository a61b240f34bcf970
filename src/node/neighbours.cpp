#include "node/neighbours.h"

#include <algorithm>

#include "base/log.h"
#include "base/text.h"
#include "base/thread.h"
#include "cluster/relay.h"
#include "raft/wire.h"

namespace cmq::node {
namespace {

/// A leader that hands over has answered nearly all by then; one that is gone answers nothing.
constexpr std::chrono::milliseconds old_leader_patience{300};

raft::NodeId raft_id(broker::NodeId node) { return raft::NodeId{node.value}; }

/// host:port or [v6]:port, as the directory has it.
std::optional<net::PeerAddress> address_of(std::string_view text) {
    const auto colon = text.rfind(':');
    if (colon == text.npos) return {};
    const auto port = parse_digits(text.substr(colon + 1));
    auto host = text.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    if (!port || *port == 0 || *port > 65535 || host.empty()) return {};
    return net::PeerAddress{std::string(host), static_cast<std::uint16_t>(*port)};
}

}  // namespace

Result<std::unique_ptr<Neighbours>> Neighbours::open(net::Loops& loops, Options options,
                                                     const Clock& clock) {
    std::unique_ptr<Neighbours> neighbours(new Neighbours(options.self, clock));
    neighbours->remember_ = std::move(options.remember);
    neighbours->nodes_ = std::move(options.known);
    neighbours->news_ = true;
    cluster::Links::Options links;
    links.self = options.self;
    links.cluster = std::move(options.cluster);
    links.credentials = std::move(options.credentials);
    links.address = std::move(options.listen);
    links.port = options.port;
    neighbours->links_ =
        CMQ_TRY(cluster::Links::open(loops, std::move(links), neighbours->handlers()));
    return neighbours;
}

/// Links first: none of its handlers runs while the rest goes.
Neighbours::~Neighbours() {
    introducer_ = {};
    links_.reset();
}

cluster::Links::Handlers Neighbours::handlers() {
    cluster::Links::Handlers handlers;
    handlers.on_message = [this](raft::NodeId, std::string_view bytes) { on_message(bytes); };
    handlers.on_call = [this](raft::NodeId, const std::string& request,
                              const cluster::Reply& reply) { on_call(request, reply); };
    handlers.on_bulk = [this](raft::NodeId from, const std::string& request,
                              const cluster::Reply& reply) { on_bulk(from, request, reply); };
    handlers.on_here = [](raft::NodeId node) { log::info("node_up", {{"node", node.value}}); };
    handlers.on_gone = [](raft::NodeId node) { log::warn("node_down", {{"node", node.value}}); };
    handlers.admit = [this](raft::NodeId node) { return admits(node); };
    return handlers;
}

void Neighbours::serve(shard::Shard& shard, OnRelayed on_relayed) {
    on_relayed_ = std::move(on_relayed);
    shard_ = &shard;
    introducer_ = std::jthread([this](std::stop_token stop) { introduce(std::move(stop)); });
}

void Neighbours::send(const raft::Message& message, const shard::JournalNote& note) {
    auto pieces = raft::encode(message);
    std::string head;
    Encoder out(head);
    out.i64(milliseconds_of(clock_.wall()));
    shard::encode(note, out);
    pieces.insert(pieces.begin(), make_blob(std::move(head)));
    (void)links_->send(message.to, std::move(pieces));  // lost: Raft sends again
}

void Neighbours::on_message(std::string_view bytes) {
    auto* shard = shard_.load();
    if (!shard) return;
    Decoder in(bytes);
    const auto wall = stamp_of(in.i64());
    const auto note = shard::decode_journal_note(in);
    auto message = raft::decode_message(in.raw(in.left()));
    if (!in.ok() || !message) {
        log::error("message_unreadable", {{"detail", in.ok() ? message.error().message : "short"}});
        return;
    }
    shard->receive(*std::move(message), wall, note);
}

/// What was relayed to a leader that stands still, or that nobody hears, would wait until its link
/// is given up, seconds after another took over.
void Neighbours::follow(raft::NodeId leader) {
    if (leader == raft::NodeId{} || leader == followed_) return;
    const auto old = std::exchange(followed_, leader);
    if (old != raft::NodeId{} && old != self_)
        links_->hurry(old, cluster::Stream::calls, clock_.steady() + old_leader_patience);
}

void Neighbours::on_call(const std::string& request, const cluster::Reply& reply) {
    if (!shard_.load() || !takes_calls_)
        return void(reply.fail({Code::unreachable, "this node is starting, or stops"}));
    if (const auto back = cluster::given_back(request)) return give_back(*back, reply);
    auto relayed = cluster::decode_request(request);
    if (!relayed) return void(reply.fail(relayed.error()));
    on_relayed_(*std::move(relayed), reply);
}

void Neighbours::give_back(std::string_view given, const cluster::Reply& reply) {
    auto decoded = cluster::decode_given(given);
    if (!decoded) return void(reply.fail(decoded.error()));
    shard_.load()->give_back(*std::move(decoded));
    (void)reply.send(std::string());  // nobody waits for it
}

void Neighbours::ask(raft::NodeId to, std::string request, shard::BulkAnswered answered) {
    (void)links_->call(to, cluster::Stream::bulk, std::move(request),
                       clock_.steady() + shard::bulk_patience, std::move(answered));
}

void Neighbours::on_bulk(raft::NodeId from, const std::string& request,
                         const cluster::Reply& reply) {
    auto* shard = shard_.load();
    if (!shard) return void(reply.fail({Code::unreachable, "this node is starting"}));
    shard->asked(from, request, [reply](Result<std::string> answer) {
        (void)(answer ? reply.send(*std::move(answer)) : reply.fail(answer.error()));
    });
}

/// Whom the directory names; before it is here, those that came with the join.
bool Neighbours::admits(raft::NodeId node) {
    const std::lock_guard lock(mutex_);
    return std::ranges::any_of(nodes_,
                               [&](const auto& entry) { return raft_id(entry.node) == node; });
}

void Neighbours::know(std::vector<broker::NodeEntry> nodes) {
    if (nodes.empty()) return;  // the state does not have it yet
    const std::lock_guard lock(mutex_);
    nodes_ = std::move(nodes);
    news_ = true;
    changed_.notify_one();
}

std::vector<broker::NodeEntry> Neighbours::nodes() {
    const std::lock_guard lock(mutex_);
    return nodes_;
}

void Neighbours::introduce(std::stop_token stop) {
    name_thread("introducer");
    while (!stop.stop_requested()) {
        std::map<raft::NodeId, net::PeerAddress> peers;
        std::vector<broker::NodeEntry> nodes;
        {
            std::unique_lock lock(mutex_);
            if (!changed_.wait(lock, stop, [this] { return news_; })) return;
            news_ = false;
            nodes = nodes_;
        }
        for (const auto& entry : nodes)
            if (const auto address = address_of(entry.peer_address))
                peers.emplace(raft_id(entry.node), *address);
        if (!nodes.empty()) remember_(nodes);
        links_->set_peers(peers);
    }
}

}  // namespace cmq::node
