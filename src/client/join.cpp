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

/// Another node, or the same a little later, may have an answer.
bool passes(Code code) {
    return code == Code::unreachable || code == Code::unavailable || code == Code::unknown_outcome;
}

/// One request, for as long as it takes to hear what became of it.
class Asking {
public:
    explicit Asking(const JoinCall& call) : call_(call) {}

    Status open();
    Result<std::string> until_answered();

private:
    Result<std::string> ask_each();
    bool is_worth_asking_again(Code code) const;
    Error last_word(Error last) const;

    const JoinCall& call_;
    std::vector<Connection> connections_;
    bool may_be_done_ = false;  // an answer was lost
};

Status Asking::open() {
    auto endpoints = CMQ_TRY(parse_endpoints(call_.addresses));
    for (auto& endpoint : endpoints) {
        if (!endpoint.secure)
            return fail(Code::invalid, endpoint.url() + ": a node joins over https:// only");
        auto connection = CMQ_TRY(
            Connection::open(std::move(endpoint), {.ca_fingerprint = call_.ca_fingerprint}));
        connections_.push_back(std::move(connection));
    }
    return {};
}

/// One node after the other, until one has an answer.
Result<std::string> Asking::ask_each() {
    Result<std::string> last = fail(Code::invalid, "no address of a node is given");
    for (auto& connection : connections_) {
        auto answer = connection.post_json(call_.path, call_.body, call_.answer_time);
        if (answer && answer->status == 200) return std::move(answer->body);
        last = tl::unexpected(answer ? refusal(*answer, connection.endpoint().url())
                                     : std::move(answer).error());
        const auto code = last.error().code;
        may_be_done_ |= code == Code::unknown_outcome || code == Code::timed_out;
        if (!passes(code)) break;
    }
    return last;
}

/// Who knows of nothing done is told at once that nobody is there.
bool Asking::is_worth_asking_again(Code code) const {
    return may_be_done_ ? passes(code) : code == Code::unavailable;
}

/// After a lost answer nothing but an answer tells how it ended.
Error Asking::last_word(Error last) const {
    const bool is_answer = !passes(last.code) && last.code != Code::timed_out;
    if (last.code == Code::unreachable && !may_be_done_)
        return {last.code, last.message +
                               "; a node takes others in at its HTTPS port, where "
                               "clients reach it"};
    if (!may_be_done_ || is_answer) return last;
    return {Code::unknown_outcome,
            last.message +
                "; the cluster may have taken the node in: look with cmq cluster "
                "status, take it out with cmq cluster remove, and join with a new token"};
}

Result<std::string> Asking::until_answered() {
    Waiting waiting;
    const auto end = Time::clock::now() + call_.patience;
    while (true) {
        auto answer = ask_each();
        if (answer) return answer;
        if (is_worth_asking_again(answer.error().code) && Time::clock::now() + pause <= end &&
            waiting.pause(pause))
            continue;
        return tl::unexpected(last_word(std::move(answer).error()));
    }
}

}  // namespace

Result<std::string> join(const JoinCall& call) {
    Asking asking(call);
    CMQ_TRY(asking.open());
    return asking.until_answered();
}

}  // namespace cmq::client
