// `cmq queue set` changes attributes of a queue.
#include "cmd/commands.h"
#include "cmd/print.h"
#include "cmd/queue/attributes.h"
#include "cmd/queue_errors.h"

namespace cmq::cmd {
namespace {

Record record_of(const std::string& queue) { return {{{{"queue", "QUEUE"}, queue}}}; }

struct QueueSet final : Command {
    QueueSet() : Command("queue set", "Change attributes of a queue") {}
    std::string queue;
    QueueAttributes attributes;

    void describe(Arguments& arguments) override {
        arguments.about(
            "Only what is given changes; it holds for the messages that are there, too.");
        arguments.queue(queue);
        attributes.describe(arguments);
        arguments.output({Format::plain, Format::json}, keys_of(record_of({})));
        arguments.connects();
        arguments.example("cmq queue set orders --retention 1d", "keep messages for one day");
    }

    Status run(Context& context) override {
        const auto changes = attributes.changes();
        if (!changes.visibility_timeout && !changes.polling_wait && !changes.retention &&
            !changes.rewind && !changes.max_message_bytes && !changes.max_messages)
            return fail(Code::invalid, "nothing to change is given. See: cmq queue set --help");
        CMQ_TRY(attributes.check({}));
        const auto form = CMQ_TRY(context.form());
        auto client = CMQ_TRY(context.connect());
        const auto changed = explain(client, "change", queue, client.set_queue(queue, changes));
        if (!changed) return in_words_of_options(changed.error());
        print(context.out, "changed " + queue, record_of(queue), form);
        return {};
    }
};

}  // namespace

MadeCommand make_queue_set() { return std::make_unique<QueueSet>(); }

}  // namespace cmq::cmd
