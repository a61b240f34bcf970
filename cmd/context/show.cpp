// `cmq context show` prints what is remembered about a broker.
#include "cmd/commands.h"
#include "cmd/context/user_contexts.h"
#include "cmd/print.h"
#include "config/files.h"

namespace cmq::cmd {
namespace {

struct ContextShow final : Command {
    ContextShow() : Command("context show", "Print what is remembered about a broker") {}
    std::string name;
    bool reveals = false;

    void describe(Arguments& arguments) override {
        arguments.optional("name", name, "a context; without it, the one in use")
            .offers(Offer::context);
        arguments.flag("--reveal", reveals, "print the secret key, too");
        arguments.output({Format::table, Format::plain, Format::json});
        arguments.example("cmq context show dev --reveal -o json", "what an SDK must be told");
    }

    Status run(Context& context) override {
        const auto format = CMQ_TRY(context.format());
        const auto user = CMQ_TRY(read_user_contexts());
        const auto known = CMQ_TRY(user.find(name));
        Record record{{{{"context", "context"}, known.name},
                       {{"endpoint", "endpoint"}, known.endpoint},
                       {{"ca_file", "CA file"}, known.ca_file},
                       {{"secret_id", "secret id"}, known.secret_id},
                       {{"secret_key_file", "secret key file"}, known.secret_key_file}}};
        if (reveals)
            record.fields.push_back(
                {{"secret_key", "secret key"}, CMQ_TRY(secret_key(user.file, known))});
        print(context.out, record, format);
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
