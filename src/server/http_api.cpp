#include "server/http_api.h"

#include "auth/verify.h"
#include "base/log.h"
#include "base/text.h"

namespace cmq::server {
namespace {

std::vector<std::uint64_t> handles_of(const broker::Received& received) {
    std::vector<std::uint64_t> handles;
    for (const auto& delivery : received.deliveries) handles.push_back(delivery.handle.value);
    return handles;
}

}  // namespace

/// One request on its way through; what it was decoded from lives as long as it does.
struct HttpApi::Exchange {
    net::Request request;
    net::Answer answer;
    std::string request_id;
    Steady begun;
    protocol::Parsed parsed;
    protocol::Call call;
};

HttpApi::HttpApi(HttpApiOptions options, const Clock& clock, const auth::Credentials& credentials,
                 shard::Shard& shard, ApiFigures& figures)
    : options_(options),
      clock_(clock),
      credentials_(credentials),
      shard_(shard),
      figures_(figures),
      request_ids_(random_number() >> 2) {}

void HttpApi::on_request(net::Request request, net::Answer answer) {
    const auto exchange = std::make_shared<Exchange>(Exchange{
        std::move(request), std::move(answer), next_request_id(), clock_.steady(), {}, {}});
    const auto admitted = admit(*exchange);
    if (!admitted) return refuse(*exchange, admitted.error());
    submit(exchange);
}

/// Who asks, and what for. A request that is not signed well learns nothing else.
tl::expected<void, protocol::WireError> HttpApi::admit(Exchange& exchange) const {
    const auto& request = exchange.request;
    const auto parsed = protocol::parse(
        {request.method, request.path, request.query, request.header("Host"), request.body},
        exchange.parsed);
    if (!parsed) return parsed;
    const auto caller =
        auth::verify(exchange.parsed.claim, credentials_, clock_.wall(), options_.timestamp_window);
    if (!caller) return tl::unexpected(protocol::wire_error(caller.error()));
    auto call = protocol::decode(exchange.parsed, caller->space);
    if (!call) return tl::unexpected(call.error());
    exchange.call = *std::move(call);
    return {};
}

void HttpApi::submit(const Shared& exchange) {
    const auto reply_to = [this, exchange](const broker::Answer& answer) {
        reply(exchange, answer);
    };
    const auto& what = exchange->call.what;
    if (std::holds_alternative<protocol::RouteQuery>(what))
        return reply(exchange, broker::Answer{broker::Reply{broker::Done{}}, {}});
    if (const auto* query = std::get_if<broker::Query>(&what)) {
        shard_.submit(shard::Look{*query, exchange}, reply_to);
        return;
    }
    const auto& command = std::get<broker::Command>(what);
    const auto ticket =
        shard_.submit(shard::request_of(command, exchange->call.polling_wait), reply_to);
    if (std::holds_alternative<broker::Receive>(command.action))
        exchange->answer.on_gone([this, ticket] { shard_.cancel(ticket); });
}

/// Runs on the core thread: the text is made on the connection's loop.
void HttpApi::reply(const Shared& exchange, const broker::Answer& answer) {
    std::function<void(bool)> written;
    const auto* received =
        answer.outcome ? std::get_if<broker::Received>(&*answer.outcome) : nullptr;
    if (received) {
        const auto& command = std::get<broker::Command>(exchange->call.what);
        const auto& receive = std::get<broker::Receive>(command.action);
        written = [this, back = shard::GiveBack{command.space, std::string(receive.queue),
                                                handles_of(*received)}](bool done) {
            if (!done) shard_.give_back(back);
        };
    }
    exchange->answer.send_made(
        [this, exchange, answer] {
            figures_.count(protocol::action_name(exchange->parsed), answer.outcome.has_value(),
                           clock_.steady() - exchange->begun);
            return net::Response{200, "application/json",
                                 protocol::encode(exchange->parsed, exchange->call, answer,
                                                  {exchange->request_id, {}}),
                                 false};
        },
        std::move(written));
}

void HttpApi::refuse(Exchange& exchange, const protocol::WireError& error) {
    figures_.count_refused();
    log::debug("refused", {{"request", exchange.request_id},
                           {"remote", exchange.request.remote},
                           {"code", error.code},
                           {"module", error.module}});
    exchange.answer.send({200, "application/json",
                          protocol::encode_error(exchange.parsed, error, exchange.request_id),
                          false});
}

std::string HttpApi::next_request_id() { return std::to_string(++request_ids_); }

}  // namespace cmq::server
