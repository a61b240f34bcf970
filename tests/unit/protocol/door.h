// A door without sockets: forms in, JSON out, a real state machine behind. Nobody checks the
// signature here; tests/unit/auth does.
#pragma once

#include <doctest/doctest.h>

#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "broker/state.h"
#include "protocol/http_actions.h"

namespace cmq::protocol {

using Json = nlohmann::json;

class Door {
public:
    Door() {
        std::uint32_t slot = 0;
        const std::string secret(32, 's');
        REQUIRE(state_.apply({space, broker::Found{secret}}, now, next_index(), slot));
    }

    /// The whole answer to a POST of `form`; common parameters are added.
    std::string answer_to(std::string_view form) {
        const auto body = std::string(form) + "&Timestamp=1700000000&Nonce=7&SecretId=AKIDx" +
                          "&Signature=c2lnbmF0dXJl";
        return answer_to(HttpRequest{"POST", "/v2/index.php", "", "h", body});
    }

    std::string answer_to(const HttpRequest& request) {
        const auto parsed = parse(request);
        if (!parsed) return encode_error(parsed.error(), request_id);
        const auto call = decode(*parsed, space);
        if (!call) return encode_error({call.error(), parsed->client_request_id}, request_id);
        return encode(*parsed, *call, perform(*call), {request_id, tcp_addresses});
    }

    template <class Request>
    Json json(const Request& request) {
        return Json::parse(answer_to(request));
    }

    /// What `request` gives, which must go well.
    template <class Request>
    Json good(const Request& request) {
        auto answer = json(request);
        CAPTURE(answer.dump());
        REQUIRE(answer["code"] == 0);
        REQUIRE(answer["message"] == "");
        return answer;
    }

    Stamp now = stamp_of(1'700'000'000'123);
    std::string request_id = "4711";
    std::vector<std::string> tcp_addresses;
    std::function<broker::Answer(const ClusterCall&)> cluster;
    broker::Namespace space{1};  // of the caller's key

private:
    struct NoRows final : broker::Rows {
        std::optional<std::string> read(broker::Table, broker::Key) override { return {}; }
        std::vector<broker::Row> scan(broker::Table) override { return {}; }
    };

    LogIndex next_index() { return LogIndex{++index_}; }

    broker::Answer perform(const Call& call) {
        if (const auto* query = std::get_if<broker::Query>(&call.what))
            return with_bodies(state_.ask(*query, now));
        if (std::holds_alternative<RouteQuery>(call.what)) return {broker::Reply{}, {}};
        if (const auto* about = std::get_if<ClusterCall>(&call.what)) return cluster(*about);
        const auto& command = std::get<broker::Command>(call.what);
        const auto index = next_index();
        if (const auto* send = std::get_if<broker::Send>(&command.action))
            for (std::uint32_t slot = 0; slot < send->bodies.size(); ++slot)
                bodies_[{index, slot}] = make_blob(std::string(send->bodies[slot]));
        std::uint32_t slot = 0;
        return with_bodies(state_.apply(command, now, index, slot));
    }

    broker::Answer with_bodies(broker::Outcome outcome) {
        broker::Answer answer{std::move(outcome), {}};
        if (!answer.outcome) return answer;
        if (const auto* received = std::get_if<broker::Received>(&*answer.outcome))
            for (const auto& delivery : received->deliveries)
                answer.bodies.push_back(body(delivery.body));
        if (const auto* peeked = std::get_if<broker::Peeked>(&*answer.outcome))
            for (const auto& item : peeked->items) answer.bodies.push_back(body(item.body));
        return answer;
    }

    broker::Body body(broker::BodyAt at) {
        const auto& blob = bodies_.at({at.index, at.slot});
        return {blob, *blob};
    }

    NoRows rows_;
    broker::State state_{1, rows_};
    std::uint64_t index_ = 0;
    std::map<std::pair<LogIndex, std::uint32_t>, Blob> bodies_;
};

}  // namespace cmq::protocol
