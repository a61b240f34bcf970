// A node that does not lead asks the one that does, in one hop; its clients do not notice.

#include "base/log.h"
#include "broker/limits.h"
#include "cluster/relay.h"
#include "net/frames.h"
#include "server/exchange.h"
#include "server/relay_failure.h"
#include "server/relayed_polls.h"

namespace cmq::server {
namespace {

constexpr std::chrono::seconds relay_patience{30};    // beyond what a receive may wait
constexpr std::chrono::seconds leader_patience{1};    // then the shard has waited for one itself
constexpr std::chrono::seconds crossing_patience{2};  // for an answer that a cancel has crossed
constexpr unsigned attempts_max = 40;                 // no two of the same node at once

bool is_refusal(const broker::Answer& answer, broker::Reason reason) {
    return !answer.outcome && answer.outcome.error().reason == reason;
}

// In JSON a control character of a body becomes six, and where the body is not UTF-8 there is
// Base64 of it beside; a MiB is for what goes with 100 messages. So each answer fits into a frame.
static_assert(broker::answer_bytes_max * (6 * 3 + 4) / 3 + (1 << 20) <=
              net::FrameLimits{}.frame_bytes);

broker::Answer refused(broker::Reason reason) {
    return {tl::unexpected(broker::Refusal{reason, {}}), {}};
}

}  // namespace

void HttpApi::on_relayed(net::Request request, const cluster::Reply& reply) {
    begin(
        std::make_shared<Exchange>(std::move(request), reply, next_request_id(), clock_.steady()));
}

/// Who did not lead after all may be asked again, a moment later; anybody else at once.
bool HttpApi::seems_to_lead(raft::NodeId node) const {
    return node != raft::NodeId{} && node == shard_.leader();
}

/// True: the answer will come from somebody else, or later.
bool HttpApi::look_elsewhere(const Shared& exchange, const broker::Answer& answer) {
    const bool leads_not = is_refusal(answer, broker::Reason::no_leader);
    if (exchange->is_relayed() && (leads_not || is_refusal(answer, broker::Reason::stopping))) {
        exchange->send_leads_not();
        return true;
    }
    if (!options_.links || !leads_not) return false;
    if (++exchange->attempts > attempts_max) return false;
    const auto leader = shard_.leader();
    if (leader != raft::NodeId{}) {
        relay(exchange, leader);
        return true;
    }
    // The lead was lost just now: asked again, the shard waits for the next one.
    if (clock_.steady() - exchange->begun > leader_patience) return false;
    submit(exchange);
    return true;
}

void HttpApi::relay(const Shared& exchange, raft::NodeId leader) {
    const bool polls = is_receive(exchange->admitted.call);
    if (polls) relayed_polls_->add(exchange, clock_.steady());
    exchange->asked = leader;
    const auto step = exchange->next_step();
    const auto wait = exchange->admitted.call.polling_wait.value_or(std::chrono::seconds{30});
    const auto call =
        options_.links->call(leader, cluster::Stream::calls, cluster::encode(exchange->request),
                             clock_.steady() + wait + relay_patience,
                             [this, exchange, leader, polls](Result<std::string> answered) {
                                 if (polls && !relayed_polls_->take(exchange))
                                     return come_late(leader, answered);
                                 on_relay_answered(exchange, leader, std::move(answered));
                             });
    if (!polls) return exchange->on_gone(step, [this, call] { options_.links->cancel(call); });
    // Messages that are on their way already come late, and go back.
    exchange->on_gone(step, [this, weak = std::weak_ptr(exchange), call] {
        if (const auto present = weak.lock()) (void)relayed_polls_->take(present);  // or answered
        options_.links->abandon(call, clock_.steady() + crossing_patience);
    });
}

void HttpApi::end_relayed_polls(std::chrono::milliseconds age) {
    for (const auto& exchange : relayed_polls_->take_older_than(clock_.steady() - age))
        reply(exchange, refused(broker::Reason::no_message));
}

/// Its client was told already that there is nothing, or is gone.
void HttpApi::come_late(raft::NodeId leader, const Result<std::string>& answered) {
    if (!answered) return;
    const auto relayed = cluster::decode_relayed(*answered);
    if (relayed && !relayed->given.empty()) give_back(leader, relayed->given);
}

void HttpApi::give_back(raft::NodeId leader, std::string_view given) {
    options_.links->call(leader, cluster::Stream::calls, cluster::give_back_call(given),
                         clock_.steady() + relay_patience, [](Result<std::string>) {});
}

void HttpApi::on_relay_answered(const Shared& exchange, raft::NodeId leader,
                                Result<std::string> answered) {
    if (!answered) return on_relay_failed(exchange, answered.error());
    auto relayed = cluster::decode_relayed(*answered);
    if (!relayed) return reply(exchange, refused(broker::Reason::unknown_outcome));
    if (relayed->leads_not) return submit(exchange);
    if (relayed->given.empty()) return exchange->send(std::move(relayed->response));
    exchange->send_made([response = std::move(relayed->response)] { return response; },
                        [this, leader, given = std::move(relayed->given)](bool done) {
                            if (!done) give_back(leader, given);
                        });
}

void HttpApi::on_relay_failed(const Shared& exchange, const Error& error) {
    switch (after_failure(error.code, exchange->admitted.call)) {
        case AfterFailure::ask_again:
            return submit(exchange);
        case AfterFailure::throttled:
            return reply(exchange, refused(broker::Reason::throttled));
        case AfterFailure::unknown_outcome:
            return reply(exchange, refused(broker::Reason::unknown_outcome));
    }
}

}  // namespace cmq::server
