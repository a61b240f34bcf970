// `cmq repair` says what a damaged data directory would have to give up, and does it when told to.
#include "cmd/commands.h"
#include "node/offline.h"

namespace cmq::cmd {
namespace {

struct Repair final : Command {
    Repair() : Command("repair", "Say what a damaged log must give up; do it when told to") {}
    std::filesystem::path data;
    bool apply = false;

    void describe(Arguments& arguments) override {
        arguments.about(
            "Changes nothing without --apply. Damaged files are moved to log/damaged, never "
            "deleted. Exit status 0: nothing is damaged, or it was repaired.");
        arguments.required("dir", data, "data directory of a broker that is not running")
            .offers(Offer::directory);
        arguments.flag("--apply", apply, "do what is said, and give up what is named");
        arguments.example("cmq repair ~/.local/state/cmq/dev", "what would be given up?");
        arguments.example("cmq repair ~/.local/state/cmq/dev --apply", "give it up");
    }

    Status run(Context& context) override {
        const auto files = store::system_files();
        const auto plan = CMQ_TRY(node::plan_repair(*files, data));
        if (plan.steps.empty()) {
            context.out << "nothing to repair\n";
            return context.flush();
        }
        context.out << plan.text();
        CMQ_TRY(context.flush());
        if (!apply)
            return fail(Code::corrupt,
                        "nothing was changed. To give up what is named above: cmq repair " +
                            data.string() + " --apply");
        CMQ_TRY(node::apply_repair(*files, data, plan));
        context.err << "cmq: repaired; the damaged files are in "
                    << (data / "log" / "damaged").string() << '\n';
        return {};
    }
};

}  // namespace

MadeCommand make_repair() { return std::make_unique<Repair>(); }

}  // namespace cmq::cmd
