// `cmq config explain` says where each setting comes from.
#include "cmd/commands.h"
#include "cmd/print.h"

namespace cmq::cmd {
namespace {

const std::vector<Column> columns{{"setting", "SETTING"}, {"value", "VALUE"}, {"origin", "ORIGIN"}};

struct ConfigExplain final : Command {
    ConfigExplain() : Command("config explain", "Where each setting comes from") {}

    void describe(Arguments& arguments) override {
        arguments.about(
            "A flag beats the environment, that the project file .cmq.yaml (here or above), that\n"
            "the user's contexts, those the defaults. A context stands as high as whoever named\n"
            "it. Secrets are not printed.");
        arguments.output({Format::table, Format::plain, Format::json}, keys_of(columns));
        arguments.connects();
        arguments.example("cmq config explain", "why does it talk to that broker?");
    }

    Status run(Context& context) override {
        const auto form = CMQ_TRY(context.form());
        const auto settings = CMQ_TRY(context.settings());
        Table table{"settings", columns, {}, 3};
        for (const auto& known : settings.all()) {
            const bool is_secret = known.name == config::setting::secret_key;
            table.rows.push_back(
                {known.name, is_secret ? std::string("(set)") : known.value, known.origin});
        }
        const auto add_default = [&](std::string_view name, std::string_view value) {
            if (!settings.find(name))
                table.rows.push_back({std::string(name), std::string(value), "default"});
        };
        add_default(config::setting::output, name_of(form.format));
        add_default(config::setting::color, "auto");
        print(context.out, table, form);
        return {};
    }
};

}  // namespace

MadeCommand make_config_explain() { return std::make_unique<ConfigExplain>(); }

}  // namespace cmq::cmd
