// client/load_line.h: how one party of a load run reaches the broker: over one connection at a
// time, to one of the broker's endpoints.
//
//     open --gone, silent, or without a leader--> turning --all answered or given up--> the next
//     one
//
// Nothing goes to the next endpoint while requests to the last one are under way, so what a party
// sends keeps its order. What was certainly not done is asked again there, as long as there is
// patience; what became of any other request is told to whoever sent it. Lives on one loop.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <vector>

#include "client/load_wire.h"
#include "net/http_client.h"

namespace cmq::client {

/// One endpoint, and requests that are signed for it.
struct LoadDoor {
    net::Endpoint endpoint;
    LoadRequests requests;
};

class LoadLine {
public:
    using Response = Result<net::HttpClient::Response>;
    using Answered = std::function<void(Response)>;

    /// `doors` outlive the line; it begins with number `first`, counted round. `loops` has one
    /// loop. errors  invalid: the CA file.
    static Result<LoadLine> open(net::Loops& loops, const std::vector<LoadDoor>& doors,
                                 std::size_t first, net::HttpClient::Options options);

    void post(std::function<void()> task);  // any thread; runs on the loop

    /// Makes the request for one endpoint; again when it is asked again elsewhere.
    using Make = std::function<net::HttpClient::Request(const LoadRequests&)>;
    /// Waits for the answer `patience` longer than the broker may take on purpose.
    void send(Make make, std::chrono::milliseconds held, Answered answered);
    void send(Make make, Answered answered) { send(std::move(make), {}, std::move(answered)); }

private:
    struct Question {
        Make make;
        Answered answered;
        std::chrono::milliseconds held;                 // by the broker, on purpose
        std::chrono::steady_clock::time_point give_up;  // asks nobody else from then on
    };

    explicit LoadLine(const std::vector<LoadDoor>& doors) : doors_(&doors) {}

    bool has_others() const { return clients_.size() > 1; }
    std::size_t next() const { return (current_ + 1) % clients_.size(); }
    std::chrono::milliseconds patience() const;
    void write(Question question);
    void on_answered(Question question, Response response);
    void turn();

    const std::vector<LoadDoor>* doors_;
    std::vector<net::HttpClient> clients_;  // by door
    std::size_t current_ = 0;
    std::size_t under_way_ = 0;  // at the current one
    bool turning_ = false;
    std::deque<Question> next_;  // for the next one
};

}  // namespace cmq::client
