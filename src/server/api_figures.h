// server/api_figures.h: what the HTTP door counts.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <string_view>

#include "metrics/registry.h"

namespace cmq::server {

/// Any thread.
class ApiFigures {
public:
    explicit ApiFigures(metrics::Registry& registry);

    /// One request of `action` was answered; good: with success.
    void count(std::string_view action, bool good, std::chrono::nanoseconds took);
    void count_refused();  // before it was known who asks what

private:
    struct Figures {
        metrics::Counter* good;
        metrics::Counter* bad;
        metrics::Histogram* took;
    };
    std::map<std::string, Figures, std::less<>> by_action_;  // fixed after construction
    metrics::Counter& refused_;
};

}  // namespace cmq::server
