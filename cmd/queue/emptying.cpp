#include "cmd/queue/emptying.h"

#include "cmd/queue_errors.h"

namespace cmq::cmd {

void QueueEmptying::describe(Arguments& arguments) {
    arguments.required("queue", queue, "its name").offers(Offer::queue);
    arguments.flag("--yes", is_sure, "do not ask, even on a terminal");
    arguments.connects();
}

Status QueueEmptying::run(Context& context) const {
    auto client = CMQ_TRY(context.connect());
    if (!is_sure) CMQ_TRY(context.confirm(question + " \"" + queue + "\"?"));
    CMQ_TRY(explain(client, attempt, queue, (client.*call)(queue)));
    context.out << done << ' ' << queue << '\n';
    return {};
}

}  // namespace cmq::cmd
