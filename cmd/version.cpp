// `cmq version` says which cmq this is.
#include "cmd/commands.h"
#include "cmd/print.h"

namespace cmq::cmd {
namespace {

struct Version final : Command {
    Version() : Command("version", "Print the version") {}

    void describe(Arguments& arguments) override {
        arguments.output({Format::plain, Format::json});
        arguments.example("cmq version -o json", "for programs");
    }

    Status run(Context& context) override {
        if (CMQ_TRY(context.format()) == Format::json) {
            const Column column{"cmq", "cmq"};
            print(context.out, Record{{{column, std::string(version())}}}, Format::json);
        } else {
            context.out << "cmq " << version() << '\n';
        }
        return {};
    }
};

}  // namespace

std::string_view version() { return "0.1.0"; }

MadeCommand make_version() { return std::make_unique<Version>(); }

}  // namespace cmq::cmd
