// Completions for fish. Queue names come from the broker itself, which answers in milliseconds.
#include "cmd/docs/shell_words.h"

namespace cmq::cmd {
namespace {

std::string fish_action(const Argument& argument) {
    if (!argument.choices.empty()) return " -xa " + in_quotes(joined(argument.choices, ' '));
    switch (argument.offer) {
        case Offer::file:
            return " -rF";
        case Offer::directory:
            return " -xa '(__fish_complete_directories)'";
        case Offer::queue:
            return " -xa '(cmq queue list -o plain 2>/dev/null)'";
        case Offer::context:
            return " -xa '(cmq context list -o plain 2>/dev/null)'";
        case Offer::nothing:
            return " -x";
    }
    return " -x";
}

std::string fish_arguments(const Described& described, const std::string& path) {
    const auto begin = "complete -c cmq -n " + in_quotes("__cmq_begins " + path);
    std::string text;
    for (const auto& argument : described.arguments.all()) {
        const auto help = " -d " + in_quotes(argument.help) + '\n';
        if (argument.kind == Argument::Kind::positional) continue;
        text += begin + " -l " + argument.name.substr(2);
        if (!argument.letter.empty()) text += " -s " + argument.letter.substr(1);
        text += (argument.kind == Argument::Kind::flag ? "" : fish_action(argument)) + help;
    }
    const auto* positional = first_positional(described.arguments);
    if (positional && positional->offer != Offer::nothing)
        text += begin + fish_action(*positional) + '\n';
    return text;
}

/// One word that may follow `path`.
std::string fish_word(const std::string& path, const std::string& word, const std::string& help) {
    return "complete -c cmq -n " + in_quotes("__cmq_is " + path) + " -a " + word + " -d " +
           in_quotes(help) + '\n';
}

std::string fish_words(const Commands& commands) {
    std::string text;
    for (const auto& word : first_words(commands))
        text += fish_word({}, word, summary_of(commands, word));
    for (const auto& command : commands) {
        const auto blank = command->path.find(' ');
        if (blank == command->path.npos) continue;
        text += fish_word(command->path.substr(0, blank), command->path.substr(blank + 1),
                          command->summary);
    }
    return text;
}

}  // namespace

Page fish_page(const Commands& commands) {
    std::string text = std::string(completions_note) +
                       "# Whether the words before the cursor begin with these.\n"
                       "function __cmq_begins\n"
                       "    set -l words (commandline -opc)\n"
                       "    set -l last (math (count $argv) + 1)\n"
                       "    test \"$words[2..$last]\" = \"$argv\"\n"
                       "end\n"
                       "# Whether they are these.\n"
                       "function __cmq_is\n"
                       "    set -l words (commandline -opc)\n"
                       "    test \"$words[2..]\" = \"$argv\"\n"
                       "end\n"
                       "complete -c cmq -f\n" +
                       fish_words(commands);
    for (const auto& described : describe_all(commands)) {
        text += fish_arguments(described, described.command->path);
        if (!described.command->alias.empty())
            text += fish_arguments(described, described.command->alias);
    }
    return {"cmq.fish", text};
}

}  // namespace cmq::cmd
