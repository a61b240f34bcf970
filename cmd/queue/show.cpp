// `cmq queue show` prints attributes and counts of a queue.
#include "cmd/commands.h"
#include "cmd/print.h"
#include "cmd/queue_errors.h"

namespace cmq::cmd {
namespace {

using std::chrono::seconds;

Record record_of(const client::QueueDetails& queue) {
    const auto undeleted = queue.active + queue.inactive + queue.delayed;
    return {{
        {{"queue", "queue"}, queue.name},
        {{"id", "id"}, queue.id},
        {{"active", "active messages"}, queue.active},
        {{"inactive", "in flight"}, queue.inactive},
        {{"delayed", "delayed"}, queue.delayed},
        {{"rewindable", "deleted, can be rewound"}, queue.rewindable},
        {{"oldest", "oldest undeleted"}, undeleted == 0 ? Value{} : Value{queue.oldest}},
        {{"visibility_timeout", "visibility timeout"}, seconds{queue.visibility_timeout}},
        {{"polling_wait", "polling wait"}, seconds{queue.polling_wait}},
        {{"retention", "retention"}, seconds{queue.retention}},
        {{"rewind", "rewind"}, seconds{queue.rewind}},
        {{"max_message_size", "largest body, bytes"}, queue.max_message_bytes},
        {{"max_messages", "most messages"}, queue.max_messages},
        {{"created", "created"}, queue.created},
        {{"modified", "modified"}, queue.modified},
    }};
}

struct QueueShow final : Command {
    QueueShow() : Command("queue show", "Show attributes and message counts of a queue") {}
    std::string queue;

    void describe(Arguments& arguments) override {
        arguments.required("queue", queue, "its name").offers(Offer::queue);
        arguments.output({Format::table, Format::plain, Format::json}, keys_of(record_of({})));
        arguments.connects();
        arguments.example("cmq queue show orders -o json",
                          "counts and attributes as one JSON object; durations in seconds");
    }

    Status run(Context& context) override {
        const auto form = CMQ_TRY(context.form());
        auto client = CMQ_TRY(context.connect());
        const auto details = CMQ_TRY(explain(client, "show", queue, client.queue(queue)));
        print(context.out, record_of(details), form);
        return {};
    }
};

}  // namespace

MadeCommand make_queue_show() { return std::make_unique<QueueShow>(); }

}  // namespace cmq::cmd
