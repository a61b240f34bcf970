#include "client/load_sender.h"

#include "base/hash.h"
#include "client/load_body.h"
#include "client/wire_errors.h"

namespace cmq::client {
namespace {

constexpr int http_ok = 200;

}  // namespace

LoadSender::LoadSender(std::uint16_t number, LoadShape shape, LoadCourse& course, LoadLine line)
    : number_(number), shape_(shape), course_(course), line_(std::move(line)) {
    course_.join(LoadCourse::Party::sender);
}

void LoadSender::start() {
    line_.post([this] { fill(); });
}

void LoadSender::fill() {
    while (!over_ && outstanding_ < shape_.window) {
        const auto count = course_.take(shape_.batch);
        over_ = count == 0;
        if (!over_) send(count);
    }
    if (over_ && outstanding_ == 0) course_.leave(LoadCourse::Party::sender);
}

void LoadSender::send(std::uint64_t count) {
    const Sent sent{next_, count, course_.now()};
    next_ += count;
    auto sequence = sent.first;
    for (const auto& body : bodies_of(sent))
        course_.record(check::SendStarted{{number_, sequence++}, xxh3(body), sent.at, {}});
    ++outstanding_;
    line_.send([this, sent](const LoadRequests& door) { return door.send(bodies_of(sent)); },
               [this, sent](Result<net::HttpClient::Response> response) {
                   answered(sent, std::move(response));
               });
}

/// The same each time.
const std::vector<std::string>& LoadSender::bodies_of(const Sent& sent) {
    if (bodies_first_ == sent.first) return bodies_;
    bodies_first_ = sent.first;
    bodies_.clear();
    for (std::uint64_t at = 0; at < sent.count; ++at)
        bodies_.push_back(
            write_load_body({course_.run(), number_, sent.first + at, sent.at}, shape_.body_bytes));
    return bodies_;
}

void LoadSender::answered(const Sent& sent, Result<net::HttpClient::Response> response) {
    --outstanding_;
    const auto outcome = judge(response);
    // One without an answer took at least as long as it was waited for.
    if (outcome == LoadOutcome::done || outcome == LoadOutcome::unknown)
        counts_.took.add(course_.now() - sent.at);
    settle(sent, outcome);
    fill();
}

LoadOutcome LoadSender::judge(Result<net::HttpClient::Response>& response) {
    if (!response) {
        course_.unanswered(response.error());
        return response.error().code == Code::unknown_outcome ? LoadOutcome::unknown
                                                              : LoadOutcome::refused;
    }
    course_.answered();
    if (response->status != http_ok) return LoadOutcome::unknown;
    const auto answer = read_load_answer(response->body);
    if (!answer) return LoadOutcome::unknown;
    const auto outcome = outcome_of(*answer);
    if (outcome == LoadOutcome::hopeless) course_.give_up(error_of(answer->code, answer->message));
    return outcome;
}

void LoadSender::settle(const Sent& sent, LoadOutcome outcome) {
    switch (outcome) {
        case LoadOutcome::done:
            counts_.sent += sent.count;
            course_.acknowledged(sent.count);
            return record_each(sent, check::SendAcknowledged{{}, course_.now()});
        case LoadOutcome::unknown:
            counts_.unknown += sent.count;
            return record_each(sent, check::SendUnknown{});
        case LoadOutcome::refused:
        case LoadOutcome::hopeless:
            counts_.refused += sent.count;
            return record_each(sent, check::SendRefused{});
    }
}

template <class Event>
void LoadSender::record_each(const Sent& sent, Event event) {
    for (std::uint64_t at = 0; at < sent.count; ++at) {
        event.name = {number_, sent.first + at};
        course_.record(event);
    }
}

}  // namespace cmq::client
