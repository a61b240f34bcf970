// unit/net/server_fixture.h: a server whose requests wait in a row until the test answers them.
#pragma once

#include <doctest/doctest.h>

#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <utility>

#include "net/http_server.h"
#include "tests/unit/net/raw_client.h"

namespace cmq::net {

struct Asked {
    Request request;
    Answer answer;
};

class ServerFixture {
public:
    explicit ServerFixture(HttpServer::Options options = {}) {
        auto opened =
            HttpServer::open(loops_, std::move(options), [this](Request request, Answer answer) {
                put({std::move(request), answer});
            });
        REQUIRE(opened);
        server_ = *std::move(opened);
    }
    ServerFixture(const ServerFixture&) = delete;
    ~ServerFixture() { loops_.stop(); }  // before what the handler uses

    HttpServer& server() { return *server_; }
    RawClient client() const { return RawClient(server_->port()); }

    /// The next request, when it has come.
    Asked next() {
        std::unique_lock lock(mutex_);
        come_.wait(lock, [this] { return !asked_.empty(); });
        auto asked = std::move(asked_.front());
        asked_.pop_front();
        return asked;
    }
    std::size_t waiting() const {
        const std::lock_guard lock(mutex_);
        return asked_.size();
    }

private:
    void put(Asked asked) {
        {
            const std::lock_guard lock(mutex_);
            asked_.push_back(std::move(asked));
        }
        come_.notify_one();
    }

    Loops loops_{2};
    mutable std::mutex mutex_;
    std::condition_variable come_;
    std::deque<Asked> asked_;
    std::unique_ptr<HttpServer> server_;
};

inline Response text(std::string body) { return {200, "text/plain", std::move(body), false}; }

/// What `written` of an answer was told.
inline std::future<bool> answer_all(const Asked& asked, std::string body) {
    auto told = std::make_shared<std::promise<bool>>();
    auto future = told->get_future();
    asked.answer.send(text(std::move(body)), [told](bool all) { told->set_value(all); });
    return future;
}

/// Ready when the client of `asked` is gone.
inline std::future<void> gone(const Asked& asked) {
    auto told = std::make_shared<std::promise<void>>();
    auto future = told->get_future();
    asked.answer.on_gone([told] { told->set_value(); });
    return future;
}

}  // namespace cmq::net
