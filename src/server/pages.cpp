#include "server/pages.h"

namespace cmq::server {

std::optional<net::Response> Pages::find(const net::Request& request) const {
    if (request.method != "GET" && request.method != "HEAD") return {};
    if (request.path == "/healthz")
        return net::Response{200, "application/json", "{\"alive\":true}\n", false};
    if (request.path == "/readyz") {
        const bool yes = ready();
        return net::Response{yes ? 200 : 503, "application/json",
                             yes ? "{\"ready\":true}\n" : "{\"ready\":false}\n", false};
    }
    if (request.path == "/metrics")
        return net::Response{200, "text/plain; version=0.0.4", metrics(), false};
    return {};
}

}  // namespace cmq::server
