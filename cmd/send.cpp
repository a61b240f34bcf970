// `cmq send` puts messages into a queue.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/text.h"
#include "broker/limits.h"
#include "cmd/commands.h"
#include "cmd/input.h"
#include "cmd/outgoing.h"

namespace cmq::cmd {
namespace {

namespace fs = std::filesystem;

constexpr auto body_bytes_max = static_cast<std::size_t>(broker::max_message_bytes.most);

Result<std::string> read_file(const fs::path& file) {
    const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return fail(errno == ENOENT ? Code::invalid : Code::io,
                    "--file: cannot read " + file.string() + ": " + std::strerror(errno));
    auto text = read_all(descriptor, body_bytes_max);
    ::close(descriptor);
    return text;
}

struct Send final : Command {
    Send() : Command("send", "Send messages; prints their ids") {}
    std::string queue;
    std::optional<std::string> body;
    std::optional<fs::path> file;
    std::chrono::seconds delay{0};
    std::string dedup_id;
    bool has_lines = false, has_nuls = false, has_objects = false, is_base64 = false;

    void describe(Arguments& arguments) override {
        arguments.about(
            "A message is stored on the broker's disk before its id is printed. When some of\n"
            "several messages fail, the others are sent, what failed is named, and the exit\n"
            "status is 10.");
        arguments.queue(queue);
        arguments.optional("body", body, "the message, or - for all of the input");
        arguments.flag("--lines", has_lines, "one message a line of the input");
        arguments.flag("--null", has_nuls, "one message before each NUL of the input");
        arguments.flag("--ndjson", has_objects,
                       "one object a line: {\"body\":..., \"delay\":\"5s\", \"dedup_id\":...}");
        arguments.option("--file", file, "the message is this file").offers(Offer::file);
        arguments.option("--delay", delay, "nobody sees it before", seconds_within(broker::delay));
        arguments.option("--dedup-id", dedup_id,
                         "within 5 minutes a second message of the same id is not stored");
        arguments.flag("--base64", is_base64,
                       "carry any bytes: send as base64; receive with --base64, too");
        arguments.output({Format::plain, Format::json, Format::ndjson}, Outbox::keys());
        arguments.connects();
        arguments.example("echo hello | cmq send orders -", "the input is one message");
        arguments.example("seq 100 | cmq send orders --lines --delay 5s",
                          "a hundred messages that come in five seconds");
    }

    Status run(Context& context) override {
        CMQ_TRY(check());
        const auto form = CMQ_TRY(context.form());
        auto client = CMQ_TRY(context.connect());
        Outbox outbox(client, queue, context.out, form);
        if (!file && body.value_or("-") == "-") say_reading(context);
        if (has_lines || has_nuls || has_objects) {
            if (!send_stream(context, outbox))
                context.err << "cmq: stopped; what follows in the input was not sent\n";
        } else if (outbox.add(message_of(CMQ_TRY(read_single(context)), 1))) {
            (void)outbox.send_waiting();  // in the outbox's account, like all that fails
        }
        return outbox.finish(context.err);
    }

private:
    Status check() const {
        const int sources = int{body.has_value()} + int{file.has_value()} + int{has_lines} +
                            int{has_nuls} + int{has_objects};
        if (sources > 1)
            return fail(Code::invalid,
                        "give one of BODY, --file, --lines, --null and --ndjson only");
        if (sources == 0)
            return fail(Code::invalid,
                        "BODY is missing: a text, or - for the input. See: cmq send --help");
        if (!dedup_id.empty() && !body && !file)
            return fail(Code::invalid,
                        "--dedup-id is for one message; with --ndjson each line has its own");
        return {};
    }

    /// Or one would wonder what it waits for.
    static void say_reading(const Context& context) {
        if (::isatty(context.in) && context.reader_of_err() == Reader::terminal)
            context.err << "cmq: reading from the terminal; Ctrl-D ends the input\n";
    }

    OutgoingMessage message_of(std::string text, std::uint64_t number) const {
        return {is_base64 ? base64_encode(text) : std::move(text), {delay, dedup_id}, number};
    }

    Result<std::string> read_single(const Context& context) const {
        if (file) return read_file(*file);
        if (*body == "-") return read_all(context.in, body_bytes_max);
        return *body;
    }

    /// Batches while more is there already; what comes slowly is sent as it comes.
    /// errors  what stopped it; it is in the outbox's account.
    Status send_stream(Context& context, Outbox& outbox) const {
        RecordReader records(context.in, has_nuls ? '\0' : '\n');
        Progress progress(context.err, context.progress_beside_results(), "sent");
        for (std::uint64_t number = 1;; ++number) {
            auto record = records.next();
            if (!record) {
                CMQ_TRY(outbox.send_waiting());
                outbox.note_failure(number, record.error());
                return tl::unexpected(record.error());
            }
            if (!*record) return outbox.send_waiting();
            CMQ_TRY(add_record(outbox, std::move(**record), number));
            if (!records.has_more_now()) CMQ_TRY(outbox.send_waiting());
            if (progress.is_due()) progress.show(outbox.sent(), records.share());
        }
    }

    Status add_record(Outbox& outbox, std::string record, std::uint64_t number) const {
        if (!has_objects) return outbox.add(message_of(std::move(record), number));
        auto parsed = parse_ndjson(record);
        if (!parsed) {
            outbox.note_failure(number, parsed.error());
            return {};
        }
        auto message = message_of(std::move(parsed->body), number);
        if (parsed->options.delay.count() != 0) message.options.delay = parsed->options.delay;
        message.options.dedup_id = parsed->options.dedup_id;
        return outbox.add(std::move(message));
    }
};

}  // namespace

MadeCommand make_send() { return std::make_unique<Send>(); }

}  // namespace cmq::cmd
