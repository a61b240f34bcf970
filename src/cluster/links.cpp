#include "cluster/links.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "cluster/call_frames.h"

namespace cmq::cluster {
namespace {

/// By Stream. A number behind the slash means: a different language.
const std::array<std::string, streams> protocols = {"cmq-consensus/1", "cmq-calls/1", "cmq-bulk/1"};

std::size_t place_of(Stream stream) { return static_cast<std::size_t>(stream); }
const std::string& protocol_of(Stream stream) { return protocols[place_of(stream)]; }

Stream stream_of(const std::string& protocol) {
    const auto at = std::ranges::find(protocols, protocol);
    CMQ_CHECK(at != protocols.end());  // the server speaks no other
    return static_cast<Stream>(at - protocols.begin());
}

net::PeerName name_of(const Links::Options& options, raft::NodeId node) {
    return {options.cluster, node.value};
}

Status check_name(const net::PeerName& certified, const Links::Options& options) {
    const auto own = name_of(options, options.self);
    if (certified == own) return {};
    return fail(Code::invalid,
                "the certificate is of " + certified.uri() + ", and this is " + own.uri());
}

net::FrameCounts sum(const net::FrameCounts& ours, const net::FrameCounts& theirs) {
    auto both = ours;
    both.frames_in += theirs.frames_in;
    both.frames_out += theirs.frames_out;
    both.bytes_in += theirs.bytes_in;
    both.bytes_out += theirs.bytes_out;
    return both;
}

}  // namespace

Links::Links(net::Loops& loops, Options options, Handlers handlers,
             std::shared_ptr<net::PeerTls> tls)
    : loops_(loops),
      options_(std::move(options)),
      handlers_(std::move(handlers)),
      tls_(std::move(tls)),
      calls_(options_.calls_max),
      alarm_(loops, [this] { on_alarm(); }) {}

Result<std::unique_ptr<Links>> Links::open(net::Loops& loops, Options options, Handlers handlers) {
    auto tls = CMQ_TRY(net::PeerTls::make(options.credentials));
    CMQ_TRY(check_name(tls->name(), options));
    std::unique_ptr<Links> links(
        new Links(loops, std::move(options), std::move(handlers), std::move(tls)));
    CMQ_TRY(links->listen());
    return links;
}

/// The links first, then the server, then the alarm: each waits for its callbacks that are running,
/// and those find no peer, but all else.
Links::~Links() {
    std::map<raft::NodeId, std::shared_ptr<Peer>> peers;  // destroyed without the lock
    const std::lock_guard lock(mutex_);
    peers.swap(peers_);
}

Status Links::listen() {
    net::FrameServer::Options options;
    options.address = options_.address;
    options.port = options_.port;
    options.tls = tls_;
    options.protocols.assign(protocols.begin(), protocols.end());
    options.limits = options_.limits;
    server_ = CMQ_TRY(net::FrameServer::open(
        loops_, std::move(options),
        {[this](const net::PeerName& peer) { return admit(peer); },
         [this](const net::FrameStream& stream) { return welcome(stream); }}));
    return {};
}

Status Links::admit(const net::PeerName& peer) const {
    const raft::NodeId id{peer.node};
    if (peer.cluster != options_.cluster) return fail(Code::forbidden, "of another cluster");
    if (id == options_.self) return fail(Code::forbidden, "it has this node's own name");
    if (handlers_.admit ? handlers_.admit(id) : this->peer(id) != nullptr) return {};
    return fail(Code::forbidden, "not a member");
}

net::FrameSink Links::welcome(const net::FrameStream& stream) {
    if (stream_of(stream.protocol()) != Stream::consensus) return serve(stream);
    const raft::NodeId from{stream.peer().node};
    return {[this, from](std::string_view bytes) {
                if (handlers_.on_message) handlers_.on_message(from, bytes);
            },
            {}};
}

net::FrameSink Links::serve(const net::FrameStream& stream) {
    const raft::NodeId from{stream.peer().node};
    const auto& on_request =
        stream_of(stream.protocol()) == Stream::calls ? handlers_.on_call : handlers_.on_bulk;
    const auto served = std::make_shared<Served>(
        stream, Served::Options{options_.calls_max, options_.limits.frame_bytes},
        [&on_request, from](std::string request, Reply reply) {
            if (on_request) on_request(from, std::move(request), std::move(reply));
        });
    // Who watches a request may hold the reply to it: at the end the circle is cut.
    const std::shared_ptr<void> end(nullptr, [served](void*) { served->forget(); });
    return {[served, end](std::string_view bytes) { served->on_frame(bytes); },
            [served](const std::string&) { served->on_down(); }};
}

void Links::set_peers(const std::map<raft::NodeId, net::PeerAddress>& wanted) {
    std::map<raft::NodeId, std::shared_ptr<Peer>> dropped;  // destroyed without the lock
    {
        const std::lock_guard lock(mutex_);
        dropped.swap(peers_);
        for (const auto& [id, address] : wanted) {
            if (id == options_.self) continue;
            const auto present = dropped.find(id);
            if (present != dropped.end() && present->second->address == address) {
                peers_.insert(dropped.extract(present));
            } else {
                peers_.emplace(id, connect(id, address));
            }
        }
    }
    for (auto& [id, peer] : dropped) {
        peer.reset();  // no answer comes from it any more
        drop_calls({id, Stream::calls});
        drop_calls({id, Stream::bulk});
    }
    server_->recheck();
}

std::shared_ptr<Links::Peer> Links::connect(raft::NodeId to, const net::PeerAddress& address) {
    auto fresh = std::make_shared<Peer>();
    fresh->address = address;
    for (const auto stream : {Stream::consensus, Stream::calls, Stream::bulk}) {
        net::FrameLink::Options options;
        options.address = address;
        options.peer = name_of(options_, to);
        options.tls = tls_;
        options.protocol = protocol_of(stream);
        options.limits = options_.limits;
        options.backoff = options_.backoff;
        fresh->links[place_of(stream)] =
            net::FrameLink::open(loops_, std::move(options), handlers_of({to, stream}));
    }
    return fresh;
}

net::FrameLink::Handlers Links::handlers_of(const Route& route) {
    if (route.stream != Stream::consensus)
        return {{},
                {[this, route](std::string_view bytes) { on_answer(route, bytes); },
                 [this, route](const std::string& why) { on_stream_down(route, why); }}};
    return {[this, route] {
                if (handlers_.on_here) handlers_.on_here(route.to);
            },
            {{}, [this, route](const std::string&) {
                 if (handlers_.on_gone) handlers_.on_gone(route.to);
             }}};
}

std::shared_ptr<Links::Peer> Links::peer(raft::NodeId id) const {
    const std::lock_guard lock(mutex_);
    const auto at = peers_.find(id);
    return at == peers_.end() ? nullptr : at->second;
}

bool Links::send(raft::NodeId to, net::Pieces pieces) {
    const auto there = peer(to);
    return there && there->links[place_of(Stream::consensus)]->send(std::move(pieces));
}

std::uint16_t Links::port() const { return server_->port(); }

std::map<raft::NodeId, PeerFigures> Links::figures() const {
    std::map<raft::NodeId, std::shared_ptr<Peer>> peers;
    {
        const std::lock_guard lock(mutex_);
        peers = peers_;
    }
    std::map<raft::NodeId, PeerFigures> all;
    for (const auto& [id, there] : peers)
        for (std::size_t at = 0; at < streams; ++at) {
            const auto theirs = server_->counts(name_of(options_, id), protocols[at]);
            all[id][at] = {sum(there->links[at]->counts(), theirs), there->links[at]->failure()};
        }
    return all;
}

Status Links::renew(const net::PeerCredentials& credentials) {
    const auto fresh = CMQ_TRY(net::PeerTls::make(credentials));
    CMQ_TRY(check_name(fresh->name(), options_));
    return tls_->replace(credentials);
}

}  // namespace cmq::cluster
