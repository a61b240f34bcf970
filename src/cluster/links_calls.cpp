// The calling side of links.

#include <string>
#include <utility>

#include "base/check.h"
#include "cluster/call_frames.h"
#include "cluster/links.h"

namespace cmq::cluster {
namespace {

std::string text_of(raft::NodeId node) { return "node " + std::to_string(node.value); }

}  // namespace

CallId Links::call(raft::NodeId to, Stream stream, std::string request, Steady deadline,
                   Answered answered) {
    CMQ_CHECK(stream != Stream::consensus);
    const Route route{to, stream};
    const auto number = calls_.add(route, deadline, answered);
    if (number == 0) {
        fail_later({0,
                    std::move(answered),
                    {Code::throttled, text_of(to) + " has too many calls to answer already"}});
    } else if (auto sent = send_request(route, number, std::move(request)); !sent) {
        if (auto call = calls_.take(number))
            fail_later({number, std::move(call->answered), std::move(sent).error()});
    } else {
        alarm_.ring_at(deadline);
    }
    return CallId{number};
}

Status Links::send_request(const Route& route, std::uint64_t number, std::string request) const {
    if (request.size() + call_head_bytes_max > options_.limits.frame_bytes)
        return fail(Code::invalid,
                    "a request of " + std::to_string(request.size()) + " bytes is too long");
    const auto there = peer(route.to);
    if (!there) return fail(Code::unreachable, text_of(route.to) + " is not a peer");
    auto& link = *there->links[static_cast<std::size_t>(route.stream)];
    const bool sent = link.send(
        {encode_call_head(CallFrameKind::request, number), make_blob(std::move(request))});
    if (!sent && link.counts().connected)
        return fail(Code::throttled, "too much waits to be sent to " + text_of(route.to));
    if (!sent) return fail(Code::unreachable, text_of(route.to) + ": " + link.failure());
    // Nobody would end a call that went out on a link which set_peers has dropped meanwhile.
    if (peer(route.to) != there)
        return fail(Code::unknown_outcome, text_of(route.to) + " was taken out of the peers");
    return {};
}

void Links::cancel(CallId id) {
    if (const auto call = calls_.take(id.value)) return send_cancel(call->route, id.value);
    const std::lock_guard lock(mutex_);
    std::erase_if(failed_,
                  [id](const Failed& one) { return id.value != 0 && one.number == id.value; });
}

void Links::abandon(CallId id, Steady deadline) {
    const auto route = calls_.hurry(id.value, deadline);
    if (!route) return;
    send_cancel(*route, id.value);
    alarm_.ring_at(deadline);
}

void Links::hurry(raft::NodeId to, Stream stream, Steady deadline) {
    calls_.hurry({to, stream}, deadline);
    alarm_.ring_at(deadline);
}

/// As far as there is room: one that is missed costs the other side an answer that nobody reads.
void Links::send_cancel(const Route& route, std::uint64_t number) const {
    if (const auto there = peer(route.to))
        there->links[static_cast<std::size_t>(route.stream)]->send(
            {encode_call_head(CallFrameKind::cancel, number)}, net::Room::reserve);
}

void Links::on_answer(const Route& route, std::string_view bytes) {
    const auto frame = decode_call_frame(bytes);
    if (!frame) return;  // then the call waits until its time is up
    auto call = calls_.take(frame->number, route);
    if (!call) return;  // it ended meanwhile
    if (frame->kind == CallFrameKind::reply) return call->answered(std::string(frame->rest));
    call->answered(tl::unexpected(decode_failure(frame->rest)));
}

void Links::on_stream_down(const Route& route, const std::string& why) {
    while (auto call = calls_.take_any(route))
        call->answered(fail(Code::unknown_outcome, text_of(route.to) + ": " + why));
}

void Links::drop_calls(const Route& route) {
    while (auto call = calls_.take_any(route))
        fail_later({call->number,
                    std::move(call->answered),
                    {Code::unknown_outcome, text_of(route.to) + " was taken out of the peers"}});
}

void Links::fail_later(Failed failed) {
    {
        const std::lock_guard lock(mutex_);
        failed_.push_back(std::move(failed));
    }
    alarm_.ring_at(clock_.steady());
}

std::optional<Links::Failed> Links::next_failed() {
    const std::lock_guard lock(mutex_);
    if (failed_.empty()) return std::nullopt;
    auto next = std::move(failed_.front());
    failed_.pop_front();
    return next;
}

void Links::on_alarm() {
    while (auto failed = next_failed()) failed->answered(tl::unexpected(std::move(failed->error)));
    const auto now = clock_.steady();
    while (auto call = calls_.take_due(now)) {
        send_cancel(call->route, call->number);
        call->answered(fail(Code::timed_out, text_of(call->route.to) + " did not answer in time"));
    }
    if (const auto next = calls_.next_deadline()) alarm_.ring_at(*next);
}

}  // namespace cmq::cluster
