// `cmq context list` lists the brokers that are remembered.
#include "cmd/commands.h"
#include "cmd/context/user_contexts.h"
#include "cmd/print.h"

namespace cmq::cmd {
namespace {

const std::vector<Column> columns{
    {"context", "CONTEXT"}, {"endpoint", "ENDPOINT"}, {"in_use", "IN USE"}};

struct ContextList final : Command {
    ContextList() : Command("context list", "List the brokers that are remembered") {}

    void describe(Arguments& arguments) override {
        arguments.output({Format::table, Format::plain, Format::json, Format::ndjson},
                         keys_of(columns));
        arguments.example("cmq context list", "which are there, and which is in use");
    }

    Status run(Context& context) override {
        const auto form = CMQ_TRY(context.form());
        const auto user = CMQ_TRY(read_user_contexts());
        Table table{"contexts", columns, {}};
        for (const auto& known : user.contexts.all)
            table.rows.push_back({known.name, known.endpoint, known.name == user.contexts.current});
        print(context.out, table, form);
        return {};
    }
};

}  // namespace

MadeCommand make_context_list() { return std::make_unique<ContextList>(); }

}  // namespace cmq::cmd
