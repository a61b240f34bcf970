// `cmq release` gives a received message back at once.
#include "cmd/commands.h"
#include "cmd/queue_errors.h"

namespace cmq::cmd {
namespace {

struct Release final : Command {
    Release() : Command("release", "Give a received message back, to be received again at once") {}
    std::string queue;
    std::vector<std::string> handles;

    void describe(Arguments& arguments) override {
        arguments.required("queue", queue, "its name").offers(Offer::queue);
        arguments.rest("handle", handles, "as cmq receive --no-ack -o json prints it");
        arguments.connects();
        arguments.example(
            "cmq release orders $(cmq receive orders --no-ack -o 'template={handle}')",
            "another consumer may have it");
    }

    Status run(Context& context) override {
        auto client = CMQ_TRY(context.connect());
        for (const auto& handle : handles)
            CMQ_TRY(explain(client, "release a message of", queue,
                            client.change_visibility(queue, handle, std::chrono::seconds{0})));
        return {};
    }
};

}  // namespace

MadeCommand make_release() { return std::make_unique<Release>(); }

}  // namespace cmq::cmd
