// `cmq queue list` lists queues by name.
#include "cmd/commands.h"
#include "cmd/print.h"

namespace cmq::cmd {
namespace {

const std::vector<Column> columns{{"queue", "QUEUE"}, {"id", "ID"}};

struct QueueList final : Command {
    QueueList() : Command("queue list", "List queues") {}
    std::string search;

    void describe(Arguments& arguments) override {
        arguments.optional("search", search, "a part of the name, any case; without it, all");
        arguments.output({Format::table, Format::plain, Format::json, Format::ndjson},
                         keys_of(columns));
        arguments.connects();
        arguments.example("cmq queue list -o plain", "one name a line");
    }

    Status run(Context& context) override {
        const auto form = CMQ_TRY(context.form());
        auto client = CMQ_TRY(context.connect());
        const auto queues = CMQ_TRY(client.all_queues(search));
        Table table{"queues", columns, {}};
        for (const auto& queue : queues) table.rows.push_back({queue.name, queue.id});
        print(context.out, table, form);
        return {};
    }
};

}  // namespace

MadeCommand make_queue_list() { return std::make_unique<QueueList>(); }

}  // namespace cmq::cmd
