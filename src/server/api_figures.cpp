#include "server/api_figures.h"

#include "protocol/http_actions.h"

namespace cmq::server {

ApiFigures::ApiFigures(metrics::Registry& registry)
    : refused_(registry.counter("cmq_requests_refused_total",
                                "Requests refused that cannot be read or are not signed well")) {
    for (const auto action : protocol::action_names()) {
        const std::string name(action);
        const auto counter = [&](const char* result) {
            return &registry.counter("cmq_requests_total", "Requests answered",
                                     {{"action", name}, {"result", result}});
        };
        auto* took = &registry.histogram("cmq_request_seconds",
                                         "From the last byte of a request to its answer, the "
                                         "time of a long poll included",
                                         {{"action", name}});
        by_action_.emplace(name, Figures{counter("ok"), counter("error"), took});
    }
}

void ApiFigures::count(std::string_view action, bool good, std::chrono::nanoseconds took) {
    const auto found = by_action_.find(action);
    if (found == by_action_.end()) return refused_.add();
    (good ? found->second.good : found->second.bad)->add();
    found->second.took->add(took);
}

void ApiFigures::count_refused() { refused_.add(); }

}  // namespace cmq::server
