// `cmq context check` tries whether a broker answers to its key.
#include "cmd/commands.h"
#include "cmd/print.h"

namespace cmq::cmd {
namespace {

Record record_of(const std::string& endpoint, std::uint64_t queues) {
    return {{{{"endpoint", "ENDPOINT"}, endpoint}, {{"queues", "QUEUES"}, queues}}};
}

struct ContextCheck final : Command {
    ContextCheck() : Command("context check", "Try whether the broker answers to the key") {}

    void describe(Arguments& arguments) override {
        arguments.about(
            "Exit status 0: all is well; 6: the key is not accepted; 9: no connection, or TLS.");
        arguments.output({Format::plain, Format::json}, keys_of(record_of({}, 0)));
        arguments.connects();
        arguments.example("cmq context check", "before a script relies on it");
    }

    Status run(Context& context) override {
        const auto form = CMQ_TRY(context.form());
        const auto settings = CMQ_TRY(context.settings());
        auto client = CMQ_TRY(context.connect());
        const auto queues = CMQ_TRY(client.list_queues("", 0, 1));
        const auto endpoint = settings.value(config::setting::endpoint);
        const auto sentence = "ok: " + endpoint + ", " + std::to_string(queues.total) +
                              (queues.total == 1 ? " queue" : " queues");
        print(context.out, sentence, record_of(endpoint, queues.total), form);
        return {};
    }
};

}  // namespace

MadeCommand make_context_check() { return std::make_unique<ContextCheck>(); }

}  // namespace cmq::cmd
