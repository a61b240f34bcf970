// client/load_costs.h: what a run cost the broker, by its own metrics, and this process.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/connection.h"
#include "client/load.h"

namespace cmq::client {

/// Sums over all labels. Nothing where the page has no such metric.
struct BrokerFigures {
    std::optional<double> fsyncs, bytes_written, cpu_seconds;
    std::optional<double> started;  // Unix time: another one is another life of the node
};

/// `page` is Prometheus text: cmq_log_fsyncs_total, cmq_log_bytes_written_total,
/// process_cpu_seconds_total, process_start_time_seconds.
BrokerFigures read_figures(std::string_view page);

/// Nothing where a figure is missing; nothing at all when the broker began anew meanwhile.
LoadCosts costs_between(const BrokerFigures& before, const BrokerFigures& after,
                        std::uint64_t messages);
/// The sum over all nodes, in the same order; nothing where one of them has nothing.
LoadCosts costs_between(const std::vector<BrokerFigures>& before,
                        const std::vector<BrokerFigures>& after, std::uint64_t messages);

/// Where the figures of each endpoint stand.
class FigurePages {
public:
    static Result<FigurePages> open(const Options& broker);
    /// From /metrics of each; empty when it cannot be had, which is no failure of a run.
    std::vector<BrokerFigures> ask();

private:
    std::vector<Connection> connections_;
};

/// User and system time of this process so far.
std::chrono::duration<double> own_cpu();

}  // namespace cmq::client
