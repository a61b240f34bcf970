#include "cmd/queue/emptying.h"

#include "cmd/print.h"
#include "cmd/queue_errors.h"

namespace cmq::cmd {
namespace {

Record record_of(const std::string& queue) { return {{{{"queue", "QUEUE"}, queue}}}; }

}  // namespace

void QueueEmptying::describe(Arguments& arguments) {
    arguments.queue(queue);
    arguments.flag("--yes", is_sure, "do not ask, even on a terminal");
    arguments.output({Format::plain, Format::json}, keys_of(record_of({})));
    arguments.connects();
}

/// Nobody should be asked about a queue that is not there, or without knowing what would be lost.
Status QueueEmptying::ask(const Context& context, client::Client& client) const {
    const auto details = CMQ_TRY(explain(client, attempt, queue, client.queue(queue)));
    const auto count = details.active + details.inactive + details.delayed;
    return context.confirm(question + " \"" + queue + "\" with " + counted(count, "message") + '?');
}

Status QueueEmptying::run(Context& context) const {
    const auto form = CMQ_TRY(context.form());
    auto client = CMQ_TRY(context.connect());
    if (!is_sure && context.can_ask()) CMQ_TRY(ask(context, client));
    CMQ_TRY(explain(client, attempt, queue, (client.*call)(queue)));
    print(context.out, done + ' ' + queue, record_of(queue), form);
    return {};
}

}  // namespace cmq::cmd
