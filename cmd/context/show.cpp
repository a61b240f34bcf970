// `cmq context show` prints what is remembered about a broker.
#include "cmd/commands.h"
#include "cmd/context/user_contexts.h"
#include "cmd/print.h"
#include "config/files.h"

namespace cmq::cmd {
namespace {

const Column secret_column{"secret_key", "secret key"};

Record record_of(const config::NamedContext& known) {
    return {{{{"context", "context"}, known.name},
             {{"endpoint", "endpoint"}, known.endpoint},
             {{"ca_file", "CA file"}, known.ca_file},
             {{"secret_id", "secret id"}, known.secret_id},
             {{"secret_key_file", "secret key file"}, known.secret_key_file}}};
}

struct ContextShow final : Command {
    ContextShow() : Command("context show", "Print what is remembered about a broker") {}
    std::string name;
    bool reveals = false;

    void describe(Arguments& arguments) override {
        arguments.optional("name", name, "a context; without it, the one in use")
            .offers(Offer::context);
        arguments.flag("--reveal", reveals, "print the secret key, too");
        auto keys = keys_of(record_of({}));
        keys.push_back(secret_column.key);
        arguments.output({Format::table, Format::plain, Format::json}, std::move(keys));
        arguments.example("cmq context show dev --reveal -o json", "what an SDK must be told");
    }

    Status run(Context& context) override {
        const auto form = CMQ_TRY(context.form());
        const auto user = CMQ_TRY(read_user_contexts());
        const auto known = CMQ_TRY(user.find(name));
        auto record = record_of(known);
        if (reveals) {
            const auto secret = CMQ_TRY(secret_key(user.file, known));
            record.fields.emplace_back(secret_column, secret);
        }
        print(context.out, record, form);
        return {};
    }

    static Result<std::string> secret_key(const std::filesystem::path& file,
                                          const config::NamedContext& known) {
        if (!known.secret_key.empty()) return known.secret_key;
        return config::read_secret(file.parent_path() / known.secret_key_file);
    }
};

}  // namespace

MadeCommand make_context_show() { return std::make_unique<ContextShow>(); }

}  // namespace cmq::cmd
