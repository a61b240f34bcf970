// `cmq release` gives a received message back at once.
#include "cmd/commands.h"
#include "cmd/print.h"
#include "cmd/queue_errors.h"

namespace cmq::cmd {
namespace {

Record record_of(const std::string& queue, std::uint64_t released) {
    return {{{{"queue", "QUEUE"}, queue}, {{"released", "RELEASED"}, released}}};
}

struct Release final : Command {
    Release() : Command("release", "Give a received message back, to be received again at once") {}
    std::string queue;
    std::vector<std::string> handles;

    void describe(Arguments& arguments) override {
        arguments.queue(queue);
        arguments.rest("handle", handles, "as cmq receive --no-ack -o json prints it");
        arguments.output({Format::plain, Format::json}, keys_of(record_of({}, 0)));
        arguments.connects();
        arguments.example(
            "cmq release orders $(cmq receive orders --no-ack -o 'template={handle}')",
            "another consumer may have it");
    }

    Status run(Context& context) override {
        const auto form = CMQ_TRY(context.form());
        auto client = CMQ_TRY(context.connect());
        for (const auto& handle : handles)
            CMQ_TRY(explain(client, "release a message of", queue,
                            client.change_visibility(queue, handle, std::chrono::seconds{0})));
        print(context.out, "released " + counted(handles.size(), "message"),
              record_of(queue, handles.size()), form);
        return {};
    }
};

}  // namespace

MadeCommand make_release() { return std::make_unique<Release>(); }

}  // namespace cmq::cmd
