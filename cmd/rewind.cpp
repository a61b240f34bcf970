// `cmq rewind` brings deleted messages back.
#include "base/clock.h"
#include "base/text.h"
#include "cmd/commands.h"
#include "cmd/queue_errors.h"

namespace cmq::cmd {
namespace {

/// `10m` ago, a time as RFC 3339 writes it, or Unix seconds.
Result<Stamp> parse_moment(const std::string& text, Stamp now) {
    if (const auto seconds = parse_digits(text); seconds && text != "0") {
        if (*seconds > 100'000'000'000)
            return fail(Code::invalid, "--to: " + text + " is too large for Unix seconds");
        return Stamp{std::chrono::seconds{*seconds}};
    }
    if (const auto ago = config::parse_duration(text)) return now - *ago;
    if (auto stamp = parse_rfc3339(text)) return stamp;
    return fail(Code::invalid, "--to: \"" + text +
                                   "\" is not a time ago (10m), a time (2026-11-23T10:00:00Z) or "
                                   "Unix seconds");
}

struct Rewind final : Command {
    Rewind() : Command("rewind", "Bring back messages that were deleted since a time") {}
    std::string queue;
    std::optional<std::string> to;

    void describe(Arguments& arguments) override {
        arguments.about(
            "What was sent at that time or later and deleted since becomes active again, oldest\n"
            "first. The queue keeps deleted messages for its --rewind time.");
        arguments.required("queue", queue, "its name").offers(Offer::queue);
        arguments.option("--to", to, "10m (ago), 2026-11-23T10:00:00Z, or Unix seconds")
            .placeholder("TIME");
        arguments.connects();
        arguments.example("cmq rewind orders --to 10m", "read the last ten minutes again");
    }

    Status run(Context& context) override {
        if (!to) return fail(Code::invalid, "--to is missing. See: cmq rewind --help");
        // The wire has whole seconds; the earlier one leaves nothing out.
        const auto moment = std::chrono::floor<std::chrono::seconds>(
            CMQ_TRY(parse_moment(*to, SystemClock().wall())));
        auto client = CMQ_TRY(context.connect());
        CMQ_TRY(explain(client, "rewind", queue, client.rewind_queue(queue, moment)));
        context.out << "rewound " << queue << " to " << to_rfc3339(moment) << '\n';
        return {};
    }
};

}  // namespace

MadeCommand make_rewind() { return std::make_unique<Rewind>(); }

}  // namespace cmq::cmd
