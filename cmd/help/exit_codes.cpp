// `cmq help exit-codes` prints what the exit statuses mean.
#include "cmd/exit_codes.h"

#include "cmd/commands.h"
#include "cmd/print.h"

namespace cmq::cmd {
namespace {

const std::vector<Column> columns{{"status", "STATUS"}, {"meaning", "MEANING"}};

struct HelpExitCodes final : Command {
    HelpExitCodes() : Command("help exit-codes", "Print what the exit statuses mean") {}

    void describe(Arguments& arguments) override {
        arguments.about("They are stable: scripts may rely on them.");
        arguments.output({Format::table, Format::plain, Format::json}, keys_of(columns));
        arguments.example("cmq help exit-codes -o json", "for programs");
    }

    Status run(Context& context) override {
        Table table{"exit_codes", columns, {}, 2};
        for (const auto& code : exit_codes)
            table.rows.push_back({std::int64_t{code.status}, std::string(code.meaning)});
        const auto form = CMQ_TRY(context.form());
        print(context.out, table, form);
        return {};
    }
};

}  // namespace

MadeCommand make_help_exit_codes() { return std::make_unique<HelpExitCodes>(); }

}  // namespace cmq::cmd
