#include "client/join.h"

#include <nlohmann/json.hpp>

#include "client/connection.h"
#include "client/waiting.h"

namespace cmq::client {
namespace {

using Time = std::chrono::steady_clock::time_point;

constexpr std::chrono::milliseconds pause{200};

Code code_of(int status) {
    switch (status) {
        case 400:
            return Code::invalid;
        case 401:
            return Code::unauthenticated;
        case 403:
            return Code::forbidden;
        case 404:
            return Code::not_found;
        case 409:
            return Code::exists;
        case 429:
            return Code::throttled;
        case 503:
            return Code::unavailable;
        case 504:
            return Code::unknown_outcome;
        default:
            return Code::internal;
    }
}

Error refusal(const Connection::Answer& answer, const std::string& url) {
    const auto json = nlohmann::json::parse(answer.body, nullptr, false);
    const auto message = json.is_object() ? json.find("message") : json.end();
    if (message == json.end() || !message->is_string())
        return {Code::internal, url + " answered with HTTP status " +
                                    std::to_string(answer.status) + "; is it a cmq broker?"};
    return {code_of(answer.status), message->get<std::string>()};
}

/// One node after the other, until one has an answer.
Result<std::string> ask_each(std::vector<Connection>& connections, const JoinCall& call) {
    Result<std::string> last = fail(Code::invalid, "no address of a node is given");
    for (auto& connection : connections) {
        auto answer = connection.post_json(call.path, call.body, call.answer_time);
        if (answer && answer->status == 200) return std::move(answer->body);
        last = tl::unexpected(answer ? refusal(*answer, connection.endpoint().url())
                                     : std::move(answer).error());
        const auto code = last.error().code;
        if (code != Code::unreachable && code != Code::unavailable) break;
    }
    return last;
}

}  // namespace

Result<std::string> join(const JoinCall& call) {
    auto endpoints = CMQ_TRY(parse_endpoints(call.addresses));
    std::vector<Connection> connections;
    for (auto& endpoint : endpoints) {
        if (!endpoint.secure)
            return fail(Code::invalid, endpoint.url() + ": a node joins over https:// only");
        connections.push_back(CMQ_TRY(
            Connection::open(std::move(endpoint), {.ca_fingerprint = call.ca_fingerprint})));
    }
    Waiting waiting;
    const auto end = Time::clock::now() + call.patience;
    while (true) {
        auto answer = ask_each(connections, call);
        const bool again = !answer && answer.error().code == Code::unavailable;
        if (!again || Time::clock::now() + pause > end || !waiting.pause(pause)) return answer;
    }
}

}  // namespace cmq::client
