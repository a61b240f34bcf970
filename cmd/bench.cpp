// cmd/bench.cpp: `cmq bench` loads one queue, measures, and with --verify says what went wrong.

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "base/clock.h"
#include "base/text.h"
#include "client/load.h"
#include "cmd/cli.h"
#include "cmd/interrupt.h"
#include "cmd/print.h"

namespace cmq::cmd {
namespace {

using client::LoadReport;
using Json = nlohmann::ordered_json;

constexpr std::pair<const char*, double> percentiles[] = {
    {"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p999", 0.999}};

double milliseconds_in(std::chrono::nanoseconds time) {
    return std::chrono::duration<double, std::milli>(time).count();
}

/// To so many parts of one; a division by the parts prints short, a product would not.
double rounded(double value, double parts) { return std::round(value * parts) / parts; }

double rate(std::uint64_t count, std::chrono::duration<double> time) {
    return time.count() > 0 ? static_cast<double>(count) / time.count() : 0;
}

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

void print_json(std::ostream& out, const client::LoadOptions& options, const LoadReport& report) {
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
    json["send"] = json_of(report.send);
    json["receive"] = json_of(report.receive);
    json["delete"] = json_of(report.remove);
    json["delivery"] = json_of(report.delivery);
    json["per_message"] = json_of(report.costs, report.own_cpu_us);
    if (report.verdict) json["verify"] = json_of(*report.verdict);
    out << json.dump() << '\n';
}

std::string fixed(double value, int digits) {
    std::ostringstream text;
    text << std::fixed << std::setprecision(digits) << value;
    return text.str();
}

void print_latencies(std::ostream& out, const LoadReport& report) {
    out << '\n'
        << std::left << std::setw(11) << "latency ms" << std::right << std::setw(12) << "requests";
    for (const auto& [name, share] : percentiles) out << std::setw(10) << name;
    out << std::setw(10) << "max" << '\n';
    const auto row = [&](const char* name, const client::Latency& latency) {
        if (latency.count() == 0) return;
        out << std::left << std::setw(11) << name << std::right << std::setw(12) << latency.count();
        for (const auto& [label, share] : percentiles)
            out << std::setw(10) << fixed(milliseconds_in(latency.percentile(share)), 2);
        out << std::setw(10) << fixed(milliseconds_in(latency.max()), 2) << '\n';
    };
    row("send", report.send);
    row("receive", report.receive);
    row("delete", report.remove);
    row("delivery", report.delivery);
}

void print_costs(std::ostream& out, const LoadReport& report) {
    out << "\neach message";
    if (report.costs.fsyncs) out << "   " << fixed(*report.costs.fsyncs, 4) << " fsyncs";
    if (report.costs.bytes_written)
        out << "   " << fixed(*report.costs.bytes_written, 0) << " bytes written";
    if (report.costs.broker_cpu_us)
        out << "   " << fixed(*report.costs.broker_cpu_us, 1) << " us of the broker's CPU";
    out << "   " << fixed(report.own_cpu_us, 1) << " us of ours\n";
}

void print_verdict(std::ostream& out, const check::Verdict& verdict) {
    out << "\nverified: " << (verdict.good() ? "nothing is wrong" : "SOMETHING IS WRONG") << '\n'
        << "  " << verdict.acknowledged << " acknowledged, " << verdict.received << " received, "
        << verdict.deleted << " deleted\n"
        << "  " << verdict.unknown << " sends without an answer, " << verdict.unknown_appeared
        << " of them appeared\n"
        << "  " << verdict.duplicates << " duplicates: " << verdict.explained.lapsed_lease
        << " lapsed leases, " << verdict.explained.lost_answer << " lost answers, "
        << verdict.duplicates_unexplained() << " unexplained\n";
    for (std::size_t each = 0; each < check::violations; ++each)
        if (verdict.counts[each] > 0)
            out << "  " << verdict.counts[each] << ' '
                << name_of(static_cast<check::Violation>(each)) << '\n';
    for (const auto& example : verdict.examples) out << "    " << example << '\n';
}

void print_text(std::ostream& out, const LoadReport& report) {
    if (report.sent + report.refused + report.unknown > 0)
        out << "sends    " << report.sent << " in " << fixed(report.send_time.count(), 2) << " s, "
            << fixed(rate(report.sent, report.send_time), 0) << "/s";
    if (report.refused > 0) out << ", " << report.refused << " refused";
    if (report.unknown > 0) out << ", " << report.unknown << " without an answer";
    if (report.sent + report.refused + report.unknown > 0) out << '\n';
    if (report.received > 0)
        out << "lives    " << report.deleted << " in " << fixed(report.lives_time.count(), 2)
            << " s, " << fixed(rate(report.deleted, report.lives_time), 0) << "/s\n";
    print_latencies(out, report);
    print_costs(out, report);
    if (report.verdict) print_verdict(out, *report.verdict);
}

/// Half a machine is the broker's, where both are on one.
unsigned default_loops() { return std::max(1u, std::thread::hardware_concurrency() / 4); }

std::string fresh_name() { return "bench-" + hex_encode(random_bytes(4)); }

struct Bench final : Command {
    Bench() : Command("bench", "Load one queue and measure it") {}

