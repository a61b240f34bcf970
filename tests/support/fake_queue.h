// tests/support/fake_queue.h: a queue in memory behind a real HTTP server, just good enough for a
// load generator, and bad on purpose where a test wants it. Signatures are not checked.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "net/http_server.h"
#include "protocol/form.h"

namespace cmq::support {

class FakeQueue {
public:
    /// What goes wrong, once, at message number `at` (counted from 0); never: nothing does.
    struct Faults {
        static constexpr std::uint64_t never = ~std::uint64_t{0};
        std::uint64_t lose = never;        // acknowledged, and not kept
        std::uint64_t twice = never;       // handed out, and kept for the next as well
        std::uint64_t unanswered = never;  // kept, and the connection is closed without an answer
        std::uint64_t leaderless = never;  // from this request on it has no leader
        std::uint64_t stops = never;       // it dismisses its clients
        std::uint64_t mute = never;        // kept, and not answered, as all after it
        std::uint64_t stays = never;       // its deletes are acknowledged, and do nothing
    };
    enum class Exists { no, yes };

    FakeQueue(net::Loops& loops, Exists exists, std::chrono::seconds lease);
    FakeQueue(net::Loops& loops, Exists exists, std::chrono::seconds lease, Faults faults);
    ~FakeQueue();

    std::string url() const;
    std::vector<std::string> actions() const;  // different ones, in order of first use
    std::size_t left() const;                  // messages that were not deleted
    bool exists() const;

private:
    struct Leased {
        std::string body;
        std::chrono::steady_clock::time_point until;
        unsigned receives;
        bool stays;
    };
    struct Ready {
        std::string body;
        unsigned receives = 0;
        bool stays = false;
    };
    using Fields = protocol::Fields;

    void on_request(const net::Request& request, const net::Answer& answer);
    std::string act(const std::string& action, const Fields& fields);
    std::string details() const;
    std::string send(const Fields& fields);
    std::string receive(const Fields& fields, std::string_view action);
    std::string remove(const Fields& fields);
    bool remove_one(std::string_view handle);
    void lapse();

    const std::chrono::seconds lease_;
    const Faults faults_;
    mutable std::mutex mutex_;
    bool exists_;
    bool hang_up_ = false;
    std::vector<net::Answer> never_given_;
    std::uint64_t sent_ = 0, handles_ = 0, requests_ = 0;
    std::deque<Ready> ready_;
    std::map<std::uint64_t, Leased> leased_;  // by handle
    std::vector<std::string> actions_;
    std::unique_ptr<net::HttpServer> server_;
};

}  // namespace cmq::support
