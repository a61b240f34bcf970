// `cmq rewind` brings deleted messages back.
#include "base/clock.h"
#include "base/text.h"
#include "cmd/commands.h"
#include "cmd/print.h"
#include "cmd/queue_errors.h"

namespace cmq::cmd {
namespace {

constexpr std::uint64_t unix_seconds_max = 100'000'000'000;
constexpr std::uint64_t message_id_min = 1ull << 53;  // below it are counters of no group

bool is_message_id(const std::string& text) {
    return parse_digits(text).value_or(0) >= message_id_min;
}

/// `10m` ago, a time as RFC 3339 writes it, or Unix seconds.
Result<Stamp> parse_moment(const std::string& text, Stamp now) {
    const auto seconds = text == "0" ? std::nullopt : parse_digits(text);
    if (seconds && *seconds <= unix_seconds_max) return Stamp{std::chrono::seconds{*seconds}};
    if (const auto ago = config::parse_duration(text)) return now - *ago;
    if (auto stamp = parse_rfc3339(text)) return stamp;
    return fail(Code::invalid, "--to: \"" + text +
                                   "\" is not a time ago (10m), a time (2026-11-23T10:00:00Z), "
                                   "Unix seconds or a message id");
}

Record record_of(const std::string& queue, const client::RewindPeeked& peeked) {
    return {{{{"queue", "QUEUE"}, queue},
             {{"to", "TO"}, peeked.to},
             {{"messages", "MESSAGES"}, peeked.count}}};
}

std::string messages(std::uint64_t count) {
    return std::to_string(count) + (count == 1 ? " message" : " messages");
}

struct Rewind final : Command {
    Rewind() : Command("rewind", "Bring back messages that were deleted since a time") {}
    std::string queue;
    std::string to;
    bool is_dry = false;

    void describe(Arguments& arguments) override {
        arguments.about(
            "What was sent at that time or later and deleted since becomes active again, oldest "
            "first. A message id stands for the time at which that message was sent. The queue "
            "keeps deleted messages for its --rewind time.");
        arguments.required("queue", queue, "its name").offers(Offer::queue);
        arguments
            .option("--to", to, "10m (ago), 2026-11-23T10:00:00Z, Unix seconds, or a message id")
            .placeholder("TIME")
            .is_required = true;
        arguments.flag("--dry-run", is_dry, "only say how many would come back");
        arguments.output({Format::plain, Format::json}, keys_of(record_of({}, {})));
        arguments.connects();
        arguments.example("cmq rewind orders --to 10m --dry-run", "how many would come back?");
        arguments.example("cmq rewind orders --to 10m", "read the last ten minutes again");
    }

    Status run(Context& context) override {
        const auto form = CMQ_TRY(context.form());
        const auto moment =
            is_message_id(to) ? Stamp() : CMQ_TRY(parse_moment(to, SystemClock().wall()));
        auto client = CMQ_TRY(context.connect());
        const auto peeked =
            is_message_id(to) ? client.peek_rewind(queue, to) : client.peek_rewind(queue, moment);
        if (!peeked) return explain_refusal(client, peeked.error());
        if (!is_dry)
            CMQ_TRY(explain(client, "rewind", queue, client.rewind_queue(queue, peeked->to)));
        print(context.out, sentence(*peeked), record_of(queue, *peeked), form);
        return {};
    }

private:
    std::string sentence(const client::RewindPeeked& peeked) const {
        const auto time = to_rfc3339(peeked.to);
        if (is_dry)
            return messages(peeked.count) + " would come back to " + queue + ", sent from " + time +
                   " on";
        return "rewound " + queue + " to " + time + ": " + messages(peeked.count) + " came back";
    }

    /// Says how far back it goes, as far as the broker tells.
    tl::unexpected<Error> explain_refusal(client::Client& client, Error error) const {
        const bool is_about_time = error.code == Code::invalid;
        auto explained_error = explained(client, "rewind", queue, std::move(error));
        if (!is_about_time) return explained_error;
        const auto details = client.queue(queue);
        if (!details || details->rewind == 0) return explained_error;
        explained_error.value().message +=
            "; it keeps them for " +
            config::format_duration(std::chrono::seconds{details->rewind}) +
            " after they were sent";
        return explained_error;
    }
};

}  // namespace

MadeCommand make_rewind() { return std::make_unique<Rewind>(); }

}  // namespace cmq::cmd
