// client/load_line.h: how one party of a load run reaches the broker: over one connection at a
// time, to one of the broker's endpoints.
//
//     open --gone, silent, or without a leader--> turning --all answered or given up--> the next
//     one
//
// Nothing goes to the next endpoint while requests to the last one are under way, so what a party
// sends keeps its order. A request is never sent twice: what became of it is told to whoever sent
// it. Lives on one loop.
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

    /// Of the endpoint that the next request goes to.
    const LoadRequests& requests() const;
    /// Waits for the answer `patience` longer than the broker may take on purpose.
    void send(net::HttpClient::Request request, std::chrono::milliseconds held, Answered answered);
    void send(net::HttpClient::Request request, Answered answered) {
        send(std::move(request), {}, std::move(answered));
    }

private:
    struct Held {
        net::HttpClient::Request request;
        Answered answered;
    };

    explicit LoadLine(const std::vector<LoadDoor>& doors) : doors_(&doors) {}

    bool has_others() const { return clients_.size() > 1; }
    std::size_t next() const { return (current_ + 1) % clients_.size(); }
    void write(net::HttpClient::Request request, Answered answered);
    void on_answered(Response response, const Answered& answered);
    void turn();

    const std::vector<LoadDoor>* doors_;
    std::vector<net::HttpClient> clients_;  // by door
    std::size_t current_ = 0;
    std::size_t under_way_ = 0;  // at the current one
    bool turning_ = false;
    std::deque<Held> held_;  // signed for the next one
};

}  // namespace cmq::client
