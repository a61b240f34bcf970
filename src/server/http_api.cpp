#include "server/http_api.h"

#include "auth/verify.h"
#include "base/log.h"
#include "cluster/relay.h"
#include "server/exchange.h"
#include "server/relayed_polls.h"

namespace cmq::server {
namespace {

std::vector<std::uint64_t> handles_of(const broker::Received& received) {
    std::vector<std::uint64_t> handles;
    for (const auto& delivery : received.deliveries) handles.push_back(delivery.handle.value);
    return handles;
}

}  // namespace

HttpApi::HttpApi(HttpApiOptions options, const Clock& clock, const auth::Credentials& credentials,
                 shard::Shard& shard, ApiFigures& figures)
    : options_(std::move(options)),
      clock_(clock),
      credentials_(credentials),
      shard_(shard),
      figures_(figures),
      rate_limit_(options.rates),
      relayed_polls_(std::make_unique<RelayedPolls>()),
      request_ids_(random_number() >> 2) {}

HttpApi::~HttpApi() = default;

void HttpApi::on_request(net::Request request, net::Answer answer) {
    begin(std::make_shared<Exchange>(std::move(request), std::move(answer), next_request_id(),
                                     clock_.steady()));
}

void HttpApi::begin(const Shared& exchange) {
    // The node that relayed it has looked at its time: one whose clock is wrong stops only those
    // who ask it themselves, even when it leads.
    const auto window =
        exchange->is_relayed() ? std::chrono::seconds{0} : options_.timestamp_window;
    auto admitted = admit(exchange->request, window);
    if (!admitted) return refuse(*exchange, admitted.error());
    exchange->admitted = *std::move(admitted);
    submit(exchange);
}

/// Who asks, and what for. A request that is not signed well learns nothing else.
tl::expected<HttpApi::Admitted, HttpApi::TurnedAway> HttpApi::admit(
    const net::Request& request, std::chrono::seconds timestamp_window) {
    auto parsed = protocol::parse(
        {request.method, request.path, request.query, request.header("Host"), request.body});
    if (!parsed) return tl::unexpected(TurnedAway{std::move(parsed).error(), {}});
    const auto caller = auth::verify(parsed->claim, credentials_, clock_.wall(), timestamp_window);
    const auto refused = [&](protocol::WireError error, std::string_view action) {
        return tl::unexpected(TurnedAway{{std::move(error), parsed->client_request_id}, action});
    };
    if (!caller) return refused(protocol::wire_error(caller.error()), {});
    const auto action = protocol::action_name(*parsed);
    auto call = protocol::decode(*parsed, caller->space);
    if (!call) return refused(std::move(call).error(), action);
    if (auto wait = rate_limit_.take(*call, clock_.steady()))
        return refused(*std::move(wait), action);
    return Admitted{*std::move(parsed), *std::move(call)};
}

void HttpApi::submit(const Shared& exchange) {
    const auto reply_to = [this, exchange](const broker::Answer& answer) {
        if (!look_elsewhere(exchange, answer)) reply(exchange, answer);
    };
    const auto& what = exchange->admitted.call.what;
    if (std::holds_alternative<protocol::RouteQuery>(what))
        return reply(exchange, broker::Answer{broker::Reply{broker::Done{}}, {}});
    if (const auto* query = std::get_if<broker::Query>(&what)) {
        shard_.submit(shard::Look{*query, exchange}, reply_to, seems_to_lead(exchange->asked));
        return;
    }
    if (const auto* call = std::get_if<protocol::ClusterCall>(&what))
        return submit_cluster(*call, reply_to);
    const auto& command = std::get<broker::Command>(what);
    const auto step = exchange->next_step();
    const auto ticket =
        shard_.submit(shard::request_of(command, exchange->admitted.call.polling_wait), reply_to,
                      seems_to_lead(exchange->asked));
    if (std::holds_alternative<broker::Receive>(command.action))
        exchange->on_gone(step, [this, ticket] { shard_.cancel(ticket); });
}

void HttpApi::submit_cluster(const protocol::ClusterCall& call, const shard::Continuation& done) {
    if (options_.on_cluster) return options_.on_cluster(call, done);
    done(broker::Answer{tl::unexpected(broker::Refusal{broker::Reason::no_cluster, {}}), {}});
}

/// Runs on the core thread: the text is made on the connection's loop.
void HttpApi::reply(const Shared& exchange, const broker::Answer& answer) {
    std::function<void(bool)> written;
    const auto* received =
        answer.outcome ? std::get_if<broker::Received>(&*answer.outcome) : nullptr;
    if (received) {
        const auto& command = std::get<broker::Command>(exchange->admitted.call.what);
        const auto& receive = std::get<broker::Receive>(command.action);
        const auto more = static_cast<std::uint32_t>(received->deliveries.size()) - 1;
        rate_limit_.take_received(command, more, clock_.steady());
        const shard::GiveBack back{command.space, std::string(receive.queue),
                                   handles_of(*received)};
        if (exchange->is_relayed()) exchange->given = cluster::encode(back);
        written = [this, back](bool done) {
            if (!done) shard_.give_back(back);
        };
    }
    exchange->send_made(
        [this, exchange, answer] {
            figures_.count(protocol::action_name(exchange->admitted.parsed),
                           answer.outcome.has_value(), clock_.steady() - exchange->begun);
            return net::Response{
                200, "application/json",
                protocol::encode(exchange->admitted.parsed, exchange->admitted.call, answer,
                                 {exchange->request_id, {}}),
                false};
        },
        std::move(written));
}

void HttpApi::refuse(Exchange& exchange, const TurnedAway& turned) {
    const auto& refused = turned.why;
    if (turned.action.empty()) {
        figures_.count_refused();
    } else {
        figures_.count(turned.action, false, clock_.steady() - exchange.begun);
    }
    log::debug("refused", {{"request", exchange.request_id},
                           {"remote", exchange.request.remote},
                           {"code", refused.error.code},
                           {"module", refused.error.module}});
    exchange.send(
        {200, "application/json", protocol::encode_error(refused, exchange.request_id), false});
}

std::string HttpApi::next_request_id() { return std::to_string(++request_ids_); }

}  // namespace cmq::server
