// `cmq extend` keeps a received message hidden for longer.
#include "base/text.h"
#include "broker/limits.h"
#include "cmd/commands.h"
#include "cmd/print.h"
#include "cmd/queue_errors.h"

namespace cmq::cmd {
namespace {

Record record_of(const std::string& queue, const std::string& handle, Stamp visible) {
    return {{{{"queue", "QUEUE"}, queue},
             {{"handle", "HANDLE"}, handle},
             {{"next_visible", "NEXT VISIBLE"}, visible}}};
}

struct Extend final : Command {
    Extend() : Command("extend", "Keep a received message hidden for longer") {}
    std::string queue;
    std::string handle;
    std::chrono::seconds hide_for{30};

    void describe(Arguments& arguments) override {
        arguments.about(
            "The time counts from now. Prints when the message comes again. To give it back at "
            "once: cmq release.");
        arguments.queue(queue);
        arguments.required("handle", handle, "as cmq receive --no-ack -o json prints it");
        arguments.option("--for", hide_for, "how long from now",
                         seconds_within(broker::visibility_timeout));
        arguments.output({Format::plain, Format::json}, keys_of(record_of({}, {}, {})));
        arguments.connects();
        arguments.example(
            "cmq extend orders --for 5m $(cmq receive orders --no-ack -o 'template={handle}')",
            "its work will take longer");
    }

    Status run(Context& context) override {
        const auto form = CMQ_TRY(context.form());
        auto client = CMQ_TRY(context.connect());
        const auto visible = CMQ_TRY(explain(client, "extend a message of", queue,
                                             client.change_visibility(queue, handle, hide_for)));
        print(context.out, to_rfc3339(visible), record_of(queue, handle, visible), form);
        return {};
    }
};

}  // namespace

MadeCommand make_extend() { return std::make_unique<Extend>(); }

}  // namespace cmq::cmd
