#include "server/join_door.h"

#include <nlohmann/json.hpp>

#include "base/log.h"

namespace cmq::server {
namespace {

int status_of(Code code) {
    switch (code) {
        case Code::invalid:
            return 400;
        case Code::unauthenticated:
            return 401;
        case Code::forbidden:
            return 403;
        case Code::not_found:
            return 404;
        case Code::exists:
            return 409;
        case Code::throttled:
            return 429;
        case Code::unavailable:
            return 503;
        case Code::unknown_outcome:
            return 504;
        case Code::empty:
        case Code::timed_out:
        case Code::unreachable:
        case Code::partial:
        case Code::corrupt:
        case Code::io:
        case Code::disk_full:
        case Code::busy:
        case Code::internal:
            return 500;
    }
    return 500;
}

}  // namespace

Result<cluster::JoinRequest> JoinDoor::read(const net::Request& request) {
    if (request.method != "POST") return fail(Code::invalid, "a node joins with POST");
    if (!request.secure)
        return fail(Code::forbidden,
                    "a node joins over HTTPS only: the answer holds the cluster's secrets");
    return cluster::decode_join_request(request.body);
}

net::Response JoinDoor::refusal(const std::string& remote, const Error& error) const {
    if (const auto left_out = refusals_.pass(clock_.steady()))
        log::warn("join_refused", {{"remote", remote},
                                   {"kind", name_of(error.code)},
                                   {"detail", error.message},
                                   {"left_out", *left_out}});
    const nlohmann::ordered_json json{{"error", name_of(error.code)}, {"message", error.message}};
    return {status_of(error.code), "application/json", json.dump() + '\n', false};
}

net::Response JoinDoor::response_to(const std::string& remote,
                                    const Result<cluster::JoinAnswer>& answer) const {
    if (!answer) return refusal(remote, answer.error());
    log::info("node_joined", {{"node", answer->node.value}, {"remote", remote}});
    return {200, "application/json", cluster::encode(*answer), false};
}

bool JoinDoor::is_for(const net::Request& request) { return request.path == cluster::join_path; }

void JoinDoor::on_request(const net::Request& request,
                          const std::function<void(net::Response)>& send) const {
    auto asked = read(request);
    if (asked && !on_join_)
        asked = Result<cluster::JoinRequest>(
            fail(Code::invalid, "this broker is no cluster, and takes no nodes in"));
    if (!asked) return send(refusal(request.remote, asked.error()));
    on_join_(*std::move(asked),
             [this, remote = request.remote, send](const Result<cluster::JoinAnswer>& joined) {
                 send(response_to(remote, joined));
             });
}

}  // namespace cmq::server
