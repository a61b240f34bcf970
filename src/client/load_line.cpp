#include "client/load_line.h"

#include "client/answer.h"

namespace cmq::client {
namespace {

using namespace std::chrono_literals;

// Who has nobody else to ask waits longer.
constexpr std::chrono::seconds patience_alone{15}, patience{5};
constexpr std::chrono::seconds connect_time{1};
// A broker that comes back is found soon: how long it was away is part of what is measured.
constexpr auto backoff_max = 50ms;
constexpr int http_unavailable = 503;

/// Another endpoint will do better.
bool is_gone(const LoadLine::Response& response) {
    if (!response) return response.error().code != Code::throttled;
    return response->status == http_unavailable || says_no_leader(response->body);
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

const LoadRequests& LoadLine::requests() const {
    return (*doors_)[turning_ ? next() : current_].requests;
}

void LoadLine::send(net::HttpClient::Request request, std::chrono::milliseconds held,
                    Answered answered) {
    request.timeout = held + (has_others() ? patience : patience_alone);
    if (!turning_) return write(std::move(request), std::move(answered));
    held_.push_back({std::move(request), std::move(answered)});
}

void LoadLine::write(net::HttpClient::Request request, Answered answered) {
    ++under_way_;
    clients_[current_].send(std::move(request),
                            [this, answered = std::move(answered)](Response response) {
                                on_answered(std::move(response), answered);
                            });
}

void LoadLine::on_answered(Response response, const Answered& answered) {
    --under_way_;
    if (has_others() && is_gone(response)) turning_ = true;
    answered(std::move(response));
    if (turning_ && under_way_ == 0) turn();
}

void LoadLine::turn() {
    current_ = next();
    turning_ = false;
    auto held = std::exchange(held_, {});
    for (auto& each : held) write(std::move(each.request), std::move(each.answered));
}

}  // namespace cmq::client
