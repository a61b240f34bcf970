// `cmq receive` takes messages out of a queue.
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <limits>

#include "broker/limits.h"
#include "cmd/commands.h"
#include "cmd/delivery.h"
#include "cmd/interrupt.h"
#include "cmd/queue_errors.h"

namespace cmq::cmd {
namespace {

using std::chrono::milliseconds;
using Time = std::chrono::steady_clock::time_point;

constexpr milliseconds poll_max = std::chrono::seconds{broker::polling_wait.most};

Time now() { return std::chrono::steady_clock::now(); }

milliseconds left_until(Time end) {
    return std::max(milliseconds{0}, std::chrono::ceil<milliseconds>(end - now()));
}

/// Whether whoever read our output has gone: nothing more may be taken for him.
bool is_reader_gone() {
    pollfd watched{STDOUT_FILENO, 0, 0};
    return ::poll(&watched, 1, 0) > 0 && (watched.revents & POLLERR) != 0;
}

bool is_pipe(int descriptor) {
    struct stat about {};
    return ::fstat(descriptor, &about) == 0 && (S_ISFIFO(about.st_mode) || S_ISSOCK(about.st_mode));
}

struct Receive final : Command {
    Receive() : Command("receive", "Receive messages, print and delete them") {}
    std::string queue;
    std::optional<std::uint32_t> count;
    std::optional<milliseconds> wait, timeout;
    bool drains = false, follows = false, keeps = false, is_base64 = false, has_nuls = false;

    void describe(Arguments& arguments) override {
        arguments.about(
            "A message is deleted only after its bytes were written to the output without an\n"
            "error; what was received and could not be printed is released at once.\n\n"
            "--wait is how long the broker may hold a request when the queue is empty, --timeout\n"
            "how long the whole command may take; without --wait it is the queue's own polling\n"
            "wait, or with --timeout all of that time. Exit status 4 says that nothing came, 5\n"
            "that the time was up before all had come.");
        arguments.required("queue", queue, "its name").offers(Offer::queue);
        arguments.option("--count", count, "how many messages (default: 1)");
        arguments.option("--wait", wait, "how long to wait for the next message");
        arguments.option("--timeout", timeout, "how long the command may take");
        arguments.flag("--drain", drains, "exactly as many as were there at the start");
        arguments.flag("--follow", follows, "until interrupted");
        arguments.flag("--no-ack", keeps, "do not delete: they come again after their time");
        arguments.flag("--base64", is_base64, "bodies were sent with --base64: decode them");
        arguments.flag("--null", has_nuls, "a NUL after each body in place of a line break");
        arguments.output({Format::table, Format::plain, Format::json, Format::ndjson, Format::raw},
                         message_keys());
        arguments.connects();
        arguments.example("cmq receive orders --wait 5s", "the next message, or exit status 4");
        arguments.example("cmq receive orders --follow -o ndjson | jq -r .body",
                          "all that come, one JSON object a line");
    }

    Status run(Context& context) override {
        CMQ_TRY(check());
        const auto form = CMQ_TRY(context.form());
        if (timeout) deadline_ = now() + *timeout;
        auto client = CMQ_TRY(context.connect());
        const Interrupt interrupt([&client] { client.cancel(); });
        auto target = CMQ_TRY(choose_target(client));
        MessagePrinter printer(context.out, form, has_nuls ? Separator::nul : Separator::line);
        Delivery delivery(
            client, printer, context.err,
            {queue, keeps ? After::keep : After::remove, is_base64 ? Coding::base64 : Coding::none,
             is_pipe(STDOUT_FILENO) ? is_reader_gone : std::function<bool()>()});
        const auto received = receive(client, interrupt, delivery, target);
        if (!received && received.error().code == Code::io) return received;
        printer.end();  // Context::flush, which every command ends with, reports a failure
        if (interrupt.happened()) return end_interrupted(context);
        CMQ_TRY(received);
        if (delivery.undeleted() > 0)
            return fail(Code::partial, std::to_string(delivery.undeleted()) + " of " +
                                           std::to_string(delivery.printed()) +
                                           " messages were printed but not deleted");
        if (delivery.printed() == 0) return fail(Code::empty, "no message in \"" + queue + '"');
        return {};
    }

private:
    Status check() const {
        if (int{drains} + int{follows} + int{count.has_value()} > 1)
            return fail(Code::invalid, "give one of --count, --drain and --follow only");
        if (count && *count == 0) return fail(Code::invalid, "--count must be 1 or more");
        if (drains && wait) return fail(Code::invalid, "--drain does not wait; leave out --wait");
        return {};
    }

    static Status end_interrupted(Context& context) {
        context.interrupted = true;
        return {};
    }

    Result<std::uint64_t> choose_target(client::Client& client) const {
        if (follows) return std::numeric_limits<std::uint64_t>::max();
        if (!drains) return std::uint64_t{count.value_or(1)};
        const auto details = CMQ_TRY(explain(client, "receive from", queue, client.queue(queue)));
        return details.active;
    }

    Status receive(client::Client& client, const Interrupt& interrupt, Delivery& delivery,
                   std::uint64_t target) {
        auto idle_since = now();
        while (delivery.printed() < target && !interrupt.happened()) {
            if (is_reader_gone())
                return fail(Code::io, "standard output is closed; nothing more is received");
            if (deadline_ && now() >= *deadline_)
                return fail(Code::timed_out, "--timeout " + config::format_duration(*timeout) +
                                                 " passed after " +
                                                 std::to_string(delivery.printed()) + " messages");
            const auto most = static_cast<std::uint64_t>(broker::batch.most);
            const auto wanted = std::min(most, target - delivery.printed());
            const auto messages =
                client.receive(queue, {static_cast<std::uint32_t>(wanted), next_wait(idle_since)});
            if (messages) {
                CMQ_TRY(delivery.deliver(*messages));
                idle_since = now();
            } else if (interrupt.happened()) {
                return {};
            } else if (messages.error().code != Code::empty) {
                return explained(client, "receive from", queue, messages.error());
            } else if (is_wait_over(idle_since)) {
                return {};
            }
        }
        return {};
    }

    /// How long the broker may hold the next request; nothing: as long as the queue says.
    std::optional<milliseconds> next_wait(Time idle_since) const {
        if (drains) return milliseconds{0};
        auto longest = poll_max;
        if (wait) longest = std::min(longest, left_until(idle_since + *wait));
        if (deadline_) longest = std::min(longest, left_until(*deadline_));
        if (!wait && !deadline_ && !follows) return {};
        return follows && !deadline_ ? poll_max : longest;
    }

    bool is_wait_over(Time idle_since) const {
        if (drains) return true;
        if (follows) return false;
        if (wait) return now() >= idle_since + *wait;
        return !deadline_;  // the queue's own wait is over, or the deadline decides
    }

    std::optional<Time> deadline_;
};

}  // namespace

MadeCommand make_receive() { return std::make_unique<Receive>(); }

}  // namespace cmq::cmd
