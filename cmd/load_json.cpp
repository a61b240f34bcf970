// What `cmq bench` measured, as JSON.
#include <nlohmann/json.hpp>

#include "cmd/json_form.h"
#include "cmd/load_report.h"
#include "cmd/print.h"

namespace cmq::cmd {
namespace {

using client::LoadReport;
using Json = nlohmann::ordered_json;

/// To so many parts of one; a division by the parts prints short, a product would not.
double rounded(double value, double parts) { return std::round(value * parts) / parts; }

Json json_of(const client::Latency& latency) {
    Json json;
    json["count"] = latency.count();
    for (const auto& [name, share] : percentiles)
        json[std::string(name) + "_ms"] = milliseconds_in(latency.percentile(share));
    json["max_ms"] = milliseconds_in(latency.max());
    return json;
}

Json json_of(const check::Verdict& verdict) {
    Json json;
    json["good"] = verdict.good();
    json["sent"] = verdict.sent;
    json["acknowledged"] = verdict.acknowledged;
    json["refused"] = verdict.refused;
    json["unknown"] = verdict.unknown;
    json["unknown_appeared"] = verdict.unknown_appeared;
    json["received"] = verdict.received;
    json["deleted"] = verdict.deleted;
    json["deletes_refused"] = verdict.deletes_refused;
    json["duplicates"] = verdict.duplicates;
    json["duplicates_explained"] = {{"lapsed_lease", verdict.explained.lapsed_lease},
                                    {"lost_answer", verdict.explained.lost_answer},
                                    {"rewind", verdict.explained.rewind}};
    json["duplicates_unexplained"] = verdict.duplicates_unexplained();
    for (std::size_t each = 0; each < check::violations; ++each)
        json[std::string(name_of(static_cast<check::Violation>(each)))] = verdict.counts[each];
    json["out_of_order_by_producer"] = verdict.out_of_order_by_producer;
    json["examples"] = verdict.examples;
    return json;
}

Json json_of(const client::LoadCosts& costs, double own_cpu_us) {
    auto json = Json::object();
    if (costs.fsyncs) json["fsyncs"] = *costs.fsyncs;
    if (costs.bytes_written) json["bytes_written"] = *costs.bytes_written;
    if (costs.broker_cpu_us) json["broker_cpu_us"] = *costs.broker_cpu_us;
    json["client_cpu_us"] = own_cpu_us;
    return json;
}

Json json_of(const client::LoadOptions& options) {
    Json json;
    json["queue"] = options.queue;
    json["endpoint"] = options.broker.endpoints;
    json["senders"] = options.senders;
    json["receivers"] = options.receivers;
    json["window"] = options.window;
    json["batch"] = options.batch;
    json["size"] = options.body_bytes;
    if (options.duration)
        json["duration_s"] = std::chrono::duration<double>(*options.duration).count();
    if (options.count) json["count"] = *options.count;
    json["verify"] = options.verify == client::Verify::yes;
    return json;
}

Json json_of(const client::LoadOptions& options, const LoadReport& report) {
    const auto time = report.sent > 0 ? report.send_time : report.lives_time;
    Json json;
    json["version"] = output_version;
    json["config"] = json_of(options);
    json["sent"] = report.sent;
    json["refused"] = report.refused;
    json["unknown"] = report.unknown;
    json["received"] = report.received;
    json["deleted"] = report.deleted;
    json["seconds"] = rounded(time.count(), 1000);
    json["sends_per_second"] = rounded(rate(report.sent, report.send_time), 10);
    json["lives_per_second"] = rounded(rate(report.deleted, report.lives_time), 10);
    json["longest_gap_ms"] = milliseconds_in(report.longest_gap);
    json["send"] = json_of(report.send);
    json["receive"] = json_of(report.receive);
    json["delete"] = json_of(report.remove);
    json["delivery"] = json_of(report.delivery);
    json["per_message"] = json_of(report.costs, report.own_cpu_us);
    if (report.verdict) {
        json["verify"] = json_of(*report.verdict);
        json["verify"]["drained"] = report.drained;
    }
    json["failed"] = report.failed;
    return json;
}

}  // namespace

std::vector<std::string> load_keys() {
    LoadReport all;
    all.costs = {0, 0, 0};
    all.verdict.emplace();
    client::LoadOptions options;
    options.duration.emplace();
    options.count = 0;
    return keys_of(json_of(options, all));
}

void print_load(std::ostream& out, const client::LoadOptions& options, const LoadReport& report,
                const Form& form) {
    const bool is_for_programs = form.format == Format::json || form.format == Format::pattern;
    if (!is_for_programs) return print_load_text(out, report, form.color);
    print(out, json_of(options, report), form);
}

}  // namespace cmq::cmd
