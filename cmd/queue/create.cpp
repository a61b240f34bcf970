// `cmq queue create` makes one queue.
#include "cmd/commands.h"
#include "cmd/print.h"
#include "cmd/queue/attributes.h"
#include "cmd/queue_errors.h"

namespace cmq::cmd {
namespace {

struct QueueCreate final : Command {
    QueueCreate() : Command("queue create", "Create a queue") {}
    std::string queue;
    QueueAttributes attributes;

    void describe(Arguments& arguments) override {
        arguments.required("queue", queue, "a letter, then up to 63 letters, digits, '-' or '_'");
        attributes.describe(arguments);
        arguments.output({Format::table, Format::plain, Format::json});
        arguments.connects();
        arguments.example("cmq queue create orders --visibility-timeout 2m --rewind 1h",
                          "a queue whose deleted messages can be brought back for an hour");
    }

    Status run(Context& context) override {
        const auto format = CMQ_TRY(context.format());
        auto client = CMQ_TRY(context.connect());
        const auto id = CMQ_TRY(
            explain(client, "create", queue, client.create_queue(queue, attributes.changes())));
        if (format == Format::json) {
            print(context.out, Record{{{{"queue", "QUEUE"}, queue}, {{"id", "ID"}, id}}}, format);
        } else {
            context.out << "created " << queue << '\n';
        }
        return {};
    }
};

}  // namespace

MadeCommand make_queue_create() { return std::make_unique<QueueCreate>(); }

}  // namespace cmq::cmd
