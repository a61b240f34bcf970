// Who else comes into the cluster: tokens, and what they open.

#include "cluster/relay.h"
#include "node/node_parts.h"

namespace cmq::node {
namespace {

/// Longer than a change of members may wait for its turn.
constexpr std::chrono::seconds join_patience{20};

/// What became of a request that was relayed, and not answered.
Code may_be_done(Code code) {
    const bool unsent = code == Code::unreachable || code == Code::throttled;
    return unsent ? Code::unavailable : Code::unknown_outcome;
}

}  // namespace

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
    const auto issuer = CMQ_TRY(authority(*files, issuing()));
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
    const auto admitted = cluster::admit(*house, request, clock.wall());
    if (!admitted) return done(tl::unexpected(admitted.error()));
    if (const auto used = shard->format(); request.knows < used)
        return done(tl::unexpected(broker::too_new(used, request.knows)));
    const shard::AddNode add{
        admitted->token.id, admitted->token.expires, request.peer_address, request.endpoint,
        request.zone,       request.replaces,        request.knows,        admitted->key};
    const auto refused = [this, knows = request.knows](broker::Reason reason) {
        if (reason == broker::Reason::node_too_old) return broker::too_new(shard->format(), knows);
        return cluster::refusal(reason);
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

/// Whether the leader has to be asked at all: its time is for those who have a token.
Status Node::Parts::check_join(const net::Request& request) const {
    const auto asked = CMQ_TRY(server::JoinDoor::read(request));
    const auto secret = shard->secret();
    if (secret.empty()) return {};  // a new node itself, which cannot tell
    CMQ_TRY(auth::check_token(secret, asked.token, clock.wall()));
    return {};
}

/// Only who leads takes others in.
void Node::Parts::relay_join(const net::Request& request,
                             const std::function<void(net::Response)>& send) {
    if (const auto checked = check_join(request); !checked)
        return send(join_door->refusal(request.remote, checked.error()));
    const auto answered = [this, remote = request.remote, send](const Result<std::string>& bytes) {
        auto relayed = bytes ? cluster::decode_relayed(*bytes)
                             : Result<cluster::Relayed>(tl::unexpected(bytes.error()));
        if (relayed) return send(std::move(relayed->response));
        const auto why = "the leader did not answer: " + relayed.error().message;
        send(join_door->refusal(remote, {may_be_done(relayed.error().code), why}));
    };
    (void)neighbours->links().call(shard->leader(), cluster::Stream::calls,
                                   cluster::encode(request), clock.steady() + join_patience,
                                   answered);
}

}  // namespace cmq::node
