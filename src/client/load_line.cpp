#include "client/load_line.h"

#include <utility>

#include "client/answer.h"

namespace cmq::client {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

// Who has nobody else to ask waits longer.
constexpr std::chrono::seconds patience_alone{15}, patience_among{5};
constexpr std::chrono::seconds connect_time{1};
// A broker that comes back is found soon: how long it was away is part of what is measured.
constexpr auto backoff_max = 50ms;
constexpr int http_unavailable = 503;

/// Certainly.
bool did_nothing(const LoadLine::Response& response) {
    if (!response) return response.error().code == Code::unreachable;
    return response->status == http_unavailable || says_no_leader(response->body);
}

/// Another endpoint will do better.
bool is_gone(const LoadLine::Response& response) {
    return did_nothing(response) || (!response && response.error().code != Code::throttled);
}

}  // namespace

Result<LoadLine> LoadLine::open(net::Loops& loops, const std::vector<LoadDoor>& doors,
                                std::size_t first, net::HttpClient::Options options) {
    LoadLine line(doors);
    line.current_ = first % doors.size();
    options.backoff_max = backoff_max;
    if (doors.size() > 1) {
        options.unreachable = net::HttpClient::Unreachable::fail_fast;
        options.connect_time = connect_time;
    }
    for (const auto& door : doors)
        line.clients_.push_back(CMQ_TRY(net::HttpClient::open(loops, door.endpoint, options)));
    return line;
}

void LoadLine::post(std::function<void()> task) { clients_[current_].post(std::move(task)); }

std::chrono::milliseconds LoadLine::patience() const {
    return has_others() ? patience_among : patience_alone;
}

void LoadLine::send(Make make, std::chrono::milliseconds held, Answered answered) {
    Question question{std::move(make), std::move(answered), held, Clock::now() + held + patience()};
    if (!turning_) return write(std::move(question));
    next_.push_back(std::move(question));
}

void LoadLine::write(Question question) {
    ++under_way_;
    auto request = question.make((*doors_)[current_].requests);
    request.timeout = question.held + patience();
    clients_[current_].send(std::move(request),
                            [this, question = std::move(question)](Response response) mutable {
                                on_answered(std::move(question), std::move(response));
                            });
}

void LoadLine::on_answered(Question question, Response response) {
    --under_way_;
    if (has_others() && is_gone(response)) turning_ = true;
    if (has_others() && did_nothing(response) && Clock::now() < question.give_up) {
        next_.push_back(std::move(question));
    } else {
        question.answered(std::move(response));
    }
    if (turning_ && under_way_ == 0) turn();
}

void LoadLine::turn() {
    current_ = next();
    turning_ = false;
    for (auto& question : std::exchange(next_, {})) write(std::move(question));
}

}  // namespace cmq::client
