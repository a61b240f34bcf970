#include "cluster/join.h"

#include "net/peer_tls.h"

namespace cmq::cluster {
namespace {

/// For a fingerprint that cannot be made: whose authority is that?
Result<std::string> fingerprint_of(const net::Identity& authority) {
    auto found = net::fingerprint(authority.certificate);
    if (!found)
        return fail(Code::internal, "the cluster's CA cannot be read: " + found.error().message);
    return found;
}

}  // namespace

Result<Admitted> admit(const Household& household, const JoinRequest& request, Stamp now) {
    auto token = CMQ_TRY(auth::check_token(household.secret, request.token, now));
    const auto ours = CMQ_TRY(fingerprint_of(household.authority));
    if (token.fingerprint != ours)
        return fail(Code::unauthenticated,
                    "the join token is for another CA than the cluster has now; ask for a new one "
                    "with: cmq cluster token");
    // Before the token is used up: a request that cannot be signed must not cost it.
    CMQ_TRY(net::sign_request(household.authority, request.csr, {household.cluster, 1}, now));
    auto key = CMQ_TRY(net::key_digest(request.csr));
    return Admitted{std::move(token), std::move(key)};
}

Error refusal(broker::Reason reason) {
    using broker::Reason;
    switch (reason) {
        case Reason::token_used:
            return {Code::exists,
                    "the join token was used already; when that node never came up, take it out "
                    "(cmq cluster status, cmq cluster remove), and ask for a new token with: cmq "
                    "cluster token"};
        case Reason::token_expired:
            return {Code::unauthenticated,
                    "the join token has expired; ask for a new one with: cmq cluster token"};
        case Reason::node_missing:
            return {Code::not_found,
                    "the cluster has no such node to be replaced; it lists them with: cmq cluster "
                    "status"};
        case Reason::out_of_range:
            return {Code::invalid,
                    "the cluster does not take the node's addresses or its zone: "
                    "too long, or with blanks"};
        case Reason::too_many_nodes:
            return {Code::throttled,
                    "the cluster has as many nodes as it may, or as many tokens "
                    "were used that have not expired"};
        case Reason::unknown_outcome:
        case Reason::change_under_way:  // the directory has it, the group does not yet
        case Reason::copies_missing:
        case Reason::stopping:
            return {Code::unknown_outcome, "the cluster may have taken the node in"};
        default:  // of everybody's requests: it is not taken in now, and may be later
            return {Code::unavailable, "the cluster did not take the node in, try again"};
    }
}

Result<JoinAnswer> welcome(const Household& household, const JoinRequest& request,
                           broker::NodeId node, std::vector<broker::NodeEntry> nodes, Stamp now) {
    JoinAnswer answer;
    answer.node = node;
    answer.cluster = household.cluster;
    answer.certificate = CMQ_TRY(
        net::sign_request(household.authority, request.csr, {household.cluster, node.value}, now));
    answer.authority = household.authority;
    answer.keys = household.keys;
    answer.nodes = std::move(nodes);
    answer.secret = household.secret;
    return answer;
}

Status check(const JoinAnswer& answer, const std::string& key, const std::string& fingerprint) {
    const auto authority = CMQ_TRY(fingerprint_of(answer.authority));
    if (authority != fingerprint)
        return fail(Code::unauthenticated,
                    "the answer names another CA than the token; somebody may be in between");
    const auto odd = [](const Error& error) {
        return fail(Code::internal, "the parts of the answer do not fit: " + error.message);
    };
    const auto tls = net::PeerTls::make({answer.authority.certificate, answer.certificate, key});
    if (!tls) return odd(tls.error());
    const net::PeerName wanted{answer.cluster, answer.node.value};
    if ((*tls)->name() != wanted)
        return odd({Code::internal,
                    "the certificate is " + (*tls)->name().uri() + ", not " + wanted.uri()});
    const auto issued = net::issue_node_certificate(answer.authority, wanted, (*tls)->expires());
    if (!issued) return odd(issued.error());
    return {};
}

}  // namespace cmq::cluster
