#include "client/load_costs.h"

#include <sys/resource.h>

#include <charconv>

namespace cmq::client {
namespace {

constexpr std::chrono::milliseconds scrape_time{2'000};

/// The value of one line "name{labels} value", when it is of `metric`.
std::optional<double> value_of(std::string_view line, std::string_view metric) {
    if (line.substr(0, metric.size()) != metric) return {};
    line.remove_prefix(metric.size());
    if (!line.empty() && line[0] == '{')
        line.remove_prefix(std::min(line.find('}') + 1, line.size()));
    if (line.empty() || line[0] != ' ') return {};
    line.remove_prefix(1);
    double value = 0;
    const auto read = std::from_chars(line.data(), line.data() + line.size(), value);
    if (read.ec != std::errc()) return {};
    return value;
}

std::optional<double> sum_of(std::string_view page, std::string_view metric) {
    std::optional<double> sum;
    while (!page.empty()) {
        const auto end = std::min(page.find('\n'), page.size());
        if (const auto value = value_of(page.substr(0, end), metric))
            sum = sum.value_or(0) + *value;
        page.remove_prefix(std::min(end + 1, page.size()));
    }
    return sum;
}

/// A broker of an older release does not say when it started; there a figure that fell tells.
bool began_anew(const BrokerFigures& before, const BrokerFigures& after) {
    const auto fell = [](std::optional<double> was, std::optional<double> is) {
        return was && is && *is < *was;
    };
    if (before.started && after.started) return *before.started != *after.started;
    return fell(before.fsyncs, after.fsyncs) || fell(before.bytes_written, after.bytes_written) ||
           fell(before.cpu_seconds, after.cpu_seconds);
}

std::optional<double> each(std::optional<double> before, std::optional<double> after,
                           std::uint64_t messages) {
    if (!before || !after || messages == 0) return {};
    return (*after - *before) / static_cast<double>(messages);
}

std::optional<double> plus(std::optional<double> one, std::optional<double> other) {
    if (!one || !other) return {};
    return *one + *other;
}

std::chrono::duration<double> time_of(const timeval& time) {
    return std::chrono::seconds{time.tv_sec} + std::chrono::microseconds{time.tv_usec};
}

}  // namespace

BrokerFigures read_figures(std::string_view page) {
    return {sum_of(page, "cmq_log_fsyncs_total"), sum_of(page, "cmq_log_bytes_written_total"),
            sum_of(page, "process_cpu_seconds_total"), sum_of(page, "process_start_time_seconds")};
}

Result<FigurePages> FigurePages::open(const Options& broker) {
    FigurePages pages;
    auto endpoints = CMQ_TRY(parse_endpoints(broker.endpoints));
    for (auto& endpoint : endpoints)
        pages.connections_.push_back(CMQ_TRY(Connection::open(
            std::move(endpoint), {.ca_file = broker.ca_file, .connect_time = scrape_time})));
    return pages;
}

std::vector<BrokerFigures> FigurePages::ask() {
    std::vector<BrokerFigures> figures;
    for (auto& connection : connections_) {
        const auto page = connection.get("/metrics", scrape_time);
        const bool is_there = page && page->status == 200;
        figures.push_back(is_there ? read_figures(page->body) : BrokerFigures{});
    }
    return figures;
}

LoadCosts costs_between(const BrokerFigures& before, const BrokerFigures& after,
                        std::uint64_t messages) {
    LoadCosts costs;
    if (began_anew(before, after)) return costs;
    costs.fsyncs = each(before.fsyncs, after.fsyncs, messages);
    costs.bytes_written = each(before.bytes_written, after.bytes_written, messages);
    costs.broker_cpu_us = each(before.cpu_seconds, after.cpu_seconds, messages);
    if (costs.broker_cpu_us) *costs.broker_cpu_us *= 1e6;
    return costs;
}

LoadCosts costs_between(const std::vector<BrokerFigures>& before,
                        const std::vector<BrokerFigures>& after, std::uint64_t messages) {
    LoadCosts sum{0, 0, 0};
    for (std::size_t node = 0; node < before.size(); ++node) {
        const auto costs = costs_between(before[node], after[node], messages);
        sum.fsyncs = plus(sum.fsyncs, costs.fsyncs);
        sum.bytes_written = plus(sum.bytes_written, costs.bytes_written);
        sum.broker_cpu_us = plus(sum.broker_cpu_us, costs.broker_cpu_us);
    }
    return sum;
}

std::chrono::duration<double> own_cpu() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return time_of(usage.ru_utime) + time_of(usage.ru_stime);
}

}  // namespace cmq::client
