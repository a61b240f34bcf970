// `cmq queue delete`: Delete a queue with all its messages.
#include "cmd/commands.h"
#include "cmd/queue/emptying.h"

namespace cmq::cmd {
namespace {

struct QueueDelete final : Command {
    QueueDelete() : Command("queue delete", "Delete a queue with all its messages") {}
    QueueEmptying emptying{"Delete queue", "delete", "deleted", &client::Client::delete_queue};

    void describe(Arguments& arguments) override {
        emptying.describe(arguments);
        arguments.example("cmq queue delete orders --yes", "without a question");
    }

    Status run(Context& context) override { return emptying.run(context); }
};

}  // namespace

MadeCommand make_queue_delete() { return std::make_unique<QueueDelete>(); }

}  // namespace cmq::cmd
