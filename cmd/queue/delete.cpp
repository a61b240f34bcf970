// `cmq queue delete`: Delete a queue with all its messages.
#include "cmd/commands.h"
#include "cmd/queue_errors.h"

namespace cmq::cmd {
namespace {

struct QueueDelete final : Command {
    QueueDelete() : Command("queue delete", "Delete a queue with all its messages") {}
    std::string queue;
    bool is_sure = false;

    void describe(Arguments& arguments) override {
        arguments.required("queue", queue, "its name").offers(Offer::queue);
        arguments.flag("--yes", is_sure, "do not ask, even on a terminal");
        arguments.connects();
        arguments.example("cmq queue delete orders --yes", "without a question");
    }

    Status run(Context& context) override {
        auto client = CMQ_TRY(context.connect());
        if (!is_sure) CMQ_TRY(context.confirm("Delete queue \"" + queue + "\"?"));
        CMQ_TRY(explain(client, "delete", queue, client.delete_queue(queue)));
        context.out << "deleted " << queue << '\n';
        return {};
    }
};

}  // namespace

MadeCommand make_queue_delete() { return std::make_unique<QueueDelete>(); }

}  // namespace cmq::cmd
