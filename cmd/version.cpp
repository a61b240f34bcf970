// `cmq version` says which cmq this is.
#include "cmd/commands.h"
#include "cmd/print.h"

namespace cmq::cmd {
namespace {

Record record() { return {{{{"cmq", "cmq"}, std::string(version())}}}; }

struct Version final : Command {
    Version() : Command("version", "Print the version") {}

    void describe(Arguments& arguments) override {
        arguments.output({Format::plain, Format::json}, keys_of(record()));
        arguments.example("cmq version -o json", "for programs");
    }

    Status run(Context& context) override {
        const auto form = CMQ_TRY(context.form());
        print(context.out, "cmq " + std::string(version()), record(), form);
        return {};
    }
};

}  // namespace

std::string_view version() { return "0.1.0"; }

MadeCommand make_version() { return std::make_unique<Version>(); }

}  // namespace cmq::cmd
