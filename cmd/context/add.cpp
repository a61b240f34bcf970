// `cmq context add` remembers a broker under a name.
#include "client/endpoint.h"
#include "cmd/commands.h"
#include "cmd/context/user_contexts.h"

namespace cmq::cmd {
namespace {

namespace fs = std::filesystem;

std::string absolute(const std::string& path) {
    return path.empty() ? path : fs::absolute(path).lexically_normal().string();
}

struct ContextAdd final : Command {
    ContextAdd() : Command("context add", "Remember a broker under a name") {}
    std::string name;
    bool replaces = false;
    bool uses = false;

    void describe(Arguments& arguments) override {
        arguments.about(
            "The address and the key come from the options below or the environment, as for any\n"
            "command, but from another context only when --context names it. A key given as "
            "CMQ_SECRET_KEY is copied into the user's file (mode 0600),\n"
            "a key file only by its path.");
        arguments.required("name", name, "letters, digits, '-', '_' and '.'");
        arguments.flag("--replace", replaces, "take the place of a context of that name");
        arguments.flag("--use", uses, "make it the one that commands talk to");
        arguments.connects();
        arguments.example(
            "cmq context add prod --endpoint https://cmq.example.org:7800 "
            "--secret-id AKID1 --secret-key-file ~/.cmq-key --use",
            "all later commands talk to it");
    }

    Status run(Context& context) override {
        namespace setting = config::setting;
        CMQ_TRY(config::check_context_name(name));
        auto user = CMQ_TRY(read_user_contexts());
        if (user.contexts.find(name) && !replaces)
            return fail(Code::exists, "context \"" + name + "\" exists already; --replace it");
        const auto settings = CMQ_TRY(context.settings(config::ContextFrom::flag));
        config::NamedContext made;
        made.name = name;
        made.endpoint = settings.value(setting::endpoint);
        made.ca_file = absolute(settings.value(setting::ca_file));
        made.secret_id = settings.value(setting::secret_id);
        made.secret_key_file = absolute(settings.value(setting::secret_key_file));
        if (made.secret_key_file.empty()) made.secret_key = settings.value(setting::secret_key);
        if (made.endpoint.empty()) return fail(Code::invalid, "--endpoint is missing");
        CMQ_TRY(client::parse_endpoints(made.endpoint));
        const bool has_key = !made.secret_key.empty() || !made.secret_key_file.empty();
        if (made.secret_id.empty() || !has_key)
            return fail(Code::invalid,
                        "--secret-id and --secret-key-file (or CMQ_SECRET_KEY) are needed");
        user.contexts.put(std::move(made));
        if (uses || user.contexts.current.empty()) user.contexts.current = name;
        CMQ_TRY(config::write_contexts(user.file, user.contexts));
        context.out << "added " << name << '\n';
        return {};
    }
};

}  // namespace

MadeCommand make_context_add() { return std::make_unique<ContextAdd>(); }

}  // namespace cmq::cmd
