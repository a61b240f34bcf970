#include "client/load_receiver.h"

#include <algorithm>
#include <memory>

#include "base/hash.h"
#include "client/load_body.h"
#include "client/wire_errors.h"

namespace cmq::client {
namespace {

using namespace std::chrono_literals;

constexpr int http_ok = 200;
constexpr int no_message = 7000;
// Short, so that receivers notice soon that a run is over.
constexpr auto poll_wait = 1s;

// Nobody's: for what another run has left, which is deleted all the same.
constexpr check::Name foreign{65'535, 0};

/// errors  internal: it is none.
Result<LoadAnswer> answer_in(net::HttpClient::Response& response) {
    if (response.status != http_ok)
        return fail(Code::internal, "HTTP status " + std::to_string(response.status));
    return read_load_answer(response.body);
}

}  // namespace

LoadReceiver::LoadReceiver(std::uint64_t number, LoadShape shape, LoadCourse& course,
                           LoadLine polls, LoadLine deletes)
    : shape_(shape),
      course_(course),
      polls_(std::move(polls)),
      deletes_(std::move(deletes)),
      answers_(number << 40) {
    course_.join(LoadCourse::Party::receiver);
}

void LoadReceiver::start() {
    polls_.post([this] { fill(); });
}

void LoadReceiver::fill() {
    if (over_) return;
    // Who takes more than it can delete in time gets it again.
    while (course_.receiving() && polling_ < shape_.window && deleting_ < shape_.window) poll();
    if (polling_ > 0 || deleting_ > 0 || course_.receiving()) return;
    over_ = true;
    course_.leave(LoadCourse::Party::receiver);
}

void LoadReceiver::poll() {
    ++polling_;
    const auto receive = [this](const LoadRequests& door) {
        return door.receive(shape_.batch, poll_wait);
    };
    polls_.send(receive, poll_wait, [this, asked = course_.now()](Response response) {
        --polling_;
        polled(asked, std::move(response));
        fill();
    });
}

void LoadReceiver::polled(check::Moment asked, Response response) {
    const auto unknown_receive = [&] {
        ++counts_.failed;
        course_.received_unknown();
        course_.record(check::ReceiveUnknown{{asked, course_.now()}});
    };
    if (!response) {
        course_.unanswered(response.error());
        if (response.error().code == Code::unknown_outcome) return unknown_receive();
        ++counts_.failed;
        return;
    }
    course_.answered();
    const auto answer = answer_in(*response);
    if (!answer) {
        unknown_receive();
        return course_.receive_failed(answer.error());
    }
    if (answer->code == no_message) {
        course_.record(check::ReceivedNothing{{asked, course_.now()}, poll_wait});
        return course_.received_nothing(asked);
    }
    const auto outcome = outcome_of(*answer);
    if (outcome == LoadOutcome::done) return take(asked, *answer);
    const auto error = error_of(answer->code, answer->message);
    if (outcome == LoadOutcome::hopeless) return course_.give_up(error);
    if (outcome == LoadOutcome::unknown) {
        unknown_receive();
    } else {
        ++counts_.failed;
    }
    course_.receive_failed(error);
}

void LoadReceiver::take(check::Moment asked, const LoadAnswer& answer) {
    const check::Span span{asked, course_.now()};
    ++answers_;
    counts_.received += answer.messages.size();
    counts_.receive.add(span.answered - asked);
    Leased leased;
    for (const auto& item : answer.messages) {
        leased.handles.emplace_back(item.handle);
        leased.names.push_back(take_one(span, item));
    }
    course_.received_some();
    if (!leased.handles.empty()) remove(std::move(leased));
}

check::Name LoadReceiver::take_one(check::Span span, const LoadAnswer::Item& item) {
    const auto body = read_load_body(item.body);
    if (!body || body->run != course_.run()) {
        course_.record(check::ReceivedForeign{xxh3(item.body), span.answered});
        return foreign;
    }
    const check::Name name{body->sender, body->sequence};
    counts_.delivery.add(span.answered - body->started);
    course_.received(check::Received{name, xxh3(item.body), xxh3(item.handle), item.receives,
                                     answers_, span, course_.lease()});
    return name;
}

void LoadReceiver::remove(Leased leased) {
    ++deleting_;
    leased.asked = course_.now();
    const auto shared = std::make_shared<const Leased>(std::move(leased));
    deletes_.send([shared](const LoadRequests& door) { return door.remove(shared->handles); },
                  [this, shared](Response response) {
                      --deleting_;
                      removed(*shared, std::move(response));
                      fill();
                  });
}

void LoadReceiver::removed(const Leased& leased, Response response) {
    if (!response) {
        course_.unanswered(response.error());
        // One that never left did nothing: the message comes back when its lease is over.
        if (response.error().code == Code::unknown_outcome) return unknown(leased);
        ++counts_.failed;
        return;
    }
    course_.answered();
    const auto answer = answer_in(*response);
    if (!answer) return unknown(leased);
    settle(leased, *answer);
}

void LoadReceiver::settle(const Leased& leased, const LoadAnswer& answer) {
    constexpr int in_part = 6010, not_one = 6020;
    const bool of_batch = answer.code == in_part || answer.code == not_one;
    const auto outcome = of_batch ? LoadOutcome::done : outcome_of(answer);
    if (outcome == LoadOutcome::unknown) return unknown(leased);
    if (outcome == LoadOutcome::hopeless)
        return course_.give_up(error_of(answer.code, answer.message));
    if (outcome == LoadOutcome::refused) ++counts_.failed;
    const check::Span span{leased.asked, course_.now()};
    const auto was_refused = [&](const std::string& handle) {
        return outcome == LoadOutcome::refused ||
               std::find(answer.refused.begin(), answer.refused.end(), handle) !=
                   answer.refused.end();
    };
    std::uint64_t gone = 0;
    for (std::size_t at = 0; at < leased.handles.size(); ++at) {
        const auto handle = xxh3(leased.handles[at]);
        if (was_refused(leased.handles[at])) {
            course_.record(check::DeleteRefused{leased.names[at], handle});
        } else {
            course_.record(check::DeleteAcknowledged{leased.names[at], handle, span});
            ++gone;
        }
    }
    counts_.deleted += gone;
    counts_.remove.add(span.answered - span.asked);
    course_.deleted(gone);
}

void LoadReceiver::unknown(const Leased& leased) {
    ++counts_.failed;
    counts_.remove.add(course_.now() - leased.asked);
    for (std::size_t at = 0; at < leased.handles.size(); ++at)
        course_.record(check::DeleteUnknown{leased.names[at], xxh3(leased.handles[at])});
}

}  // namespace cmq::client
