// `cmq queue purge`: Delete every message of a queue, rewindable ones too.
#include "cmd/commands.h"
#include "cmd/queue_errors.h"

namespace cmq::cmd {
namespace {

struct QueuePurge final : Command {
    QueuePurge() : Command("queue purge", "Delete every message of a queue, rewindable ones too") {}
    std::string queue;
    bool is_sure = false;

    void describe(Arguments& arguments) override {
        arguments.required("queue", queue, "its name").offers(Offer::queue);
        arguments.flag("--yes", is_sure, "do not ask, even on a terminal");
        arguments.connects();
        arguments.example("cmq queue purge orders --yes",
                          "an empty queue with the same attributes");
    }

    Status run(Context& context) override {
        auto client = CMQ_TRY(context.connect());
        if (!is_sure) CMQ_TRY(context.confirm("Delete all messages of queue \"" + queue + "\"?"));
        CMQ_TRY(explain(client, "purge", queue, client.purge_queue(queue)));
        context.out << "purged " << queue << '\n';
        return {};
    }
};

}  // namespace

MadeCommand make_queue_purge() { return std::make_unique<QueuePurge>(); }

}  // namespace cmq::cmd
