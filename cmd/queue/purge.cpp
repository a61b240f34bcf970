// `cmq queue purge`: Delete every message of a queue, rewindable ones too.
#include "cmd/commands.h"
#include "cmd/queue/emptying.h"

namespace cmq::cmd {
namespace {

struct QueuePurge final : Command {
    QueuePurge() : Command("queue purge", "Delete every message of a queue, rewindable ones too") {}
    QueueEmptying emptying{"Purge queue", "purge", "purged", &client::Client::purge_queue};

    void describe(Arguments& arguments) override {
        emptying.describe(arguments);
        arguments.example("cmq queue purge orders --yes",
                          "an empty queue with the same attributes");
    }

    Status run(Context& context) override { return emptying.run(context); }
};

}  // namespace

MadeCommand make_queue_purge() { return std::make_unique<QueuePurge>(); }

}  // namespace cmq::cmd
