// `cmq receive` takes messages out of a queue.
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/commands.h"
#include "cmd/delivery.h"
#include "cmd/execution.h"
#include "cmd/queue_errors.h"
#include "cmd/receiving.h"

namespace cmq::cmd {
namespace {

using std::chrono::milliseconds;

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
    std::optional<std::string> program;
    std::vector<std::string> words;

    void describe(Arguments& arguments) override {
        arguments.about(
            "A message is deleted only after its bytes were written to the output without an "
            "error; what was received and could not be printed is released at once.");
        arguments.about(
            "--wait is how long the broker may hold a request when the queue is empty, --timeout "
            "how long the whole command may take; without --wait it is the queue's own polling "
            "wait, or with --timeout all of that time. Exit status 4 says that nothing came, 5 "
            "that the time was up before all had come.");
        arguments.about(
            "--follow waits for a broker that goes away meanwhile, and says so on the error "
            "output; "
            "one that is not there at the start is an error at once.");
        arguments.about(
            "--exec runs a program for each message, one after the other, with the body on its "
            "input and CMQ_QUEUE, CMQ_MESSAGE_ID, CMQ_MESSAGE_HANDLE, CMQ_MESSAGE_ENQUEUED and "
            "CMQ_MESSAGE_RECEIVES in its environment. There is no shell: the program's arguments "
            "stand behind --, each as it is. While it runs, the message stays hidden from others; "
            "it is deleted when the program exits 0 and released otherwise: at the end, or with "
            "--follow at once, and after repeated failures with a pause of up to the queue's "
            "visibility timeout. Exit status 1 says that all failed, 10 that some did. After "
            "SIGINT or SIGTERM the program that runs may finish (Ctrl-C on a terminal reaches it, "
            "too), its message is dealt with, and the exit status is 130; a second signal ends "
            "cmq at once.");
        arguments.queue(queue);
        arguments.words_behind("argument", words, "of the program that --exec names");
        arguments.option("--count", count, "how many messages (default: 1)");
        arguments.option("--wait", wait, "how long to wait for the next message");
        arguments.option("--timeout", timeout,
                         "how long the command may take; a program of --exec may finish");
        arguments.flag("--drain", drains, "exactly as many as were there at the start");
        arguments.flag("--follow", follows, "until interrupted");
        arguments.option("--exec", program, "run it for each message, instead of printing")
            .placeholder("PROGRAM")
            .offers(Offer::file);
        arguments.flag("--no-ack", keeps, "do not delete: they come again after their time");
        arguments.flag("--base64", is_base64, "bodies were sent with --base64: decode them");
        arguments.flag("--null", has_nuls, "a NUL after each body in place of a line break");
        arguments.output({Format::table, Format::plain, Format::json, Format::ndjson, Format::raw},
                         message_keys());
        arguments.connects();
        arguments.example("cmq receive orders --wait 5s", "the next message, or exit status 4");
        arguments.example("cmq receive orders --follow -o 'template={id} {body:json}'",
                          "all that come, a line each");
        arguments.example("cmq receive orders --exec sh -- -c 'cat > $CMQ_MESSAGE_ID'",
                          "the next one to a file of its own; deleted once it is there");
    }

    Status run(Context& context) override {
        CMQ_TRY(check(context));
        auto form = CMQ_TRY(context.form());
        std::optional<Receiving::Time> deadline;
        if (timeout) deadline = std::chrono::steady_clock::now() + *timeout;
        auto broker = CMQ_TRY(context.client_options());
        broker.deadline = deadline;
        auto client = CMQ_TRY(client::Client::open(std::move(broker)));
        const Interrupt interrupt([&client] { client.cancel(); }, program ? -1 : STDOUT_FILENO);
        Progress progress(context.err, context.progress_beside_results(), "received");
        const auto details = CMQ_TRY(ask_details(client));
        const auto sink =
            program ? make_execution(client, progress, details)
                    : make_delivery(client, progress,
                                    MessagePrinter(context.out, std::move(form),
                                                   has_nuls ? Separator::nul : Separator::line));
        Receiving receiving(client, interrupt, progress, plan(details, deadline));
        const auto received = receiving.run(*sink);
        const auto finished = sink->finish();
        progress.clear();
        context.interrupted = interrupt.happened();
        return verdict(context, *sink, received, finished);
    }

private:
    /// What is to be known of the queue beforehand; nothing where a request can be saved.
    Result<client::QueueDetails> ask_details(client::Client& client) const {
        if (!drains && !program) return client::QueueDetails{};
        return explain(client, "receive from", queue, client.queue(queue), Advice::create);
    }

    Receiving::Options plan(const client::QueueDetails& details,
                            std::optional<Receiving::Time> deadline) const {
        Receiving::Options options{queue};
        options.until = drains ? Until::drained : follows ? Until::interrupted : Until::counted;
        options.target = drains ? details.active : count.value_or(1);
        options.wait = wait;
        options.timeout = timeout;
        options.deadline = deadline;
        if (!program) options.is_reader_gone = is_reader_gone;
        return options;
    }

    Status verdict(const Context& context, const Sink& sink, const Status& received,
                   const Status& finished) const {
        if (!received && received.error().code == Code::io) return received;
        if (context.interrupted) return {};
        CMQ_TRY(received);
        CMQ_TRY(finished);
        if (sink.taken() == 0) return fail(Code::empty, "no message in \"" + queue + '"');
        return {};
    }

    Status check(const Context& context) const {
        if (int{drains} + int{follows} + int{count.has_value()} > 1)
            return fail(Code::invalid, "give one of --count, --drain and --follow only");
        if (count && *count == 0) return fail(Code::invalid, "--count must be 1 or more");
        if (drains && wait) return fail(Code::invalid, "--drain does not wait; leave out --wait");
        if (program) return check_program(context);
        if (words.empty()) return {};
        return fail(Code::invalid, '"' + words[0] +
                                       "\" is one argument too many: only a program that --exec "
                                       "names has some");
    }

    Status check_program(const Context& context) const {
        if (keeps || has_nuls || context.has_given(config::setting::output))
            return fail(Code::invalid,
                        "--exec prints and keeps nothing: leave out -o, --null and --no-ack");
        auto found = cmd::check_program(*program);
        if (!found && program->find(' ') != program->npos)
            found.error().message += "; its arguments stand behind --, there is no shell";
        return found;
    }

    Coding coding() const { return is_base64 ? Coding::base64 : Coding::none; }

    std::unique_ptr<Sink> make_execution(client::Client& client, Progress& progress,
                                         const client::QueueDetails& details) const {
        Execution::Options options{queue, {*program}};
        options.words.insert(options.words.end(), words.begin(), words.end());
        options.lease = std::chrono::seconds{details.visibility_timeout};
        options.release = follows ? Execution::Release::at_failure : Execution::Release::at_end;
        options.coding = coding();
        return std::make_unique<Execution>(client, progress, std::move(options));
    }

    std::unique_ptr<Sink> make_delivery(client::Client& client, Progress& progress,
                                        MessagePrinter printer) const {
        const auto reader = is_pipe(STDOUT_FILENO) ? is_reader_gone : std::function<bool()>();
        const auto after = keeps ? After::keep : After::remove;
        return std::make_unique<Delivery>(client, std::move(printer), progress,
                                          Delivery::Options{queue, after, coding(), reader});
    }
};

}  // namespace

MadeCommand make_receive() { return std::make_unique<Receive>(); }

}  // namespace cmq::cmd