    std::string queue;
    unsigned senders = 8;
    unsigned window = 1;
    unsigned batch = 1;
    Size size{1024};
    unsigned receivers = 0;
    std::optional<std::chrono::milliseconds> duration;
    std::optional<std::uint64_t> count;
    bool verify = false;

    void describe(Arguments& arguments) override {
        arguments.about(
            "Senders and receivers have connections of their own, with --window requests "
            "outstanding on each. Nothing is sent twice: what gets no answer is counted.");
        arguments.about(
            "--verify keeps a history, drains the queue at the end, and fails when a message is "
            "lost, invented, or comes again without a reason. The broker may be killed and "
            "started again meanwhile. The queue must be empty, its leases a minute at most.");
        arguments
            .option("--queue", queue,
                    "made when it does not exist, and then deleted at the end (default: a new one)")
            .placeholder("QUEUE")
            .offers(Offer::queue);
        arguments.option("--senders", senders, "up to 1024; 0: only receive");
        arguments.option("--window", window, "requests outstanding, of each of them, 1 to 1024");
        arguments.option("--batch", batch, "messages a request, 1 to 16");
        arguments.option("--size", size, "of a body, from 53 bytes to what the queue takes");
        arguments.option("--receivers", receivers, "up to 1024; what they get is deleted");
        arguments.option("--duration", duration, "how long to send (default: 10s)");
        arguments.option("--count", count, "how many messages to send");
        arguments.flag("--verify", verify, "check loss, duplicates and order; exit 1 if wrong");
        arguments.connects();
        arguments.output({Format::table, Format::json});
        arguments.example("cmq bench --senders 8 --window 32 --batch 16 --duration 3s",
                          "how many messages a second it takes, in batches");
        arguments.example("cmq bench --senders 4 --receivers 4 --count 100000 --verify",
                          "whole lives, each accounted for");
    }

    Status run(Context& context) override {
        auto options = CMQ_TRY(choose(context));
        const auto format = CMQ_TRY(context.format());
        Interrupt interrupt([] {});
        const auto report = CMQ_TRY(client::run_load(options, [&](const auto& progress) {
            if (isatty(STDERR_FILENO)) show(context.err, progress);
            return interrupt.happened() ? client::LoadWish::end : client::LoadWish::go_on;
        }));
        if (isatty(STDERR_FILENO)) context.err << "\r\033[K" << std::flush;
        if (!options.duration && !options.count) options.duration = client::load_duration_default;
        if (format == Format::json) {
            print_json(context.out, options, report);
        } else {
            print_text(context.out, report);
        }
        context.interrupted = interrupt.happened();
        CMQ_TRY(context.flush());
        if (report.verdict && !report.verdict->good())
            return fail(Code::internal, "the queue \"" + options.queue +
                                            "\" did not do what it promised; see the verdict");
        return {};
    }

    Result<client::LoadOptions> choose(const Context& context) const {
        client::LoadOptions options;
        options.broker = CMQ_TRY(context.client_options());
        options.queue = queue.empty() ? fresh_name() : queue;
        options.senders = senders;
        options.receivers = receivers;
        options.window = window;
        options.batch = batch;
        options.body_bytes = size.bytes;
        options.duration = duration;
        options.count = count;
        options.verify = verify ? client::Verify::yes : client::Verify::no;
        options.loops = default_loops();
        return options;
    }

    static void show(std::ostream& err, const client::LoadProgress& progress) {
        err << "\r\033[K" << fixed(progress.since_start.count(), 0) << " s   " << progress.sent
            << " sent, " << fixed(rate(progress.sent, progress.since_start), 0) << "/s";
        if (progress.deleted > 0) err << "   " << progress.deleted << " deleted";
        if (progress.draining) err << "   draining";
        err << std::flush;
    }
};

}  // namespace

std::unique_ptr<Command> make_bench() { return std::make_unique<Bench>(); }

}  // namespace cmq::cmd
