// `cmq queue create` makes one queue.
#include "broker/limits.h"
#include "cmd/commands.h"
#include "cmd/print.h"
#include "cmd/queue/attributes.h"
#include "cmd/queue_errors.h"

namespace cmq::cmd {
namespace {

Record record_of(const std::string& queue, const std::string& id) {
    return {{{{"queue", "QUEUE"}, queue}, {{"id", "ID"}, id}}};
}

struct QueueCreate final : Command {
    QueueCreate() : Command("queue create", "Create a queue") {}
    std::string queue;
    QueueAttributes attributes;

    void describe(Arguments& arguments) override {
        arguments.required("queue", queue, "a letter, then up to 63 letters, digits, '-' or '_'");
        attributes.describe(arguments);
        arguments.output({Format::plain, Format::json}, keys_of(record_of({}, {})));
        arguments.connects();
        arguments.example("cmq queue create orders --visibility-timeout 2m --rewind 1h",
                          "a queue whose deleted messages can be brought back for an hour");
    }

    Status run(Context& context) override {
        CMQ_TRY(attributes.check(std::chrono::seconds{broker::retention.usual}));
        const auto form = CMQ_TRY(context.form());
        auto client = CMQ_TRY(context.connect());
        const auto id =
            explain(client, "create", queue, client.create_queue(queue, attributes.changes()));
        if (!id) return in_words_of_options(id.error());
        print(context.out, "created " + queue, record_of(queue, *id), form);
        return {};
    }
};

}  // namespace

MadeCommand make_queue_create() { return std::make_unique<QueueCreate>(); }

}  // namespace cmq::cmd
