// server/pages.h: /healthz (alive), /readyz (can acknowledge a durable send), /metrics.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/result.h"
#include "net/http_server.h"

namespace cmq::server {

struct Pages {
    std::function<Status()> ready;         // an error says why not
    std::function<std::string()> metrics;  // Prometheus text

    /// The answer when `request` asks for a page; nothing: it is for the API.
    std::optional<net::Response> find(const net::Request& request) const;
};

}  // namespace cmq::server
