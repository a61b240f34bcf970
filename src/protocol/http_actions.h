// protocol/http_actions.h: the actions of the CMQ HTTP API: parameters in, JSON out. Pure.
//
// Two phases, because authentication stands between them: `parse` gives what must be verified,
// `decode` what is asked. One table row an action (http_actions.cpp).
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "auth/verify.h"
#include "broker/command.h"
#include "broker/reply.h"
#include "protocol/form.h"

namespace cmq::protocol {

/// Views that outlive what is parsed from them.
struct HttpRequest {
    std::string_view method, path, query, host, body;
};

struct ActionRow;

/// Where a TCP client finds the broker.
struct RouteQuery {};

/// About the cluster itself.
using ClusterCall = std::variant<broker::DescribeCluster, broker::CreateJoinToken,
                                 broker::RemoveNode, broker::TransferLead, broker::DrainNode>;

struct Parsed {
    std::unique_ptr<auth::Parameters> parameters;  // all, decoded; the claim points here
    auth::Claim claim;
    const ActionRow* action = nullptr;
    std::string client_request_id;  // empty: none
};

/// Why a request is not taken, and what its answer echoes all the same.
struct Refused {
    WireError error;
    std::string client_request_id;  // as far as it was found
};

struct Call {
    /// Points into Parsed.
    std::variant<broker::Command, broker::Query, RouteQuery, ClusterCall> what;
    std::optional<std::chrono::seconds> polling_wait;  // receives: as asked
};

tl::expected<Parsed, Refused> parse(const HttpRequest& request);
Decoded<Call> decode(const Parsed& parsed, broker::Namespace space);

std::string_view action_name(const Parsed& parsed);  // the canonical one
std::vector<std::string_view> action_names();        // all there are

struct EncodeOptions {
    std::string_view request_id;
    std::vector<std::string> tcp_addresses;  // for RouteQuery
};
std::string encode(const Parsed& parsed, const Call& call, const broker::Answer& answer,
                   const EncodeOptions& options);
std::string encode_error(const Refused& refused, std::string_view request_id);

}  // namespace cmq::protocol
