// `cmq help` explains a command, like its --help.
#include <algorithm>

#include "cmd/commands.h"
#include "cmd/help_text.h"
#include "cmd/nearest.h"

namespace cmq::cmd {
namespace {

struct Help final : Command {
    Help() : Command("help", "Explain a command") {}
    std::string noun, verb;

    void describe(Arguments& arguments) override {
        arguments.optional("command", noun, "without one, all are listed");
        arguments.optional("verb", verb, "the second word of a command");
        arguments.example("cmq help queue create", "the same as cmq queue create --help");
    }

    Status run(Context& context) override {
        const auto color = context.color_for(context.reader_of_out());
        if (noun.empty()) {
            context.out << overview(context.commands, color);
            return {};
        }
        const auto wanted = verb.empty() ? noun : noun + ' ' + verb;
        std::vector<std::string> paths;
        for (const auto& command : context.commands) {
            paths.push_back(command->path);
            if (command->path != wanted && command->alias != wanted) continue;
            context.out << help_text(*command, cmd::describe(*command), color);
            return {};
        }
        return help_group(context, wanted, paths);
    }

    static Status help_group(Context& context, const std::string& group,
                             const std::vector<std::string>& paths) {
        const auto color = context.color_for(context.reader_of_out());
        const auto belongs = [&](const auto& known) { return known.starts_with(group + ' '); };
        if (std::any_of(paths.begin(), paths.end(), belongs)) {
            context.out << group_help(context.commands, group, color);
            return {};
        }
        auto text = "there is no command \"" + group + '"';
        if (const auto meant = nearest(group, paths)) text += "; did you mean \"" + *meant + "\"?";
        return fail(Code::invalid, text);
    }
};

}  // namespace

MadeCommand make_help() { return std::make_unique<Help>(); }

}  // namespace cmq::cmd
