// `cmq context check` tries whether a broker answers to its key.
#include "cmd/commands.h"

namespace cmq::cmd {
namespace {

struct ContextCheck final : Command {
    ContextCheck() : Command("context check", "Try whether the broker answers to the key") {}

    void describe(Arguments& arguments) override {
        arguments.about(
            "Exit status 0: all is well; 6: the key is not accepted; 9: no connection, or TLS.");
        arguments.connects();
        arguments.example("cmq context check --context prod", "before a script relies on it");
    }

    Status run(Context& context) override {
        const auto settings = CMQ_TRY(context.settings());
        auto client = CMQ_TRY(context.connect());
        const auto queues = CMQ_TRY(client.list_queues("", 0, 1));
        context.out << "ok: " << settings.value(config::setting::endpoint) << ", " << queues.total
                    << " queues\n";
        return {};
    }
};

}  // namespace

MadeCommand make_context_check() { return std::make_unique<ContextCheck>(); }

}  // namespace cmq::cmd
