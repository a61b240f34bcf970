// cmd/bench.cpp: `cmq bench` loads one queue, measures, and with --verify says what went wrong.

#include <algorithm>
#include <thread>

#include "base/clock.h"
#include "base/text.h"
#include "client/load.h"
#include "cmd/cli.h"
#include "cmd/interrupt.h"
#include "cmd/load_report.h"

namespace cmq::cmd {
namespace {

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
            "Several endpoints are one broker: senders and receivers are spread over them, and go "
            "on at the next one where one is gone, silent, or has no leader. The longest gap is "
            "the time without an acknowledged send, up to the end of sending.");
        arguments.about(
            "--verify keeps a history, drains the queue at the end, and fails when a message is "
            "lost, invented, or comes again without a reason, or when messages come again without "
            "end. The broker, or nodes of it, may be "
            "killed and started again meanwhile. The queue must be empty, its leases a minute at "
            "most.");
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
        arguments.output({Format::table, Format::json}, load_keys());
        arguments.example("cmq bench --senders 8 --window 32 --batch 16 --duration 3s",
                          "how many messages a second it takes, in batches");
        arguments.example("cmq bench --window 16 --receivers 4 --count 10000 --verify",
                          "whole lives, each accounted for");
    }

    Status run(Context& context) override {
        auto options = CMQ_TRY(choose(context));
        const auto form = CMQ_TRY(context.form());
        Interrupt interrupt([] {});
        Progress shown(context.err, context.progress(), "sent");
        const auto report = CMQ_TRY(client::run_load(options, [&](const auto& progress) {
            show(shown, progress, options);
            return interrupt.happened() ? client::LoadWish::end : client::LoadWish::go_on;
        }));
        shown.clear();
        if (!options.duration && !options.count) options.duration = client::load_duration_default;
        print_load(context.out, options, report, form);
        context.interrupted = interrupt.happened();
        CMQ_TRY(context.flush());
        if (report.verdict && (!report.verdict->good() || !report.drained))
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

    static void show(Progress& shown, const client::LoadProgress& progress,
                     const client::LoadOptions& options) {
        auto more = progress.deleted > 0 ? std::to_string(progress.deleted) + " deleted" : "";
        if (progress.draining) more += more.empty() ? "draining" : ", draining";
        shown.show(progress.sent, share_of(progress, options), more);
    }

    static std::optional<double> share_of(const client::LoadProgress& progress,
                                          const client::LoadOptions& options) {
        if (progress.draining) return {};
        if (options.count)
            return static_cast<double>(progress.sent) / static_cast<double>(*options.count);
        return progress.since_start / options.duration.value_or(client::load_duration_default);
    }
};

}  // namespace

std::unique_ptr<Command> make_bench() { return std::make_unique<Bench>(); }

}  // namespace cmq::cmd
