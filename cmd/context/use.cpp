// `cmq context use` chooses the broker that commands talk to.
#include "cmd/commands.h"
#include "cmd/context/user_contexts.h"

namespace cmq::cmd {
namespace {

struct ContextUse final : Command {
    ContextUse() : Command("context use", "Choose the broker that commands talk to") {}
    std::string name;

    void describe(Arguments& arguments) override {
        arguments.required("name", name, "a context, see cmq context list").offers(Offer::context);
        arguments.example("cmq context use prod", "from now on");
    }

    Status run(Context& context) override {
        auto user = CMQ_TRY(read_user_contexts());
        user.contexts.current = CMQ_TRY(user.find(name)).name;
        CMQ_TRY(config::write_contexts(user.file, user.contexts));
        context.out << "using " << name << '\n';
        return {};
    }
};

}  // namespace

MadeCommand make_context_use() { return std::make_unique<ContextUse>(); }

}  // namespace cmq::cmd
