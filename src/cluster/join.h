// cluster/join.h: how a new node gets in: one request and one answer over HTTPS. Pure.
//
//     new node                                         a node of the cluster
//     key, certificate request, addresses  --POST-->   admit: is the token good?
//                                                      the directory takes the node in: its id
//     verify, write, start  <--certificate, CA, keys-- welcome
//
// The new node trusts the CA whose fingerprint is in its token and no other; the cluster trusts who
// has a token. Everything that makes a node the equal of the others is in the answer, so it must
// be seen by nobody else: HTTPS only, never logged, files of mode 0600.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "auth/credentials.h"
#include "auth/join_token.h"
#include "base/result.h"
#include "broker/reply.h"
#include "net/tls.h"

namespace cmq::cluster {

inline constexpr std::string_view join_path = "/cluster/join";
inline constexpr std::size_t join_request_bytes_max = 16 << 10;
inline constexpr std::size_t join_answer_bytes_max = 4 << 20;

struct JoinRequest {
    std::string token;         // as `cmq cluster token` printed it
    std::string csr;           // PEM (net/tls.h, make_request)
    std::string peer_address;  // host:port of the listener for other nodes
    std::string endpoint;      // where clients will find it
    std::string zone;          // may be empty
    broker::NodeId replaces;   // 0: nobody; else whose place it takes
    broker::FormatVersion knows = broker::newest_format();  // the newest that its program does
};

struct JoinAnswer {
    broker::NodeId node;
    std::string cluster;      // 32 hex digits
    std::string certificate;  // PEM chain for the request's key
    net::Identity authority;  // certificate and key: any node can issue certificates (D13)
    std::vector<auth::Credential> keys;
    std::vector<broker::NodeEntry> nodes;  // all there are, the new one too
    std::string secret;                    // the cluster's, 32 bytes
};

/// JSON, both ways. Every limit is checked when reading; unknown members are skipped.
/// errors  invalid: not a request (names the member); internal: not an answer.
std::string encode(const JoinRequest& request);
Result<JoinRequest> decode_join_request(std::string_view body);
std::string encode(const JoinAnswer& answer);
Result<JoinAnswer> decode_join_answer(std::string_view body);

/// What a node of the cluster knows and the new one must.
struct Household {
    std::string cluster;
    net::Identity authority;
    std::vector<auth::Credential> keys;
    std::string secret;
};

/// Who may come in.
struct Admitted {
    auth::JoinToken token;
    std::string key;  // the digest of the node's public key
};
/// Whether `request` may come in, as of `now`; whether its token was used, the directory tells.
/// errors  unauthenticated: the token (says why); invalid: the certificate request.
Result<Admitted> admit(const Household& household, const JoinRequest& request, Stamp now);

/// What a new node hears when the directory refused it. errors  exists, unauthenticated: the token;
/// not_found, invalid, throttled; unknown_outcome: it may have been taken in, and hears so when it
/// asks the same again; unavailable: it was not, try again.
Error refusal(broker::Reason reason);

/// What is answered to `request` once the directory has it as `node`. `nodes` are all there are.
Result<JoinAnswer> welcome(const Household& household, const JoinRequest& request,
                           broker::NodeId node, std::vector<broker::NodeEntry> nodes, Stamp now);

/// Whether `answer` is what a new node with `key` and a token of `fingerprint` can start from: that
/// CA, a certificate of it for this key and this node.
/// errors  unauthenticated: another CA; internal: parts that do not belong together.
Status check(const JoinAnswer& answer, const std::string& key, const std::string& fingerprint);

}  // namespace cmq::cluster
