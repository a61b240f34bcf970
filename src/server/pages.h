// server/pages.h: /healthz (alive), /readyz (can acknowledge a durable send), /metrics.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "net/http_server.h"

namespace cmq::server {

/// A page that is made anew now and then, however often it is asked for: nobody needs a key to ask.
/// Any thread.
class KeptPage {
public:
    /// Each look shows what was so at most that long ago. Short, for who measures a short run.
    static constexpr std::chrono::milliseconds kept_for{100};

    KeptPage(const Clock& clock, std::function<std::string()> make)
        : clock_(clock), make_(std::move(make)) {}
    std::string text();

private:
    const Clock& clock_;
    const std::function<std::string()> make_;
    std::mutex mutex_;
    std::shared_ptr<const std::string> page_;
    Steady made_at_{};
};

struct Pages {
    std::function<Status()> ready;         // an error says why not
    std::function<std::string()> metrics;  // Prometheus text

    /// The answer when `request` asks for a page; nothing: it is for the API.
    std::optional<net::Response> find(const net::Request& request) const;
};

}  // namespace cmq::server
