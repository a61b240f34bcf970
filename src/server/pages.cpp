#include "server/pages.h"

#include <nlohmann/json.hpp>

namespace cmq::server {

/// Whoever asks while it is made waits for it: a moment, and nobody makes it twice.
std::string KeptPage::text() {
    std::shared_ptr<const std::string> page;
    {
        const std::lock_guard lock(mutex_);
        const auto now = clock_.steady();
        if (!page_ || now - made_at_ >= kept_for) {
            page_ = std::make_shared<const std::string>(make_());
            made_at_ = now;
        }
        page = page_;
    }
    return *page;
}

std::optional<net::Response> Pages::find(const net::Request& request) const {
    if (request.method != "GET" && request.method != "HEAD") return {};
    if (request.path == "/healthz")
        return net::Response{200, "application/json", "{\"alive\":true}\n", false};
    if (request.path == "/readyz") {
        nlohmann::json page;
        const auto can = ready();
        page["ready"] = can.has_value();
        if (!can) page["why"] = can.error().message;
        return net::Response{can ? 200 : 503, "application/json", page.dump() + "\n", false};
    }
    if (request.path == "/metrics")
        return net::Response{200, "text/plain; version=0.0.4", metrics(), false};
    return {};
}

}  // namespace cmq::server
